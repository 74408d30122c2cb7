//! Erlang's C and the sizes that follow from it.

use std::f64::consts::{PI, SQRT_2};

/// The share of arrivals that have to wait with `servers` servers and an offered load of `load` servers, in M/M/c.
///
/// 1 where the servers do not suffice. By the recursion of Erlang's B, which loses no digits:
///
/// ```text
/// B(0) = 1,  B(c) = a B(c − 1) / (c + a B(c − 1)),  C = c B / (c − a (1 − B))
/// ```
///
/// Source: Cooper, "Introduction to Queueing Theory" (2nd ed., 1981), ch. 3.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let mut blocking = 1.0;
    for servers in 1..=servers {
        blocking = load * blocking / (f64::from(servers) + load * blocking);
    }
    wait_share(servers, load, blocking)
}

/// The fewest servers of which at most this share of arrivals has to wait for one.
pub fn servers(load: f64, share: f64) -> u32 {
    let mut blocking = 1.0;
    let mut servers = 0;
    // No more than the load and ten times its square root: beyond that nothing waits.
    let most = load + 10.0 * load.sqrt() + 100.0;
    while wait_share(servers, load, blocking) > share && f64::from(servers) < most {
        servers += 1;
        blocking = load * blocking / (f64::from(servers) + load * blocking);
    }
    servers.max(1)
}

fn wait_share(servers: u32, load: f64, blocking: f64) -> f64 {
    let servers = f64::from(servers);
    if load >= servers {
        return 1.0;
    }
    servers * blocking / (servers - load * (1.0 - blocking))
}

/// The β of square-root staffing, `c = a + β √a`, at which this share of arrivals waits.
///
/// Solves `1 / (1 + β Φ(β) / φ(β)) = share`, from 0 exclusive to 1 exclusive, by bisection.
/// Source: Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers" (1981).
pub fn square_root_beta(share: f64) -> f64 {
    let cdf = |x: f64| 0.5 * libm::erfc(-x / SQRT_2);
    let pdf = |x: f64| libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt();
    let waits = |beta: f64| 1.0 / (1.0 + beta * cdf(beta) / pdf(beta));
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if waits(middle) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_lets_wait_as_often_as_it_is_busy() {
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        assert!((erlang_c(3, 3.0) - 1.0).abs() < 1e-12);
        // M/M/2 at 0.5 each: 1/3.
        assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_fewest_servers_are_just_enough() {
        for load in [0.1, 1.0, 7.5, 100.0, 1_000.0] {
            for share in [0.01, 0.2, 0.8] {
                let enough = servers(load, share);
                assert!(erlang_c(enough, load) <= share);
                assert!(enough == 1 || erlang_c(enough - 1, load) > share);
            }
        }
        assert_eq!(servers(0.0, 0.2), 1);
    }

    #[test]
    fn beta_is_that_of_halfin_and_whitt() {
        // P(wait) of one half: beta 0.506.
        assert!((square_root_beta(0.5) - 0.506).abs() < 1e-3);
    }
}

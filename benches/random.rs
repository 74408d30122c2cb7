//! What a keyed draw costs: a new key for each draw, as the simulation makes them.

use divan::{Bencher, black_box};
use slotwise::random::{Distribution, EmpiricalMode, Purpose, StreamKey};

/// Draws of one measured pass; the item rate divides by it.
const DRAWS: u64 = 1_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn key_of_one_more_part(bencher: Bencher) {
    let root = StreamKey::root(1, 0);
    bencher
        .counter(DRAWS)
        .bench(|| (0..DRAWS).fold(black_box(root), StreamKey::with));
}

#[divan::bench(args = ["constant", "uniform", "exponential", "normal", "lognormal", "gamma", "weibull", "empirical", "clamped"])]
fn keyed_draw(bencher: Bencher, name: &str) {
    let distribution = example(name);
    let root = StreamKey::root(1, 0);
    bencher.counter(DRAWS).bench(|| {
        let distribution = black_box(&distribution);
        let draw = |part| distribution.sample(&mut root.with(part).stream(Purpose::Duration));
        (0..DRAWS).map(draw).sum::<f64>()
    });
}

#[expect(clippy::unwrap_used, reason = "the examples are valid")]
fn example(name: &str) -> Distribution {
    let recorded = || (1..=1_000).map(f64::from).collect();
    match name {
        "constant" => Distribution::constant(60.0),
        "exponential" => Distribution::exponential(60.0),
        "uniform" => Distribution::from_parameters(name, &[("low", 30.0), ("high", 90.0)]),
        "empirical" => Distribution::empirical(recorded(), EmpiricalMode::Resample),
        "clamped" => Distribution::lognormal(60.0, 30.0)
            .and_then(|family| family.modified(5.0, None, Some(300.0))),
        _ => Distribution::from_parameters(name, &[("mean", 60.0), ("cv", 0.5)]),
    }
    .unwrap()
}

//! Rules that learn: percentiles, concurrency limits, a controller, forecasts and queueing theory.

use serde_json::Value;

use super::{assert_close, number, numbers, sized, wanted, whole};
use crate::policy::decaying_histogram::DecayingHistogram;
use crate::policy::holt_winters::{HoltWinters, Smoothing};
use crate::policy::pid::{Control, Pid};
use crate::policy::staffing::OfferedLoad;
use crate::policy::{
    Aimd, Gradient2, Percentile, PolicySpec, PoolLoad, Staffing, StaffingFormula, Vegas,
};
use crate::stats::erlang::erlang_c;
use crate::time::{SimDuration, SimTime};

/// Whether the case is one of these; it holds then.
pub(super) fn holds(id: &str, case: &Value) -> bool {
    match id {
        "vpa-decay" => decay(case),
        "vpa-margin" => margin(case),
        "aimd-up" | "aimd-hold" => {
            let load = busy(
                whole(case, "/inputs/limit"),
                whole(case, "/inputs/inflight"),
                1,
            );
            assert_eq!(sized(&aimd(), load), whole(case, "/expected/limit"), "{id}");
        }
        "aimd-down" => {
            let limits = numbers(case, "/inputs/limit").into_iter();
            let after = limits.map(|limit| {
                let failing = PoolLoad {
                    failed: 1,
                    ..busy(limit as i64, limit as i64, 1)
                };
                sized(&aimd(), failing) as f64
            });
            assert_eq!(after.collect::<Vec<_>>(), numbers(case, "/expected/limit"));
        }
        "gradient2-idle" | "gradient2-overload" => gradient2(id, case),
        "vegas-100" | "vegas-111" | "vegas-125" => vegas(case),
        "pid-backcalc" => pid(id, case),
        "holt-linear" => holt(id, case),
        "mol-sizing" => modified_offered_load(id, case),
        _ => return false,
    }
    true
}

/// A pool in use, one of whose instances has just ended.
fn busy(slots: i64, running: i64, service_seconds: i64) -> PoolLoad {
    PoolLoad {
        slots,
        running,
        finished: 1,
        mean_service: Some(SimDuration::from_seconds(service_seconds)),
        ..PoolLoad::default()
    }
}

fn aimd() -> PolicySpec {
    PolicySpec::Aimd(Aimd {
        slow: SimDuration::from_seconds(5),
        backoff: 0.9,
    })
}

/// Each cumulative weight is where the percentile goes on to the next bucket.
fn decay(case: &Value) {
    let half_life = SimDuration::from_seconds(3_600 * whole(case, "/inputs/half_life_h"));
    let mut histogram = DecayingHistogram::new(half_life, 1.0, SimTime::default());
    for sample in case["inputs"]["samples"].as_array().unwrap() {
        let at = SimTime::default() + SimDuration::from_seconds(3_600 * whole(sample, "/0"));
        histogram.add(number(sample, "/1"), number(sample, "/2"), at);
    }
    let percentile = |p| histogram.percentile(p).unwrap() as i64;
    for p in [2, 3, 10, 11, 34, 35, 100] {
        let expected = whole(case, &format!("/expected/p{p:02}"));
        assert_eq!(percentile(f64::from(p) / 100.0), expected, "p{p}");
    }
    let cumulative = numbers(case, "/expected/cumulative");
    for (bucket, &share) in cumulative.iter().enumerate() {
        let end = bucket as i64 + 2;
        assert_eq!(percentile(share - 1e-9), end, "just below {share}");
        if share < 1.0 {
            assert_eq!(percentile(share + 1e-9), end + 1, "just above {share}");
        }
    }
    let (weights, total) = (
        numbers(case, "/expected/weights"),
        number(case, "/expected/total"),
    );
    let mut sum = 0.0;
    for (weight, share) in weights.iter().zip(cumulative) {
        sum += weight / total;
        assert_close("vpa-decay", sum, share, 1e-12);
    }
}

fn margin(case: &Value) {
    let rule = Percentile {
        percentile: 0.9,
        margin: number(case, "/inputs/margin"),
        half_life: SimDuration::from_seconds(86_400),
    };
    let mut seen = DecayingHistogram::new(rule.half_life, 1.0, SimTime::default());
    // The bucket of 9 ends at 10.
    seen.add(number(case, "/inputs/p90") - 1.0, 1.0, SimTime::default());
    let [_, target, _] = rule.recommend(&seen, 1e9).unwrap();
    assert_close("vpa-margin", target, number(case, "/expected/target"), 1e-9);
}

fn gradient2(id: &str, case: &Value) {
    let rule = Gradient2 {
        queue: number(case, "/inputs/queue"),
        smoothing: number(case, "/inputs/smoothing"),
        long_window: 600,
        min: 20,
        max: 200,
    };
    let [limit, short, long] =
        ["limit", "short", "long"].map(|name| number(case, &format!("/inputs/{name}")));
    let next = rule.next(limit, short, long);
    assert_close(id, next, number(case, "/expected/limit"), 1e-9);
}

fn vegas(case: &Value) {
    let rule = PolicySpec::Vegas(Vegas {
        max: 1_000,
        probe: 30,
    });
    let load = |service| {
        let (limit, inflight) = (
            whole(case, "/inputs/limit"),
            whole(case, "/inputs/inflight"),
        );
        busy(limit, inflight, service)
    };
    let mut policy = rule.build();
    wanted(&mut *policy, load(whole(case, "/inputs/rtt_noload")));
    let late = load(whole(case, "/inputs/rtt"));
    let limit = wanted(&mut *policy, late).unwrap_or(late.slots);
    assert_eq!(limit, whole(case, "/expected/limit"));
}

fn pid(id: &str, case: &Value) {
    let seconds = |name| SimDuration::from_seconds(whole(case, &format!("/inputs/{name}")));
    let rule = Pid {
        target: 0.8,
        gain: number(case, "/inputs/Kp"),
        integral_time: seconds("Ti_s"),
        derivative_time: seconds("Td"),
        min: whole(case, "/inputs/limits/0") as u32,
        max: whole(case, "/inputs/limits/1") as u32,
        dead_band: 1,
    };
    let mut control = Control::default();
    let expected = case["expected"]["v_u_I"].as_array().unwrap();
    let errors = numbers(case, "/inputs/errors");
    assert_eq!(expected.len(), errors.len());
    for (expected, error) in expected.iter().zip(errors) {
        // The integral is that of before the step.
        assert_close(id, control.integral, number(expected, "/2"), 1e-9);
        let (bias, dt) = (number(case, "/inputs/bias"), number(case, "/inputs/dt_s"));
        let [free, bounded] = control.step(&rule, bias, error, 0.0, dt);
        assert_close(id, free, number(expected, "/0"), 1e-9);
        assert_close(id, bounded, number(expected, "/1"), 1e-9);
    }
}

/// Without a season the method of Holt and Winters is that of Holt.
fn holt(id: &str, case: &Value) {
    let rule = HoltWinters {
        period: SimDuration::from_seconds(86_400),
        bucket: SimDuration::from_seconds(3_600),
        alpha: number(case, "/inputs/alpha"),
        beta: number(case, "/inputs/gamma"),
        gamma: 0.0,
        safety: 0.0,
    };
    let data = numbers(case, "/inputs/data");
    let mut smoothing = Smoothing {
        level: data[0],
        trend: data[1] - data[0],
        season: vec![0.0],
    };
    let fits = numbers(case, "/expected/one_step_fits");
    assert_eq!(fits.len() + 1, data.len());
    for (&seen, fit) in data[1..].iter().zip(fits) {
        assert_close(id, smoothing.forecast(0), fit, 1e-6);
        smoothing.see(&rule, 0, seen);
    }
    assert_close(id, smoothing.level, number(case, "/expected/level"), 1e-6);
    assert_close(id, smoothing.trend, number(case, "/expected/trend"), 1e-6);
    let ahead = |steps: f64| smoothing.level + steps * smoothing.trend;
    assert_close(
        id,
        smoothing.forecast(0),
        number(case, "/expected/forecast_1"),
        1e-6,
    );
    assert_close(id, ahead(5.0), number(case, "/expected/forecast_5"), 1e-6);
}

/// The rate is 20 + 10 sin(2 pi t / 24) an hour. What a policy counts at its looks comes near the integral; from the exact
/// load the slots and the share that waits follow to the last digit that is given.
fn modified_offered_load(id: &str, case: &Value) {
    let service_hours = number(case, "/inputs/mean_service_h");
    let rule = Staffing {
        wait_share: number(case, "/inputs/target_P_wait"),
        formula: StaffingFormula::ErlangC,
        mean_service: Some(SimDuration::from_seconds_f64(3_600.0 * service_hours)),
    };
    let mut memory = OfferedLoad::default();
    let arrived_by = |minute: i32| {
        let hour = f64::from(minute) / 60.0;
        let swing = 10.0 * 12.0 / std::f64::consts::PI;
        // In millionths, so that whole numbers do.
        1e6 * (20.0 * hour - swing * libm::cos(std::f64::consts::PI * hour / 12.0))
    };
    let looks: Vec<f64> = (0..3 * 1_440)
        .map(|minute| {
            let load = PoolLoad {
                time: SimTime::default() + SimDuration::from_seconds(60 * i64::from(minute)),
                arrived: (arrived_by(minute) - arrived_by(minute - 1)) as u64,
                ..PoolLoad::default()
            };
            memory.see(&load, 3_600.0 * service_hours).unwrap_or(0.0) / 1e6
        })
        .collect();
    for (hour, expected) in case["expected"]["at_hour"].as_object().unwrap() {
        let exact = number(expected, "/m");
        let minute = 2 * 1_440 + 60 * hour.parse::<usize>().unwrap();
        assert_close(id, looks[minute], exact, 0.05);
        let slots = rule.slots(exact);
        assert_close(id, slots, number(expected, "/slots"), 1e-9);
        assert_close(id, rule.slots(looks[minute]), slots, 1e-9);
        let waits = erlang_c(slots as u32, exact);
        // The load is rounded in the sixth digit, and so is what follows from it.
        assert_close(id, waits, number(expected, "/P_wait"), 1e-6);
    }
}

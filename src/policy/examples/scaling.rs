//! Rules that scale by what is in use or waits.

use serde_json::Value;

use super::{number, numbers, sized, wanted, whole};
use crate::ids::PoolId;
use crate::policy::{
    Adjustment, BacklogPerSlot, Composer, Guard, GuardSpec, Keda, Largest, Mwaa, Observation,
    PolicySpec, PoolLoad, PoolResize, Signal, Stabilisation, Step, StepEdge, StepLimit,
    TargetTracking, TargetUtilisation, ThresholdSteps,
};
use crate::time::{SimDuration, SimTime};

/// Whether the case is one of these; it holds then.
pub(super) fn holds(id: &str, case: &Value) -> bool {
    match id {
        "hpa-double" | "hpa-halve" | "hpa-tolerance-in" => proportional(case),
        "hpa-scaledown-policies" | "hpa-default-scaleup" => step_limits(case),
        "hpa-stabilisation" => stabilisation(case),
        "keda-celery-0-0" | "keda-celery-1-0" | "keda-celery-20-13" | "keda-celery-0-33" => {
            keda(case);
        }
        "keda-triggerer" => {
            let triggers = whole(case, "/inputs/triggers") as u64;
            let triggerers = Keda::triggerers(triggers, whole(case, "/inputs/capacity") as u32);
            assert_eq!(triggerers as i64, whole(case, "/expected/triggerers"));
        }
        "mwaa-workers" => mwaa(case),
        "mwaa-capacity-guide" => capacity_guide(case),
        "composer-worker-concurrency" => composer(case),
        "step-scaling-sequence" => step_sequence(case),
        "step-scaling-warmup" => step_warm_up(case),
        "step-rounding" => {
            let rounded = numbers(case, "/inputs/values")
                .into_iter()
                .map(|change| Adjustment::Percent(change).of(100) as f64);
            assert_eq!(
                rounded.collect::<Vec<_>>(),
                numbers(case, "/expected/rounded")
            );
        }
        "target-tracking-round" => target_tracking(case),
        "backlog-per-slot" => backlog(case),
        "policy-max-wins" => largest(case),
        _ => return false,
    }
    true
}

fn pool(slots: i64) -> PoolLoad {
    PoolLoad {
        slots,
        ..PoolLoad::default()
    }
}

fn told(slots: i64, utilisation: f64) -> PoolLoad {
    PoolLoad {
        slots,
        ..PoolLoad::of(utilisation)
    }
}

fn proportional(case: &Value) {
    let target = number(case, "/inputs/target");
    let load = told(
        whole(case, "/inputs/current"),
        number(case, "/inputs/metric") / target,
    );
    let rule = PolicySpec::TargetUtilisation(TargetUtilisation::new(1.0));
    assert_eq!(sized(&rule, load), whole(case, "/expected/desired"));
}

/// The size after each period in which the policy asks for `wanted`.
fn course(guard: GuardSpec, period: i64, mut size: i64, wanted: i64, looks: usize) -> Vec<f64> {
    let mut guard = Guard::new(guard);
    let mut sizes = vec![size as f64];
    for look in 1..looks as i64 {
        let seen = seen(period * look, size);
        for resize in guard.admit(&seen, &[wish(wanted)]) {
            guard.decided(seen.time, &resize);
            size = resize.slots;
        }
        sizes.push(size as f64);
    }
    sizes
}

fn seen(second: i64, slots: i64) -> Observation {
    Observation {
        time: SimTime::default() + SimDuration::from_seconds(second),
        pools: vec![(PoolId::new(0), pool(slots))],
    }
}

fn wish(slots: i64) -> PoolResize {
    PoolResize {
        pool: PoolId::new(0),
        slots: slots as f64,
        reason: String::new(),
    }
}

fn step_limits(case: &Value) {
    let (current, desired) = (
        whole(case, "/inputs/current"),
        whole(case, "/inputs/desired"),
    );
    let limit = |slots, percent, seconds| StepLimit {
        slots: Some(slots),
        percent: Some(percent),
        per: SimDuration::from_seconds(seconds),
    };
    let (guard, period, expected) = if desired < current {
        let policies = "/inputs/policies";
        let slots = whole(case, &format!("{policies}/0/value"));
        let percent = number(case, &format!("{policies}/1/value"));
        let guard = GuardSpec {
            step_down: limit(slots as u32, percent, 60),
            ..GuardSpec::default()
        };
        (guard, 60, "/expected/sequence_per_period")
    } else {
        let guard = GuardSpec {
            step_up: limit(4, 100.0, 15),
            ..GuardSpec::default()
        };
        (guard, 15, "/expected/sequence_per_15s")
    };
    let expected = numbers(case, expected);
    assert_eq!(
        course(guard, period, current, desired, expected.len()),
        expected
    );
}

fn stabilisation(case: &Value) {
    let mut guard = Guard::new(GuardSpec {
        stabilisation: Stabilisation {
            up: SimDuration::ZERO,
            down: SimDuration::from_seconds(whole(case, "/inputs/window_s")),
        },
        ..GuardSpec::default()
    });
    let recommendations = case["inputs"]["recommendations"].as_array().unwrap();
    let mut last = None;
    for at in recommendations {
        let (second, size) = (whole(at, "/0"), whole(at, "/1"));
        last = guard.admit(&seen(second, 20), &[wish(size)]).pop();
    }
    let expected = whole(case, "/expected/applied_at_361s");
    assert_eq!(last.map(|resize| resize.slots), Some(expected));
}

fn running_and_queued(case: &Value) -> PoolLoad {
    PoolLoad {
        running: whole(case, "/inputs/running"),
        queued: whole(case, "/inputs/queued"),
        ..pool(1)
    }
}

fn keda(case: &Value) {
    let worker_concurrency = whole(case, "/inputs/worker_concurrency") as u32;
    let rule = PolicySpec::Keda(Keda {
        worker_concurrency,
        min_workers: whole(case, "/inputs/min") as u32,
        max_workers: whole(case, "/inputs/max") as u32,
    });
    let slots = whole(case, "/expected/workers") * i64::from(worker_concurrency);
    assert_eq!(sized(&rule, running_and_queued(case)), slots);
}

fn mwaa(case: &Value) {
    let tasks_per_worker = whole(case, "/inputs/tasks_per_worker") as u32;
    let rule = PolicySpec::Mwaa(Mwaa {
        tasks_per_worker,
        min_workers: whole(case, "/inputs/min") as u32,
        max_workers: whole(case, "/inputs/max") as u32,
    });
    let slots = whole(case, "/expected/workers") * i64::from(tasks_per_worker);
    assert_eq!(sized(&rule, running_and_queued(case)), slots);
}

fn capacity_guide(case: &Value) {
    let (peak, each) = (
        whole(case, "/inputs/peak_tasks") as u32,
        whole(case, "/inputs/tasks_per_worker") as u32,
    );
    let workers = Mwaa::workers_for_peak(peak, each, number(case, "/inputs/buffer"));
    assert_eq!(workers, whole(case, "/expected/workers"));
    let slots = workers * i64::from(each);
    assert_eq!(slots, whole(case, "/expected/slots"));
    let use_at_peak = f64::from(peak) / slots as f64;
    let expected = number(case, "/expected/peak_utilisation");
    super::assert_close("mwaa-capacity-guide", use_at_peak, expected, 5e-7);
}

fn composer(case: &Value) {
    let rule = Composer {
        cpu: number(case, "/inputs/worker_cpu"),
        memory_gb: number(case, "/inputs/worker_mem_gb"),
        min_workers: 1,
        max_workers: 3,
    };
    let expected = whole(case, "/expected/worker_concurrency");
    assert_eq!(i64::from(rule.worker_concurrency()), expected);
}

/// The steps of the guide: bounds in points beyond the threshold, changes in percent.
fn steps() -> PolicySpec {
    let step = |edge, percent| Step {
        edge,
        adjustment: Adjustment::Percent(percent),
    };
    PolicySpec::ThresholdSteps(ThresholdSteps {
        signal: Signal::Demand,
        min_adjustment: 1,
        steps: vec![
            step(StepEdge::Above(0.6), 10.0),
            step(StepEdge::Above(0.7), 30.0),
            step(StepEdge::Below(0.4), -10.0),
            step(StepEdge::Below(0.3), -30.0),
        ],
    })
}

fn step_sequence(case: &Value) {
    let threshold = number(case, "/inputs/threshold");
    let bounds: Vec<f64> = [
        "/inputs/out/1/0",
        "/inputs/out/2/0",
        "/inputs/in_/0/0",
        "/inputs/in_/1/0",
    ]
    .map(|pointer| threshold + number(case, pointer))
    .to_vec();
    assert_eq!(
        bounds,
        [60.0, 70.0, 40.0, 30.0],
        "they are those of `steps`"
    );
    let mut size = whole(case, "/inputs/current");
    let metrics = numbers(case, "/inputs/metric_sequence").into_iter();
    let sizes = metrics.map(|metric| {
        size = sized(&steps(), told(size, metric / 100.0));
        size as f64
    });
    assert_eq!(
        sizes.collect::<Vec<_>>(),
        numbers(case, "/expected/capacity_sequence")
    );
}

/// What is not ready yet does not count for the percentage, but for what is still to be added.
fn step_warm_up(case: &Value) {
    let (ready, desired) = (
        whole(case, "/inputs/current_ready"),
        whole(case, "/inputs/desired"),
    );
    let load = PoolLoad {
        pending: Some(desired),
        ..told(ready, number(case, "/inputs/metric") / 100.0)
    };
    let wanted = wanted(&mut *steps().build(), load).unwrap();
    let seen = Observation {
        time: SimTime::default(),
        pools: vec![(PoolId::new(0), load)],
    };
    let admitted = Guard::new(GuardSpec::default()).admit(&seen, &[wish(wanted)]);
    let expected = whole(case, "/expected/new_desired");
    assert_eq!((admitted[0].from, admitted[0].slots), (desired, expected));
}

fn target_tracking(case: &Value) {
    let rule = PolicySpec::TargetTracking(TargetTracking {
        target: 0.5,
        signal: Signal::Demand,
        out_after: 1,
        in_after: 1,
        in_below: 0.9,
    });
    let change = |pointer| {
        let wanted = 10.0 + number(case, pointer);
        (sized(&rule, told(10, 0.5 * wanted / 10.0)) - 10) as f64
    };
    let expected = ["/expected/out", "/expected/in_"].map(|pointer| number(case, pointer));
    let changes = [
        change("/inputs/fractional_out"),
        change("/inputs/fractional_in"),
    ];
    assert_eq!(changes.to_vec(), expected);
}

fn backlog(case: &Value) {
    let rule = PolicySpec::BacklogPerSlot(BacklogPerSlot {
        acceptable_wait: SimDuration::from_seconds(whole(case, "/inputs/max_latency_s")),
        mean_service: Some(SimDuration::from_seconds_f64(number(
            case,
            "/inputs/mean_service_s",
        ))),
    });
    let slots = whole(case, "/inputs/running_capacity");
    let load = PoolLoad {
        scheduled: whole(case, "/inputs/queue"),
        ..pool(slots)
    };
    assert_eq!(sized(&rule, load), whole(case, "/expected/desired"));
}

fn largest(case: &Value) {
    let change = |pointer: &str| case.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    assert_eq!(change("/inputs/policyA"), "+3");
    assert_eq!(change("/inputs/policyB"), "+200%");
    let step = |adjustment| {
        PolicySpec::ThresholdSteps(ThresholdSteps {
            signal: Signal::Demand,
            min_adjustment: 1,
            steps: vec![Step {
                edge: StepEdge::Above(0.5),
                adjustment,
            }],
        })
    };
    let both = PolicySpec::Largest(Largest {
        of: vec![step(Adjustment::Slots(3)), step(Adjustment::Percent(200.0))],
    });
    let size = sized(&both, told(whole(case, "/inputs/current"), 0.9));
    assert_eq!(size, whole(case, "/expected/new"));
}

//! What sensors and deferred tasks hold while they wait, and for how long they do. A loop begins every second unless a
//! story says otherwise, and nothing takes time but the tasks.

use crate::sites::{EVERY_SECOND, add_dag, moments, once, rows, site, task, trace};
use slotwise::deployment::{
    Deferral, Deployment, RetryPolicy, SchedulerMode, Sensor, SensorMode, SensorWait, Task,
    TaskInstanceState, TaskKind,
};
use slotwise::random::Distribution;
use slotwise::time::SimDuration;
use slotwise::trace::{FullTrace, TaskInstanceRecord};

/// A sensor whose pokes take 2 s, a minute apart, for something that is there after 100 s; a retry would be left.
fn sensor(mode: SensorMode, timeout: i64, soft_fail: bool) -> Task {
    let sensor = Sensor {
        mode,
        poke_interval: SimDuration::from_seconds(60),
        timeout: SimDuration::from_seconds(timeout),
        soft_fail,
        exponential_backoff: false,
        max_wait: None,
        wait: SensorWait::Time(Distribution::constant(100.0).unwrap()),
    };
    Task {
        kind: TaskKind::Sensor(sensor),
        priority_weight: 10,
        retry: RetryPolicy {
            retries: 1,
            ..RetryPolicy::default()
        },
        ..task("sensor", 2.0)
    }
}

/// The sensor and a lighter task of 5.5 s in a pool of one slot.
fn beside_another(sensor: Task) -> FullTrace {
    let mut site = site(EVERY_SECOND, &[("pool", 1)]);
    add_dag(&mut site, once("etl"), vec![sensor, task("other", 5.5)]);
    trace(&site, 600.0)
}

#[test]
fn a_poking_sensor_holds_its_slot_between_pokes() {
    let trace = beside_another(sensor(SensorMode::Poke, 3_600, false));
    // Pokes end after 2, 64 and 126 s, and all of them are one execution.
    let sensor = rows(&trace, 0);
    assert_eq!(moments(&sensor, |row| row.ended_at), [Some(126.0)]);
    assert_eq!(sensor[0].state, TaskInstanceState::Success);
    let other = moments(&rows(&trace, 1), |row| row.queued_at);
    assert_eq!(other, [Some(126.0)]);
}

#[test]
fn a_rescheduled_sensor_queues_for_every_poke() {
    let trace = beside_another(sensor(SensorMode::Reschedule, 3_600, false));
    let sensor = rows(&trace, 0);
    let queued = moments(&sensor, |row| row.queued_at);
    assert_eq!(queued, [0.0, 62.0, 124.0].map(Some));
    assert_eq!(sensor[2].state, TaskInstanceState::Success);
    let place = |row: &&TaskInstanceRecord| (row.try_number, row.segment);
    assert!(sensor.iter().map(place).eq([(1, 1), (1, 2), (1, 3)]));
    let other = moments(&rows(&trace, 1), |row| row.queued_at);
    assert_eq!(other, [Some(2.0)]);
}

#[test]
fn a_sensor_gives_up_with_the_first_poke_that_ends_too_late_and_leaves_no_try() {
    // A poking sensor counts from its start; one that is rescheduled from the end of its first poke at 2 s.
    let cases = [
        (SensorMode::Poke, 63, 64.0),
        (SensorMode::Reschedule, 61, 64.0),
        (SensorMode::Poke, 64, 126.0),
    ];
    for (mode, timeout, end) in cases {
        for soft_fail in [false, true] {
            let mut sensor = sensor(mode, timeout, soft_fail);
            if let TaskKind::Sensor(sensor) = &mut sensor.kind {
                sensor.wait = SensorWait::Time(Distribution::constant(1_000.0).unwrap());
            }
            let trace = beside_another(sensor);
            let last = rows(&trace, 0).pop().unwrap();
            let state = if soft_fail {
                TaskInstanceState::Skipped
            } else {
                TaskInstanceState::Failed
            };
            assert_eq!(last.state, state, "{mode:?}, {timeout} s");
            assert_eq!(moments(&[last], |row| row.ended_at), [Some(end)]);
        }
    }
}

/// A task that is deferred after its first part, for a trigger that fires so many seconds later.
fn deferrable(name: &str, part: f64, wait: f64, timeout: Option<i64>) -> Task {
    let deferral = Deferral {
        wait: Distribution::constant(wait).unwrap(),
        timeout: timeout.map(SimDuration::from_seconds),
        start_from_trigger: false,
    };
    Task {
        kind: TaskKind::Deferrable(deferral),
        ..task(name, part)
    }
}

/// When the task came back from its trigger.
fn came_back(site: &Deployment, task: usize) -> f64 {
    let trace = trace(site, 600.0);
    let rows = rows(&trace, task);
    assert!(rows.iter().map(|row| row.segment).eq([1, 2]), "{rows:?}");
    moments(&rows, |row| row.scheduled_at)[1].unwrap()
}

#[test]
fn triggers_beyond_the_capacity_wait_for_each_other() {
    for (capacity, back) in [(3, [101.0, 11.0, 202.0]), (1, [101.0, 202.0, 202.0])] {
        let mut site = site(EVERY_SECOND, &[("pool", -1)]);
        site.airflow.triggerer_capacity = capacity;
        let heavy = |weight, task| Task {
            priority_weight: weight,
            ..task
        };
        let tasks = vec![
            heavy(9, deferrable("first", 1.0, 100.0, None)),
            heavy(1, deferrable("light", 1.0, 10.0, None)),
            heavy(5, deferrable("heavy", 2.0, 200.0, None)),
        ];
        add_dag(&mut site, once("etl"), tasks);
        // The heavier of those that wait is taken first, although it came later.
        let came = [0, 1, 2].map(|task| Some(came_back(&site, task)));
        assert_eq!(came, back.map(Some), "with a capacity of {capacity}");
    }
}

#[test]
fn in_ideal_mode_a_trigger_times_out_at_once() {
    let ideal = SchedulerMode::Ideal {
        head_of_line: false,
    };
    // It is deferred at 1 s. A loop looks for it every 15 s, and time is up strictly after the 50 s.
    for (scheduler, back) in [(ideal, 51.000_001), (EVERY_SECOND, 60.0)] {
        let mut site = site(scheduler, &[("pool", 1)]);
        let deferrable = deferrable("deferrable", 1.0, 100.0, Some(50));
        add_dag(&mut site, once("etl"), vec![deferrable]);
        assert_eq!(came_back(&site, 0).to_bits(), f64::to_bits(back));
        let trace = trace(&site, 600.0);
        let resumed = rows(&trace, 0)[1];
        assert_eq!(resumed.state, TaskInstanceState::Failed);
        assert_eq!(resumed.duration(), Some(SimDuration::ZERO));
    }
}

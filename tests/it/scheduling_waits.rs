//! Since when instances were ready when a loop scheduled them, and what they waited for: the loop, or their run's turn.

use crate::random_events::any_disturbed_site;
use crate::random_sites::{RandomSite, any_site, fixed};
use crate::sites::{START, add_dag, at, once, rows, simulation, site, task, trace};
use proptest::prelude::*;
use slotwise::deployment::{
    Deployment, LoopPace, Mapping, OperatorAction, OperatorEvent, RetryPolicy, SchedulerMode,
    ScopeRole, Task, TaskKind, TriggerRule,
};
use slotwise::ids::{DagId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{DagRunRecord, FullTrace, SchedulingWaitCause, TaskInstanceRecord};
use std::collections::BTreeSet;

/// More runs than there are.
const ALL: u32 = 1_000;

fn run(random: &RandomSite, site: &Deployment, every_loop: bool) -> FullTrace {
    let recorder = FullTrace::default();
    let mut simulation = simulation(site, random.policy.as_ref(), random.seed, recorder);
    if every_loop {
        simulation.run_every_loop();
    }
    simulation.run_until(at(1_200.0));
    simulation.finish()
}

/// The rows of instances that were scheduled, with the moment from which they were ready.
fn scheduled(trace: &FullTrace) -> impl Iterator<Item = (&TaskInstanceRecord, SimTime, SimTime)> {
    let rows = trace.task_instances.iter();
    rows.filter_map(|row| Some((row, row.ready_at?, row.scheduled_at?)))
}

fn check_sums(trace: &FullTrace) {
    for row in &trace.task_instances {
        assert_eq!(
            row.ready_at.is_some(),
            row.scheduled_at.is_some(),
            "{row:?}"
        );
        let whole = row.scheduling_wait().unwrap_or_default();
        assert_eq!(row.scheduling.total(), whole, "{row:?}");
        for cause in SchedulingWaitCause::ALL {
            assert!(row.scheduling.of(cause) >= SimDuration::ZERO, "{row:?}");
        }
    }
}

/// Whether nothing but the states of all instances directly upstream decides when the instances of a task are ready.
fn waits_for_all(site: &Deployment, task: TaskId) -> bool {
    let task = &site.tasks[task.index()];
    let dag = &site.dags[task.dag.index()];
    let of_dag = &site.tasks[dag.first_task.index()..][..dag.task_count];
    let in_group = |above: &TaskId| {
        let above = &site.tasks[above.index()];
        above.group.is_some() && above.group == task.group
    };
    task.trigger_rule == TriggerRule::AllSuccess
        && !task.looks_back()
        && !task.upstream.iter().any(in_group)
        && of_dag.iter().all(|other| other.scope == ScopeRole::Work)
}

/// The last end among the instances directly upstream of a row.
fn last_upstream_end(trace: &FullTrace, task: &Task, row: &TaskInstanceRecord) -> Option<SimTime> {
    let rows = trace.task_instances.iter();
    let above = rows.filter(|above| {
        above.run == row.run && task.upstream.contains(&above.task) && !above.refused
    });
    above.filter_map(|above| above.ended_at).max()
}

proptest! {
    #![proptest_config(fixed(96))]

    #[test]
    fn parts_sum_to_the_whole(random in any_disturbed_site()) {
        check_sums(&run(&random, &random.in_airflow_mode(), false));
        let ideal = random.deployment(SchedulerMode::Ideal { head_of_line: false });
        let ideal = run(&random, &ideal, false);
        check_sums(&ideal);
        for (row, ready_at, scheduled_at) in scheduled(&ideal) {
            prop_assert_eq!(ready_at, scheduled_at, "{:?}", row);
        }
    }

    #[test]
    fn no_loop_leaves_out_what_is_ready_unless_runs_take_turns(mut random in any_disturbed_site()) {
        random.airflow.max_dagruns_per_loop_to_schedule = ALL;
        let trace = run(&random, &random.in_airflow_mode(), true);
        let loops: BTreeSet<SimTime> = trace.loops.iter().map(|row| row.at).collect();
        let instant = SimDuration::from_micros(1);
        for (row, ready_at, scheduled_at) in scheduled(&trace) {
            let turns = row.scheduling.of(SchedulingWaitCause::Turns);
            prop_assert_eq!(turns, SimDuration::ZERO, "{:?}", row);
            if ready_at < scheduled_at {
                let between = loops.range(ready_at + instant..scheduled_at).next();
                prop_assert_eq!(between, None, "{:?}", row);
            }
        }
    }

    #[test]
    fn a_turn_is_waited_for_from_the_first_loop_on(random in any_disturbed_site()) {
        let trace = run(&random, &random.in_airflow_mode(), true);
        let loops: BTreeSet<SimTime> = trace.loops.iter().map(|row| row.at).collect();
        for (row, ready_at, scheduled_at) in scheduled(&trace).filter(|row| row.1 < row.2) {
            // What becomes ready in a loop waits for the next one, if its run has been examined in it.
            let mut from = loops.range(ready_at..);
            let (first, second) = (from.next(), from.next());
            let turns = row.scheduling.of(SchedulingWaitCause::Turns);
            let since = |first: Option<&SimTime>| first.is_some_and(|&at| scheduled_at - at == turns);
            let from_next = first == Some(&ready_at) && since(second);
            prop_assert!(since(first) || from_next, "{:?}", row);
        }
    }

    #[test]
    fn an_instance_is_ready_when_the_last_one_upstream_has_ended(mut random in any_site()) {
        random.airflow.task_queued_timeout = SimDuration::from_seconds(1_000_000);
        let site = random.in_airflow_mode();
        let trace = run(&random, &site, false);
        for (row, ready_at, scheduled_at) in scheduled(&trace) {
            let task = &site.tasks[row.task.index()];
            let is_first = row.try_number == 1 && row.segment == 1;
            let is_resumed = matches!(task.kind, TaskKind::Deferrable(_));
            if !is_first || is_resumed || !waits_for_all(&site, row.task) {
                continue;
            }
            let of_row = |run: &&DagRunRecord| run.dag == row.dag && run.name == row.run;
            let run = trace.dag_runs.iter().find(of_row);
            let started_at = run.and_then(|run| run.started_at);
            let expected = started_at.max(last_upstream_end(&trace, task, row));
            prop_assert_eq!(Some(ready_at), expected, "{:?}", row);
            prop_assert!(ready_at <= scheduled_at);
        }
    }
}

const EVERY_TEN_SECONDS: SchedulerMode =
    SchedulerMode::Airflow(LoopPace::Every(SimDuration::from_seconds(10)));

/// A site with one run of these tasks; the `upstream` of each counts from 0.
fn one_run(tasks: Vec<Task>) -> Deployment {
    let mut site = site(EVERY_TEN_SECONDS, &[("pool", 100)]);
    add_dag(&mut site, once("dag"), tasks);
    site
}

/// A task after those.
fn after(upstream: &[usize], task: Task) -> Task {
    Task {
        upstream: upstream.iter().copied().map(TaskId::new).collect(),
        ..task
    }
}

/// When the last try of a task was ready and scheduled, in microseconds after the start. All of it was `loop`.
fn last_ready(site: &Deployment, task: usize) -> [i64; 2] {
    let trace = trace(site, 100.0);
    let rows = rows(&trace, task);
    let row = rows.last().unwrap();
    let turns = row.scheduling.of(SchedulingWaitCause::Turns);
    assert_eq!(turns, SimDuration::ZERO);
    [row.ready_at, row.scheduled_at].map(|at| (at.unwrap() - START).as_micros())
}

#[test]
fn a_try_is_ready_just_after_its_delay() {
    let failing = Task {
        failure_rate: 1.0,
        retry: RetryPolicy {
            retries: 1,
            retry_delay: SimDuration::from_seconds(5),
            ..RetryPolicy::default()
        },
        ..task("failing", 1.0)
    };
    let site = one_run(vec![failing]);
    assert_eq!(last_ready(&site, 0), [6_000_001, 10_000_000]);
}

#[test]
fn one_success_is_enough_for_a_rule_that_says_so() {
    let last = Task {
        trigger_rule: TriggerRule::OneSuccess,
        ..task("last", 1.0)
    };
    let last = after(&[0, 1], last);
    let site = one_run(vec![task("long", 9.0), task("short", 3.0), last]);
    assert_eq!(last_ready(&site, 2), [3_000_000, 10_000_000]);
}

#[test]
fn each_empty_operator_costs_a_loop() {
    let empty = |name| Task {
        kind: TaskKind::Empty,
        ..task(name, 0.0)
    };
    let last = after(&[1], task("last", 1.0));
    let site = one_run(vec![empty("first"), after(&[0], empty("second")), last]);
    assert_eq!(last_ready(&site, 2), [10_000_000, 20_000_000]);
}

#[test]
fn an_expanded_task_costs_no_further_loop() {
    let source = Task {
        pushes: Some(Distribution::constant(3.0).unwrap()),
        ..task("source", 1.0)
    };
    let mapped = Task {
        mapping: Some(Mapping::Over(TaskId::new(0))),
        ..after(&[0], task("mapped", 1.0))
    };
    let site = one_run(vec![source, mapped]);
    assert_eq!(last_ready(&site, 1), [1_000_000, 10_000_000]);
}

#[test]
fn what_a_paused_dag_has_is_ready_when_it_goes_on() {
    let mut site = one_run(vec![task("first", 3.0), after(&[0], task("second", 1.0))]);
    let event = |seconds, action| OperatorEvent {
        at: at(seconds),
        action,
    };
    let dag = DagId::new(0);
    site.events = vec![
        event(1.0, OperatorAction::PauseDag { dag }),
        event(25.0, OperatorAction::UnpauseDag { dag }),
    ];
    assert_eq!(last_ready(&site, 1), [25_000_000, 30_000_000]);
}

/// Of 25 runs that are due at once two start in each loop, one every ten seconds, and it examines two. New ones go first,
/// so the second tasks of all wait until the last run has begun.
#[test]
fn of_many_runs_each_waits_for_its_turn() {
    let mut site = site(EVERY_TEN_SECONDS, &[("pool", 100)]);
    site.airflow.max_dagruns_per_loop_to_schedule = 2;
    site.airflow.max_dagruns_to_create_per_loop = 25;
    for dag in 0..25 {
        let second = Task {
            upstream: vec![TaskId::new(0)],
            ..task("second", 1.0)
        };
        let dag = once(&format!("dag_{dag:02}"));
        add_dag(&mut site, dag, vec![task("first", 1.0), second]);
    }
    let trace = trace(&site, 400.0);
    let waits = |task: usize| {
        let row = rows(&trace, task)[0];
        let seconds = |cause| row.scheduling.of(cause).as_seconds();
        let ready_at = (row.ready_at.unwrap() - START).as_seconds();
        let causes = [SchedulingWaitCause::Loop, SchedulingWaitCause::Turns];
        (ready_at, causes.map(seconds))
    };
    for run in 0..25_u32 {
        let starts_at = f64::from(run / 2 * 10);
        let at = 2 * run as usize;
        assert_eq!(waits(at), (starts_at, [0.0, 0.0]), "run {run}");
        // The loop at 120 examines the last run and the first, and those after it the others, two by two.
        let examined_again = match run {
            0 => 120,
            24 => 250,
            run => 130 + (run - 1) / 2 * 10,
        };
        let turns = f64::from(examined_again) - (starts_at + 10.0);
        assert_eq!(waits(at + 1), (starts_at + 1.0, [9.0, turns]), "run {run}");
    }
    let mut site = site;
    site.airflow.max_dagruns_per_loop_to_schedule = 25;
    let all_at_once = self::trace(&site, 400.0);
    for row in &all_at_once.task_instances {
        let turns = row.scheduling.of(SchedulingWaitCause::Turns);
        assert_eq!(turns, SimDuration::ZERO, "{row:?}");
    }
}

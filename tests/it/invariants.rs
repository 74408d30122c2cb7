//! What holds in every simulation, whatever the deployment.

use crate::random_events::any_disturbed_site;
use crate::random_sites::{RandomSite, any_site, fixed};
use crate::sites::{START, at, simulation};
use proptest::prelude::*;
use slotwise::airflow::PoolManager;
use slotwise::deployment::{
    Deployment, ExecutorKind, Mapping, Pool, Schedule, SchedulerMode, TaskInstanceState, TaskKind,
    TriggerRule, WorkerGroup,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::metrics::check_identities;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{CsvRows, FullTrace, MeasurementWindow, RunningSummary, TaskInstanceRecord};
use std::collections::BTreeMap;

const END: f64 = 3_600.0;

/// From when to when something is held, and how much of it.
type Span = (SimTime, SimTime, u32);

/// The most that is held at a time; at one moment what ends goes before what begins.
fn peak(spans: &[Span]) -> i64 {
    let mut changes: Vec<(SimTime, i64)> = spans
        .iter()
        .flat_map(|&(from, to, much)| [(from, i64::from(much)), (to, -i64::from(much))])
        .collect();
    changes.sort_unstable();
    let mut held = 0;
    let levels = changes.into_iter().map(|(_, change)| {
        held += change;
        held
    });
    levels.max().unwrap_or(0)
}

fn assert_peaks<K: Ord + std::fmt::Debug>(
    what: &str,
    spans: impl Iterator<Item = (K, Span)>,
    limit: impl Fn(&K) -> Option<u32>,
) {
    let mut groups: BTreeMap<K, Vec<Span>> = BTreeMap::new();
    for (key, span) in spans {
        groups.entry(key).or_default().push(span);
    }
    for (key, spans) in groups {
        let (peak, limit) = (peak(&spans), limit(&key));
        assert!(
            limit.is_none_or(|limit| peak <= i64::from(limit)),
            "{what} of {key:?}: {peak} of {limit:?}"
        );
    }
}

/// From queued to the end, of everything that an executor got; also of what was taken from it before the end.
fn executions(trace: &FullTrace) -> impl Iterator<Item = (&TaskInstanceRecord, Span)> + Clone {
    let rows = trace.task_instances.iter();
    rows.filter_map(|row| span(row, row.ended_at))
}

/// From queued to the end, or until it was taken away, of everything that was queued.
fn occupations(trace: &FullTrace) -> impl Iterator<Item = (&TaskInstanceRecord, Span)> + Clone {
    let rows = trace.task_instances.iter().filter(|row| !row.refused);
    rows.filter_map(|row| span(row, row.taken_at.or(row.ended_at)))
}

/// What holds a slot for no time at all is let out: it comes and goes within one moment.
fn span(row: &TaskInstanceRecord, end: Option<SimTime>) -> Option<(&TaskInstanceRecord, Span)> {
    // The row of an instance that was given up between two segments repeats the last of them.
    let was_given_up = row.segment == 0 && row.state == TaskInstanceState::Skipped;
    if was_given_up && row.taken_at.is_none() || end.is_none() && !row.state.is_executing() {
        return None;
    }
    let (from, to) = (row.queued_at?, end.unwrap_or(at(END)));
    (from < to).then_some((row, (from, to, 1)))
}

fn run_id(site: &Deployment, row: &TaskInstanceRecord) -> String {
    row.run.run_id(site)
}

fn check_limits(site: &Deployment, trace: &FullTrace) {
    let task = |id: TaskId| &site.tasks[id.index()];
    let dag = |id: DagId| &site.dags[id.index()];
    let (sent, held) = (executions(trace), occupations(trace));
    let executor = |row: &TaskInstanceRecord| &site.executors[task(row.task).executor];
    // A local executor does not count what it was sent; every scheduler has a parallelism of its own.
    let schedulers = site.airflow.schedulers;
    let counted = sent
        .clone()
        .filter(|(row, _)| executor(row).kind != ExecutorKind::Local);
    let keyed = counted.clone().map(|(_, span)| ((), span));
    assert_peaks("parallelism", keyed, |()| {
        Some(site.airflow.parallelism * schedulers)
    });
    let keyed = counted.map(|(row, span)| (task(row.task).executor, span));
    assert_peaks("executor slots", keyed, |&at| {
        Some(site.executors[at].parallelism * schedulers)
    });
    // A lost worker is free for others, or replaced, long before its instance is missed.
    let running = sent.filter(|(row, _)| {
        let task = task(row.task);
        task.lost_rate == 0.0 && !site.loses_workers(task.executor)
    });
    let running = running.filter_map(|(row, (_, to, one))| {
        let from = row.started_at.filter(|&from| from < to)?;
        Some((task(row.task).executor, (from, to, one)))
    });
    assert_peaks("workers", running, |&at| match &site.executors[at].kind {
        ExecutorKind::Local => Some(site.executors[at].parallelism * schedulers),
        ExecutorKind::Celery(groups) => Some(groups.iter().map(WorkerGroup::slots).sum()),
        ExecutorKind::Tracked | ExecutorKind::Kubernetes { .. } => None,
    });
    let per_run = site.rules().limits_tasks_per_run;
    let keyed = held.clone().map(|(row, span)| {
        let run = per_run.then(|| run_id(site, row));
        ((row.dag, run), span)
    });
    assert_peaks("active tasks", keyed, |&(id, _)| {
        Some(dag(id).max_active_tasks)
    });
    let keyed = held.clone().map(|(row, span)| (row.task, span));
    assert_peaks("active instances", keyed, |&id| {
        task(id).max_active_tis_per_dag
    });
    let keyed = held.map(|(row, span)| ((row.task, row.logical_date), span));
    assert_peaks("active instances", keyed, |&(id, _)| {
        task(id).max_active_tis_per_dagrun
    });
}

fn check_runs(site: &Deployment, trace: &FullTrace) {
    let limit = |id: &DagId| Some(site.dags[id.index()].max_active_runs);
    let runs = trace.dag_runs.iter();
    let end = at(END);
    let running = runs
        .clone()
        .filter_map(|run| Some((run.dag, (run.started_at?, run.ended_at.unwrap_or(end), 1))));
    assert_peaks("running runs", running, limit);
    let by_timetable =
        |dag: DagId| matches!(site.dags[dag.index()].schedule, Schedule::Timetable(_));
    let unfinished = runs
        .filter(|run| by_timetable(run.dag))
        .map(|run| (run.dag, (run.queued_at, run.ended_at.unwrap_or(end), 1)));
    assert_peaks("unfinished runs", unfinished, limit);
}

/// A pool is over its size only when it was shrunk, and then nothing is added.
fn check_pools(trace: &FullTrace) {
    let mut held: BTreeMap<PoolId, i64> = BTreeMap::new();
    for sample in &trace.pools {
        let counts = [
            sample.running,
            sample.queued,
            sample.scheduled,
            sample.deferred,
        ];
        assert!(counts.iter().all(|&count| count >= 0), "{sample:?}");
        let now = sample.running + sample.queued;
        let before = held.insert(sample.pool, now).unwrap_or(0);
        // A deleted pool takes nothing.
        let slots = sample.slots.unwrap_or(0);
        assert!(
            slots == -1 || now <= slots.max(before),
            "{before} before {sample:?}"
        );
    }
}

fn check_row(site: &Deployment, row: &TaskInstanceRecord) {
    let moments = [
        row.scheduled_at,
        row.queued_at,
        row.started_at,
        row.ended_at,
    ];
    assert!(moments.iter().flatten().is_sorted(), "{row:?}");
    assert!(
        moments
            .iter()
            .flatten()
            .all(|moment| (START..=at(END)).contains(moment)),
        "{row:?}"
    );
    let task = &site.tasks[row.task.index()];
    // A worker that sends an instance back uses a try up, and the next one may be one too many.
    let tries = task.retry.retries + 1;
    let may_be_sent_back = site.rules().checks_pool_at_start;
    assert!(may_be_sent_back || row.try_number <= tries, "{row:?}");
    assert!(
        task.kind != TaskKind::Empty || row.queued_at.is_none(),
        "{row:?}"
    );
}

/// The tries of each instance count up, each is ready only after the delay of the one before, and within a try a
/// segment follows only a poke in vain or a deferral.
fn check_tries(site: &Deployment, trace: &FullTrace) {
    let mut instances: BTreeMap<_, Vec<&TaskInstanceRecord>> = BTreeMap::new();
    for row in &trace.task_instances {
        check_row(site, row);
        if (row.segment > 0 || row.is_sent_back()) && !row.refused {
            let name = (row.task, row.logical_date, row.map_index);
            instances.entry(name).or_default().push(row);
        }
    }
    for pair in instances.values().flat_map(|rows| rows.windows(2)) {
        let (before, next) = (pair[0], pair[1]);
        if before.is_sent_back() {
            assert_eq!(next.try_number, before.try_number + 1, "{next:?}");
            continue;
        }
        if next.try_number == before.try_number {
            let goes_on = [
                TaskInstanceState::UpForReschedule,
                TaskInstanceState::Deferred,
            ];
            assert!(
                goes_on.contains(&before.state),
                "{before:?} before {next:?}"
            );
            assert!(next.is_sent_back() || next.segment == before.segment + 1);
            assert!(next.scheduled_at >= before.ended_at, "{next:?}");
            continue;
        }
        assert_eq!(
            before.state,
            TaskInstanceState::UpForRetry,
            "before {next:?}"
        );
        assert_eq!(next.try_number, before.try_number + 1);
        let task = &site.tasks[next.task.index()];
        if matches!(&task.kind, TaskKind::Deferrable(deferral) if deferral.start_from_trigger) {
            continue;
        }
        let dag_id = &site.dags[next.dag.index()].dag_id;
        let date = Some(next.logical_date);
        let delay = task
            .retry
            .delay(dag_id, &task.task_id, date, before.try_number);
        let ready = before.ended_at.map(|end| end + delay);
        assert!(next.scheduled_at > ready, "{next:?}");
    }
}

/// Where everything upstream must have succeeded, nothing is scheduled before it has.
fn check_order(site: &Deployment, trace: &FullTrace) {
    let mut ended_well: BTreeMap<_, Vec<SimTime>> = BTreeMap::new();
    for row in &trace.task_instances {
        if row.state == TaskInstanceState::Success {
            let name = (row.task, row.logical_date);
            ended_well.entry(name).or_default().extend(row.ended_at);
        }
    }
    for row in &trace.task_instances {
        let Some(scheduled_at) = row.scheduled_at else {
            continue;
        };
        let task = &site.tasks[row.task.index()];
        let of_all = task.trigger_rule == TriggerRule::AllSuccess;
        for &upstream in task.upstream.iter().filter(|_| of_all) {
            if matches!(site.tasks[upstream.index()].mapping, Some(Mapping::Over(_))) {
                continue;
            }
            let ends = ended_well
                .get(&(upstream, row.logical_date))
                .map_or(&[][..], Vec::as_slice);
            let instances = site.tasks[upstream.index()].initial_instances();
            assert_eq!(ends.len(), instances as usize, "upstream of {row:?}");
            assert!(ends.iter().all(|&end| end <= scheduled_at), "{row:?}");
        }
    }
}

fn run(random: &RandomSite, site: &Deployment) -> (RunningSummary, FullTrace) {
    let window = MeasurementWindow {
        start: START,
        warm_up_end: at(END / 4.0),
        end: at(END),
    };
    let recorder = (RunningSummary::new(site, window), FullTrace::default());
    let mut simulation = simulation(site, random.policy.as_ref(), random.seed, recorder);
    simulation.run_until(window.end);
    simulation.finish()
}

fn csv(random: &RandomSite, site: &Deployment) -> Vec<u8> {
    let rows = CsvRows::new(site, Vec::new());
    let mut simulation = simulation(site, random.policy.as_ref(), random.seed, rows);
    simulation.run_until(at(END));
    simulation.finish().finish().unwrap()
}

/// The rows of the last DAG, told so that they do not depend on what stands before it.
fn rows_of_last_dag(random: &RandomSite) -> Vec<TaskInstanceRecord> {
    let site = random.deployment(SchedulerMode::Ideal {
        head_of_line: false,
    });
    let (_, trace) = run(random, &site);
    let last = site.dags.len() - 1;
    let first_task = site.dags[last].first_task.index();
    let rows = trace.task_instances.into_iter();
    rows.filter(|row| row.dag.index() == last)
        .map(|row| TaskInstanceRecord {
            dag: DagId::default(),
            task: TaskId::new(row.task.index() - first_task),
            ..row
        })
        .collect()
}

proptest! {
    #![proptest_config(fixed(96))]

    #[test]
    fn limits_orders_and_accounts_are_kept(random in any_site()) {
        let site = random.in_airflow_mode();
        let (summary, trace) = run(&random, &site);
        check_identities(&summary).unwrap();
        check_pools(&trace);
        check_limits(&site, &trace);
        check_runs(&site, &trace);
        check_tries(&site, &trace);
        check_order(&site, &trace);
    }

    #[test]
    fn ideal_mode_keeps_pools_orders_and_accounts(random in any_site(), head_of_line in any::<bool>()) {
        let site = random.deployment(SchedulerMode::Ideal { head_of_line });
        let (summary, trace) = run(&random, &site);
        check_identities(&summary).unwrap();
        check_pools(&trace);
        check_tries(&site, &trace);
        check_order(&site, &trace);
    }

    #[test]
    fn the_same_run_twice_is_the_same_to_the_byte(random in any_site()) {
        let site = random.in_airflow_mode();
        prop_assert!(csv(&random, &site) == csv(&random, &site));
    }

    #[test]
    fn accounts_are_kept_where_operators_break_in(random in any_disturbed_site(), ideal in any::<bool>()) {
        let site = if ideal {
            random.deployment(SchedulerMode::Ideal { head_of_line: false })
        } else {
            random.in_airflow_mode()
        };
        let (summary, trace) = run(&random, &site);
        check_identities(&summary).unwrap();
        check_pools(&trace);
        if !ideal {
            check_limits(&site, &trace);
        }
        prop_assert!(csv(&random, &site) == csv(&random, &site));
    }

    /// Luck hangs on names: who else is there, and stands before in the file, does not matter.
    #[test]
    fn other_dags_do_not_change_the_luck_of_one(mut random in any_site()) {
        random.slots = vec![-1; random.slots.len()];
        random.policy = None;
        random.resources.clear();
        random.airflow.triggerer_capacity = u32::MAX;
        let together = rows_of_last_dag(&random);
        random.dags = random.dags.split_off(random.dags.len() - 1);
        let alone = rows_of_last_dag(&random);
        let differs = together.iter().zip(&alone).find(|(together, alone)| together != alone);
        prop_assert_eq!(differs, None);
        prop_assert_eq!(together.len(), alone.len());
    }
}

/// The checks of the simulation itself (legal transitions, no slot given back twice) are on in tests.
#[test]
#[should_panic(expected = "more slots left")]
fn debug_assertions_are_on() {
    let mut pools = PoolManager::new([Pool::default_pool()]);
    pools.shift(
        PoolId::new(0),
        TaskInstanceState::Running,
        TaskInstanceState::Success,
        1,
    );
}

#[test]
fn a_peak_is_the_most_at_a_time() {
    let spans = [(0.0, 2.0, 1), (2.0, 4.0, 3), (3.0, 5.0, 2)];
    let spans = spans.map(|(from, to, much)| (at(from), at(to), much));
    assert_eq!(peak(&spans), 5);
    assert_eq!(peak(&spans[..2]), 3, "what ends makes room");
    assert!(at(2.0) - at(1.0) == SimDuration::from_seconds(1));
}

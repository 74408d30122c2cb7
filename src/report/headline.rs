//! The run in plain words: what holds work up, what starves, what comes late, and what stands idle.

use super::run::DeadlockLine;
use super::{RunReport, duration_text, overload};
use crate::deployment::DEFAULT_POOL;
use crate::metrics::{DagMetrics, PoolMetrics, TaskMetrics};
use crate::trace::{RunWaitCause, SchedulingWaitCause, WaitCause};

/// The most sentences that still read as a headline.
const MAX_SENTENCES: usize = 3;

/// A wait below this is nobody's concern, in seconds: an idle scheduler comes round once a second.
const NOTABLE_WAIT: f64 = 2.0;

/// Starting a task takes some seconds wherever it runs; only beyond this does it wait for a worker, in seconds.
const NOTABLE_EXECUTOR_WAIT: f64 = 30.0;

/// A run that waits longer than this for its place is held up by its DAG's limit and not by the loop, in seconds.
const NOTABLE_RUN_WAIT: f64 = 60.0;

/// A loop comes round within a second or two; an instance that is ready for longer waits for its run's turn, in seconds.
const NOTABLE_SCHEDULING_WAIT: f64 = 5.0;

/// A cause of less than this share of a wait is not told.
const NOTABLE_SHARE: f64 = 0.25;

/// A pool used less than this is worth a word.
const IDLE_BELOW: f64 = 0.4;

/// One to three sentences, the most urgent first.
pub fn headline(report: &RunReport) -> Vec<String> {
    headline_besides(report, None)
}

/// The same where a pool has been told of already.
pub(super) fn headline_besides(report: &RunReport, told: Option<&str>) -> Vec<String> {
    let metrics = &report.metrics;
    let sentences = [
        worst_deadlock(report),
        worst_starving(&metrics.tasks),
        worst_run_wait(&metrics.dags),
        worst_turns(&metrics.dags),
        overload::most_refusing(metrics),
        overload::slowest_resource(&metrics.resources),
        worst_executor_wait(&metrics.pools),
        worst_pool(&metrics.pools, told),
        worst_deadlines(&metrics.dags),
        most_idle(&metrics.pools),
    ];
    sentences
        .into_iter()
        .flatten()
        .take(MAX_SENTENCES)
        .collect()
}

/// A share as a percentage, whole but for small ones, which must not look like none: `63 %`, `0.4 %`, `<0.1 %`.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p > 0.0 && p < 0.05 => "<0.1 %".into(),
        p if p > 0.0 && p < 0.95 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// A pool whose slots are held by those who wait for them: the one where that lasted longest in all.
fn worst_deadlock(report: &RunReport) -> Option<String> {
    let of = |pool: &str| {
        let lines = report.deadlocks.iter();
        let its_own: Vec<&DeadlockLine> = lines.filter(|line| line.pool == pool).collect();
        let seconds: f64 = its_own.iter().map(|line| line.seconds).sum();
        (its_own, seconds)
    };
    let pools = report.deadlocks.iter().map(|line| of(&line.pool));
    let (lines, seconds) = pools.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let first = lines.first()?;
    let since = first.since.split('.').next().unwrap_or_default();
    let lasted = duration_text(seconds);
    let times = match lines.len() {
        1 => format!("from {since}Z on for {lasted}"),
        count => format!("{count} times from {since}Z on, for {lasted} in all"),
    };
    let still = lines.iter().any(|line| line.until.is_none());
    let still = if still { " and to the end" } else { "" };
    let who = match first.sensors {
        1 => "a sensor holds all its slots and awaits a task that needs them".to_owned(),
        count => format!("{count} sensors hold all its slots and await tasks that need them"),
    };
    Some(format!(
        "`{}` is deadlocked {times}{still}: {who}.",
        first.pool
    ))
}

/// A task that has waited at the horizon longer than any that got its slot.
fn worst_starving(tasks: &[TaskMetrics]) -> Option<String> {
    let open = |task: &TaskMetrics| task.task_instances.longest_open_wait;
    let task = tasks.iter().max_by(|a, b| open(a).total_cmp(&open(b)))?;
    let served = task.task_instances.pool_wait.map_or(0.0, |wait| wait.max);
    (open(task) > served.max(60.0)).then(|| {
        format!(
            "`{}.{}` starves: {} still waiting for `{}` at the end, the longest for {}.",
            task.dag_id,
            task.task_id,
            task.task_instances.still_waiting,
            task.pool,
            duration_text(open(task)),
        )
    })
}

/// A DAG whose runs wait long for their start.
fn worst_run_wait(dags: &[DagMetrics]) -> Option<String> {
    let wait = |dag: &DagMetrics| dag.runs.run_wait.map_or(0.0, |wait| wait.p95);
    let dag = dags.iter().max_by(|a, b| wait(a).total_cmp(&wait(b)))?;
    (wait(dag) >= NOTABLE_RUN_WAIT).then(|| {
        format!(
            "Runs of `{}` wait {} at p95 until they start{}.",
            dag.dag_id,
            duration_text(wait(dag)),
            run_wait_cause(dag),
        )
    })
}

/// What the runs of a DAG wait for most.
fn run_wait_cause(dag: &DagMetrics) -> String {
    let waits = &dag.runs.waited_for;
    let largest = RunWaitCause::ALL
        .into_iter()
        .max_by(|&a, &b| waits.of(a).total_cmp(&waits.of(b)));
    let share = |cause| waits.share(cause).map(percent);
    match largest.and_then(|cause| Some((cause, share(cause)?))) {
        None => String::new(),
        Some((RunWaitCause::Paused, _)) => ", most of it before the start or paused".into(),
        Some((RunWaitCause::MaxActiveRuns, share)) => {
            format!(", {share} of it for `max_active_runs`")
        }
        Some((RunWaitCause::Loop, share)) => format!(", {share} of it for the loop"),
    }
}

/// A DAG whose runs wait for their turn, because too many are running in all.
fn worst_turns(dags: &[DagMetrics]) -> Option<String> {
    let wait = |dag: &DagMetrics| {
        let wait = dag.task_instances.scheduling_wait;
        wait.map_or(0.0, |wait| wait.p95)
    };
    let dag = dags.iter().max_by(|a, b| wait(a).total_cmp(&wait(b)))?;
    let waits = &dag.task_instances.scheduling_waited_for;
    let share = waits.share(SchedulingWaitCause::Turns).unwrap_or(0.0);
    (wait(dag) >= NOTABLE_SCHEDULING_WAIT && share >= NOTABLE_SHARE).then(|| {
        format!(
            "Ready tasks of `{}` wait {} at p95 to be scheduled, {} of it for their run's turn \
             (`max_dagruns_per_loop_to_schedule`).",
            dag.dag_id,
            duration_text(wait(dag)),
            percent(share),
        )
    })
}

fn wait_of(pool: &PoolMetrics) -> f64 {
    pool.task_instances.pool_wait.map_or(0.0, |wait| wait.p95)
}

/// Tasks that have their slots, and wait longer for a worker than they have waited for the slots.
fn worst_executor_wait(pools: &[PoolMetrics]) -> Option<String> {
    let wait = |pool: &PoolMetrics| {
        let wait = pool.task_instances.executor_wait;
        wait.map_or(0.0, |wait| wait.p95)
    };
    let pool = pools.iter().max_by(|a, b| wait(a).total_cmp(&wait(b)))?;
    (wait(pool) >= NOTABLE_EXECUTOR_WAIT.max(wait_of(pool))).then(|| {
        format!(
            "Tasks that have got their slots in `{}` wait {} more at p95 for a worker.",
            pool.pool,
            duration_text(wait(pool)),
        )
    })
}

fn worst_pool(pools: &[PoolMetrics], told: Option<&str>) -> Option<String> {
    let worst = pools
        .iter()
        .max_by(|a, b| wait_of(a).total_cmp(&wait_of(b)));
    match worst {
        Some(pool) if told == Some(&pool.pool) => None,
        Some(pool) if wait_of(pool) >= NOTABLE_WAIT => Some(format!(
            "`{}` is full {} of the time; its tasks wait {} at p95{}.",
            pool.pool,
            percent(pool.time_full),
            duration_text(wait_of(pool)),
            other_cause(pool),
        )),
        _ => Some(
            "No pool holds work up: at p95 every task gets its slot within two seconds.".into(),
        ),
    }
}

/// What the tasks of a pool wait for besides its slots, if that is worth a word: another size would not help it.
fn other_cause(pool: &PoolMetrics) -> String {
    let waits = &pool.task_instances.waited_for;
    let others = WaitCause::ALL
        .into_iter()
        .filter(|&cause| !matches!(cause, WaitCause::Pool | WaitCause::PoolSlots));
    let shares = others.filter_map(|cause| Some((cause, waits.share(cause)?)));
    let Some((cause, share)) = shares.max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return String::new();
    };
    let what = match cause {
        WaitCause::Parallelism => "for `parallelism`",
        WaitCause::MaxActiveTis => "for `max_active_tis_per_dag` or `_per_dagrun`",
        WaitCause::MaxActiveTasks => "for `max_active_tasks`",
        WaitCause::PassedOver => "for others that went first",
        _ => "for the next loop",
    };
    if share < NOTABLE_SHARE {
        return String::new();
    }
    format!("; {} of all its waiting is {what}", percent(share))
}

fn worst_deadlines(dags: &[DagMetrics]) -> Option<String> {
    let missed = |dag: &DagMetrics| dag.runs.missed_deadlines.unwrap_or(0.0);
    let dag = dags.iter().max_by(|a, b| missed(a).total_cmp(&missed(b)))?;
    (missed(dag) > 0.0).then(|| {
        format!(
            "`{}` misses its deadline in {} of its runs.",
            dag.dag_id,
            percent(missed(dag))
        )
    })
}

/// A pool with slots to spare. Nobody has sized `default_pool`, and a pool that holds work up now and then is no
/// place to save, so neither counts.
fn most_idle(pools: &[PoolMetrics]) -> Option<String> {
    let used = |pool: &PoolMetrics| Some((pool.utilisation?, pool.slot_hours_offered?));
    let sized = |pool: &&PoolMetrics| pool.task_instances.started > 0 && pool.pool != DEFAULT_POOL;
    let worst = pools.iter().map(wait_of).fold(NOTABLE_WAIT, f64::max);
    let in_use = pools
        .iter()
        .filter(sized)
        .filter(|pool| wait_of(pool) < worst);
    let (pool, utilisation, hours) = in_use
        .filter_map(|pool| used(pool).map(|(utilisation, hours)| (pool, utilisation, hours)))
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    (utilisation < IDLE_BELOW).then(|| {
        format!(
            "`{}` is idle {} of its {hours:.0} slot-hours.",
            pool.pool,
            percent(1.0 - utilisation)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn the_most_urgent_comes_first() {
        let mut report = busy_report();
        report.metrics.tasks[0].task_instances.longest_open_wait = 7_200.0;
        report.metrics.pools[0].utilisation = Some(0.1);
        assert_eq!(
            headline(&report),
            [
                "`etl.extract` starves: 11 still waiting for `database_pool` at the end, the longest for 2h.",
                "`database_pool` is full 100 % of the time; its tasks wait 10m59s at p95.",
                "`etl` misses its deadline in 67 % of its runs.",
            ]
        );
    }

    #[test]
    fn a_deadlock_comes_before_everything() {
        let mut report = busy_report();
        let line = |since: &str, until: Option<&str>, sensors| DeadlockLine {
            pool: "database_pool".into(),
            since: since.into(),
            until: until.map(str::to_owned),
            seconds: 7_200.0,
            sensors,
        };
        let begin = "2026-03-02T01:00:00.000000Z";
        report.deadlocks = vec![line(begin, Some("2026-03-02T03:00:00.000000Z"), 1)];
        assert_eq!(
            headline(&report)[0],
            "`database_pool` is deadlocked from 2026-03-02T01:00:00Z on for 2h: a sensor holds all its slots and awaits a task that needs them."
        );
        report.deadlocks[0].sensors = 4;
        report
            .deadlocks
            .push(line("2026-03-02T05:00:00.000000Z", None, 3));
        assert_eq!(
            headline(&report)[0],
            "`database_pool` is deadlocked 2 times from 2026-03-02T01:00:00Z on, for 4h in all and to the end: 4 sensors hold all its slots and await tasks that need them."
        );
    }

    #[test]
    fn quiet_pools_are_told_as_such() {
        let mut report = busy_report();
        report.metrics.tasks.clear();
        report.metrics.dags.clear();
        for pool in &mut report.metrics.pools {
            pool.task_instances.pool_wait = None;
        }
        report.metrics.pools[0].utilisation = Some(0.1);
        assert_eq!(
            headline(&report),
            [
                "No pool holds work up: at p95 every task gets its slot within two seconds.",
                "`database_pool` is idle 90 % of its 2 slot-hours."
            ]
        );
    }

    #[test]
    fn small_shares_do_not_vanish() {
        assert_eq!(percent(0.004), "0.4 %");
        assert_eq!(percent(0.000_1), "<0.1 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.996), "100 %");
    }
}

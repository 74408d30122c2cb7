//! A small deployment and rows for tests, made by hand.

use super::{
    DagRunRecord, MeasurementWindow, PoolSample, Recorder, RunName, RunType, RunWait,
    RunningSummary, SchedulingWait, TaskInstanceRecord, WaitParts,
};
use crate::deployment::{
    Dag, DagRunState, Deployment, Pool, Schedule, Task, TaskInstanceState, Timetable, WeightRule,
};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::Distribution;
use crate::time::{SimDuration, SimTime};

/// One segment of the first task that was scheduled, queued, started and ended at these seconds.
pub(crate) fn segment(seconds: [i64; 4]) -> TaskInstanceRecord {
    let [scheduled_at, queued_at, started_at, ended_at] =
        seconds.map(|at| Some(SimTime::from_micros(0) + SimDuration::from_seconds(at)));
    TaskInstanceRecord {
        dag: DagId::new(0),
        task: TaskId::new(0),
        pool: PoolId::new(0),
        pool_slots: 1,
        logical_date: SimTime::from_micros(0),
        run: scheduled(SimTime::from_micros(0)),
        map_index: -1,
        try_number: 1,
        segment: 1,
        priority_weight: 1,
        ready_at: scheduled_at,
        scheduling: SchedulingWait::default(),
        scheduled_at,
        queued_at,
        started_at,
        ended_at,
        state: TaskInstanceState::Success,
        taken_at: None,
        refused: false,
        wait: WaitParts::default(),
    }
}

fn scheduled(run_after: SimTime) -> RunName {
    RunName::dated(RunType::Scheduled, run_after)
}

/// A run of the first DAG that was due and active at one second and ended at another.
pub(crate) fn dag_run(run_after: i64, ended_at: Option<i64>) -> DagRunRecord {
    let at = |seconds| SimTime::from_micros(0) + SimDuration::from_seconds(seconds);
    DagRunRecord {
        dag: DagId::new(0),
        name: scheduled(at(run_after)),
        run_type: RunType::Scheduled,
        logical_date: Some(at(run_after)),
        data_interval: Some((at(run_after), at(run_after))),
        queued_at: at(run_after),
        started_at: Some(at(run_after)),
        ended_at: ended_at.map(at),
        state: ended_at.map_or(DagRunState::Running, |_| DagRunState::Success),
        wait: RunWait::default(),
    }
}

/// One DAG `etl` with `extract` in `database_pool` (2 slots, from the first second on) and `load` in the
/// unlimited `api_pool`; deadline 100 s.
pub(crate) fn deployment() -> Deployment {
    let pool = |name: &str, slots| Pool {
        name: name.into(),
        slots,
        ..Pool::default_pool()
    };
    Deployment {
        pools: vec![pool("database_pool", 2), pool("api_pool", -1)],
        dags: vec![Dag {
            task_count: 2,
            schedule: Schedule::Timetable(
                Timetable::delta_trigger(SimDuration::from_seconds(60)).unwrap(),
            ),
            deadline: Some(SimDuration::from_seconds(100)),
            ..Dag::named("etl")
        }],
        tasks: vec![task("extract", 0), task("load", 1)],
        ..Deployment::default()
    }
}

fn task(task_id: &str, pool: usize) -> Task {
    Task {
        pool: PoolId::new(pool),
        weight_rule: WeightRule::Absolute,
        duration: Distribution::constant(60.0).unwrap(),
        ..Task::named(task_id, DagId::new(0))
    }
}

/// The summary of a run that had these rows: the counts of the pools are made from them.
pub(crate) fn summary_of(
    deployment: &Deployment,
    window: MeasurementWindow,
    rows: &[TaskInstanceRecord],
) -> RunningSummary {
    let mut summary = RunningSummary::new(deployment, window);
    let mut changes = Vec::new();
    for row in rows {
        summary.task_instance(row);
        let moments = [
            row.scheduled_at,
            row.queued_at,
            row.started_at,
            row.ended_at,
        ];
        for (step, at) in moments.into_iter().enumerate() {
            changes.extend(at.map(|at| (at, step, row.pool, i64::from(row.pool_slots))));
        }
    }
    changes.sort_unstable();
    let mut counts = vec![[0; 4]; deployment.pools.len()];
    for (at, step, pool, slots) in changes {
        let count = &mut counts[pool.index()];
        count[step] += slots;
        if step > 0 {
            count[step - 1] -= slots;
        }
        let [scheduled, queued, running, _] = *count;
        summary.pool(&PoolSample {
            at,
            pool,
            slots: Some(deployment.pools[pool.index()].slots),
            running,
            queued,
            scheduled,
            deferred: 0,
        });
    }
    summary
}

/// An hour of the [`deployment`]: each minute an `extract` of `seconds` after at most two at a time, then a `load`.
pub(crate) fn busy_hour(seconds: i64) -> Vec<TaskInstanceRecord> {
    let mut free_at = [0; 2];
    let mut rows = Vec::new();
    for minute in 0..60 {
        let due = minute * 60;
        let slot = usize::from(free_at[1] < free_at[0]);
        let queued = free_at[slot].max(due);
        free_at[slot] = queued + 1 + seconds;
        rows.push(segment([due, queued, queued + 1, free_at[slot]]));
        rows.push(TaskInstanceRecord {
            task: TaskId::new(1),
            pool: PoolId::new(1),
            ..segment([0, 0, 2, 10].map(|after| free_at[slot] + after))
        });
    }
    rows
}

/// Cuts rows off at the horizon, as a run does: what had not ended by then is unfinished.
pub(crate) fn cut_off(rows: &[TaskInstanceRecord], end: SimTime) -> Vec<TaskInstanceRecord> {
    let before = |at: Option<SimTime>| at.filter(|&at| at <= end);
    let cut = |row: &TaskInstanceRecord| {
        let mut row = TaskInstanceRecord {
            scheduled_at: before(row.scheduled_at),
            queued_at: before(row.queued_at),
            started_at: before(row.started_at),
            ended_at: before(row.ended_at),
            ..*row
        };
        row.state = match (row.queued_at, row.started_at, row.ended_at) {
            (_, _, Some(_)) => return row,
            (_, Some(_), None) => TaskInstanceState::Running,
            (Some(_), None, None) => TaskInstanceState::Queued,
            (None, None, None) => TaskInstanceState::Scheduled,
        };
        row.segment = u32::from(row.started_at.is_some());
        row
    };
    let reached = |row: &TaskInstanceRecord| row.scheduled_at.is_some();
    rows.iter().map(cut).filter(reached).collect()
}

/// The first hour, of which ten minutes are warm-up.
pub(crate) fn first_hour() -> MeasurementWindow {
    let at = |seconds| SimTime::from_micros(0) + SimDuration::from_seconds(seconds);
    MeasurementWindow {
        start: at(0),
        warm_up_end: at(600),
        end: at(3_600),
    }
}

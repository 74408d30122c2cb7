//! Rows for tests, made by hand.

use super::{DagRunRecord, RunType, TaskInstanceRecord};
use crate::deployment::{DagRunState, TaskInstanceState};
use crate::ids::{DagId, PoolId, TaskId};
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
        map_index: -1,
        try_number: 1,
        segment: 1,
        priority_weight: 1,
        scheduled_at,
        queued_at,
        started_at,
        ended_at,
        state: TaskInstanceState::Success,
    }
}

/// A run of the first DAG that was due and active at one second and ended at another.
pub(crate) fn dag_run(run_after: i64, ended_at: Option<i64>) -> DagRunRecord {
    let at = |seconds| SimTime::from_micros(0) + SimDuration::from_seconds(seconds);
    DagRunRecord {
        dag: DagId::new(0),
        run_type: RunType::Scheduled,
        logical_date: at(run_after),
        interval_start: at(run_after),
        interval_end: at(run_after),
        run_after: at(run_after),
        queued_at: at(run_after),
        started_at: Some(at(run_after)),
        ended_at: ended_at.map(at),
        state: ended_at.map_or(DagRunState::Running, |_| DagRunState::Success),
    }
}

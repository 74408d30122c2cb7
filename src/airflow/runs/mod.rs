//! DAG runs: how they come into being, wait for their start, and what becomes of them.

pub(super) mod all_done;
pub(super) mod asset_markers;
pub(super) mod asset_runs;
pub(super) mod backfills;
pub(super) mod calendar;
pub(super) mod clearing;
pub(super) mod dag_run;
pub(super) mod edits;
pub(super) mod past;
pub(super) mod pausing;
pub(super) mod recent_runs;
pub(super) mod run_creation;
pub(super) mod run_queues;
pub(super) mod scheduled_runs;
pub(super) mod task_progress;
pub(super) mod triggered_runs;

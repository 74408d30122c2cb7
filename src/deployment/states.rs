//! The states of task instances and DAG runs, and which changes are legal.

use std::fmt;

/// The state of a task instance, with Airflow's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TaskInstanceState {
    /// Not looked at yet, or its upstream is not done.
    #[default]
    None,
    /// Ready; waits for a pool slot.
    Scheduled,
    /// Chosen; holds its pool slots and waits for the executor.
    Queued,
    /// At work.
    Running,
    /// Ended well.
    Success,
    /// Ended badly, with no try left.
    Failed,
    /// Waits until its next try.
    UpForRetry,
    /// A sensor between two pokes.
    UpForReschedule,
    /// Waits for a trigger.
    Deferred,
    /// Passed over.
    Skipped,
    /// Given up because something upstream failed.
    UpstreamFailed,
    /// No longer in the DAG.
    Removed,
}

/// The state of a DAG run, with Airflow's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DagRunState {
    /// Created; waits for a place among the active runs.
    #[default]
    Queued,
    /// Active.
    Running,
    /// All leaves ended well.
    Success,
    /// Some leaf failed.
    Failed,
}

impl TaskInstanceState {
    /// All of them.
    const ALL: [Self; 12] = [
        Self::None,
        Self::Scheduled,
        Self::Queued,
        Self::Running,
        Self::Success,
        Self::Failed,
        Self::UpForRetry,
        Self::UpForReschedule,
        Self::Deferred,
        Self::Skipped,
        Self::UpstreamFailed,
        Self::Removed,
    ];

    /// The state that Airflow calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing will happen to it any more.
    pub const fn is_finished(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failed | Self::Skipped | Self::UpstreamFailed | Self::Removed
        )
    }

    /// Ended in failure, its own or that of a task before it.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::UpstreamFailed)
    }

    /// Queued or running: holds pool and executor slots and counts for `max_active_tasks`.
    pub const fn is_executing(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Counts for the per-task limits.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Deferred)
    }

    /// Whether Airflow ever makes this change.
    pub const fn may_become(self, next: Self) -> bool {
        use TaskInstanceState as S;
        match self {
            S::None => matches!(
                next,
                S::Scheduled
                    | S::Deferred
                    | S::Success
                    | S::Skipped
                    | S::UpstreamFailed
                    | S::Removed
            ),
            S::Scheduled => matches!(next, S::Queued | S::None | S::Skipped),
            S::Queued => matches!(
                next,
                S::Running | S::Scheduled | S::Failed | S::None | S::Skipped
            ),
            S::Running => matches!(
                next,
                S::Success
                    | S::Failed
                    | S::UpForRetry
                    | S::UpForReschedule
                    | S::Deferred
                    | S::Skipped
            ),
            S::UpForRetry | S::UpForReschedule => {
                matches!(next, S::Scheduled | S::Skipped | S::UpstreamFailed)
            }
            S::Deferred => matches!(next, S::Scheduled | S::Skipped | S::Failed),
            S::Success | S::Failed | S::Skipped | S::UpstreamFailed | S::Removed => false,
        }
    }

    /// Airflow's name of the state.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::UpForRetry => "up_for_retry",
            Self::UpForReschedule => "up_for_reschedule",
            Self::Deferred => "deferred",
            Self::Skipped => "skipped",
            Self::UpstreamFailed => "upstream_failed",
            Self::Removed => "removed",
        }
    }
}

impl DagRunState {
    /// The state that Airflow calls so.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Running, Self::Success, Self::Failed];
        all.into_iter().find(|state| state.name() == name)
    }

    /// Whether it has ended.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }

    /// Airflow's name of the state.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for TaskInstanceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for DagRunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

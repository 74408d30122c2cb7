//! Why instances waited, in a few figures.

use serde::Serialize;

use crate::trace::{
    RunWait, RunWaitCause, SchedulingWait, SchedulingWaitCause, WaitCause, WaitTotals,
};

/// All waits of some instances for their pool by cause, in seconds: see [`WaitCause`]. Waits that ended in the window
/// count, and those that were still open at the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct WaitMetrics {
    /// [`WaitCause::Parallelism`].
    pub parallelism: f64,
    /// [`WaitCause::Pool`].
    pub pool: f64,
    /// [`WaitCause::PoolSlots`].
    pub pool_slots: f64,
    /// [`WaitCause::MaxActiveTis`].
    pub max_active_tis: f64,
    /// [`WaitCause::MaxActiveTasks`].
    pub max_active_tasks: f64,
    /// [`WaitCause::PassedOver`].
    pub passed_over: f64,
    /// [`WaitCause::Loop`].
    pub r#loop: f64,
}

impl WaitMetrics {
    /// The seconds of many waits.
    pub fn of_waits(totals: &WaitTotals) -> Self {
        let seconds = |cause| totals.of(cause) as f64 / 1_000_000.0;
        Self {
            parallelism: seconds(WaitCause::Parallelism),
            pool: seconds(WaitCause::Pool),
            pool_slots: seconds(WaitCause::PoolSlots),
            max_active_tis: seconds(WaitCause::MaxActiveTis),
            max_active_tasks: seconds(WaitCause::MaxActiveTasks),
            passed_over: seconds(WaitCause::PassedOver),
            r#loop: seconds(WaitCause::Loop),
        }
    }

    /// How long this cause held.
    pub fn of(&self, cause: WaitCause) -> f64 {
        match cause {
            WaitCause::Parallelism => self.parallelism,
            WaitCause::Pool => self.pool,
            WaitCause::PoolSlots => self.pool_slots,
            WaitCause::MaxActiveTis => self.max_active_tis,
            WaitCause::MaxActiveTasks => self.max_active_tasks,
            WaitCause::PassedOver => self.passed_over,
            WaitCause::Loop => self.r#loop,
        }
    }

    /// All waiting.
    pub fn total(&self) -> f64 {
        WaitCause::ALL.into_iter().map(|cause| self.of(cause)).sum()
    }

    /// The part of all waiting that this cause had; none if nothing waited.
    pub fn share(&self, cause: WaitCause) -> Option<f64> {
        let total = self.total();
        (total > 0.0).then(|| self.of(cause) / total)
    }
}

/// All waits of the runs of a DAG to start by cause, in seconds: see [`RunWaitCause`]. Runs that ended in the window
/// count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RunWaitMetrics {
    /// [`RunWaitCause::Paused`].
    pub paused: f64,
    /// [`RunWaitCause::MaxActiveRuns`].
    pub max_active_runs: f64,
    /// [`RunWaitCause::Loop`].
    pub r#loop: f64,
}

impl RunWaitMetrics {
    /// The seconds of many waits.
    pub fn of_runs(totals: &RunWait) -> Self {
        Self {
            paused: totals.of(RunWaitCause::Paused).as_seconds(),
            max_active_runs: totals.of(RunWaitCause::MaxActiveRuns).as_seconds(),
            r#loop: totals.of(RunWaitCause::Loop).as_seconds(),
        }
    }

    /// How long this cause held.
    pub fn of(&self, cause: RunWaitCause) -> f64 {
        match cause {
            RunWaitCause::Paused => self.paused,
            RunWaitCause::MaxActiveRuns => self.max_active_runs,
            RunWaitCause::Loop => self.r#loop,
        }
    }

    /// The part of all waiting that this cause had; none if nothing waited.
    pub fn share(&self, cause: RunWaitCause) -> Option<f64> {
        let total: f64 = RunWaitCause::ALL
            .into_iter()
            .map(|cause| self.of(cause))
            .sum();
        (total > 0.0).then(|| self.of(cause) / total)
    }
}

/// All waits of some ready instances to be scheduled by cause, in seconds: see [`SchedulingWaitCause`]. Those of segments
/// that ended in the window count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SchedulingWaitMetrics {
    /// [`SchedulingWaitCause::Turns`].
    pub turns: f64,
    /// [`SchedulingWaitCause::Loop`].
    pub r#loop: f64,
}

impl SchedulingWaitMetrics {
    /// The seconds of many waits.
    pub fn of_instances(totals: &SchedulingWait) -> Self {
        Self {
            turns: totals.of(SchedulingWaitCause::Turns).as_seconds(),
            r#loop: totals.of(SchedulingWaitCause::Loop).as_seconds(),
        }
    }

    /// How long this cause held.
    pub fn of(&self, cause: SchedulingWaitCause) -> f64 {
        match cause {
            SchedulingWaitCause::Turns => self.turns,
            SchedulingWaitCause::Loop => self.r#loop,
        }
    }

    /// The part of all waiting that this cause had; none if nothing waited.
    pub fn share(&self, cause: SchedulingWaitCause) -> Option<f64> {
        let total = self.turns + self.r#loop;
        (total > 0.0).then(|| self.of(cause) / total)
    }
}

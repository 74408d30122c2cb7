//! The quick way to record what most instances are.

use super::{MeasurementWindow, WorkSummary};
use crate::time::SimDuration;
use crate::trace::ServedRecord;

/// How many first successes have not waited, which are added to the histograms all at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AtOnce {
    by_pool: u64,
    by_executor: u64,
}

impl WorkSummary {
    /// Records an instance that succeeded with its first try as any other is, without asking what is known of it; but for
    /// waits of no time, which [`Self::complete_first_successes`] adds.
    #[inline]
    pub(super) fn record_first_success(
        &mut self,
        served: &ServedRecord<'_>,
        window: &MeasurementWindow,
    ) {
        if served.scheduled_at < window.warm_up_end || served.ended_at > window.end {
            return self.record(&served.row(), window);
        }
        // Nearly all of them lie within the window, and nothing needs to be cut off.
        let slots = i128::from(served.pool_slots);
        let duration = served.ended_at.since(served.started_at).as_micros();
        self.started += 1;
        self.succeeded += 1;
        self.slot_time.running += slots * i128::from(duration);
        self.duration.record(duration as u64);
        self.at_once.by_executor += 1;
        let before = served.scheduled_at.since(served.ready_at).as_micros();
        self.scheduling_wait.record(before.max(0) as u64);
        self.scheduling_waited_for += served.scheduling;
        let wait = served.started_at.since(served.scheduled_at);
        if wait > SimDuration::ZERO {
            self.pool_wait.record(wait.as_micros() as u64);
            self.slot_time.scheduled += slots * i128::from(wait.as_micros());
            if let Some(parts) = served.wait {
                self.waited_for.add(parts);
            }
        } else {
            self.at_once.by_pool += 1;
        }
    }

    /// Adds what [`Self::record_first_success`] has left out.
    pub(super) fn complete_first_successes(&mut self) {
        let at_once = std::mem::take(&mut self.at_once);
        self.pool_wait.record_many(0, at_once.by_pool);
        self.executor_wait.record_many(0, at_once.by_executor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{DagId, PoolId, TaskId};
    use crate::time::SimTime;
    use crate::trace::{
        RunName, RunType, SchedulingWait, SchedulingWaitCause, WaitCause, WaitParts,
    };

    #[test]
    fn a_first_success_is_recorded_as_its_row() {
        let span = SimDuration::from_seconds;
        let at = |seconds| SimTime::from_micros(0) + span(seconds);
        let window = MeasurementWindow {
            start: at(0),
            warm_up_end: at(100),
            end: at(200),
        };
        for moments in [
            [10, 20, 20, 90],
            [80, 90, 90, 150],
            [80, 90, 120, 150],
            [110, 120, 120, 150],
            [110, 130, 150, 200],
            [110, 130, 150, 201],
        ] {
            let [ready, scheduled, started, ended] = moments;
            let mut scheduling = SchedulingWait::default();
            scheduling.add(SchedulingWaitCause::Loop, span(scheduled - ready));
            let mut wait = WaitParts::default();
            wait.add(WaitCause::Pool, span(started - scheduled));
            let served = ServedRecord {
                dag: DagId::new(0),
                task: TaskId::new(0),
                pool: PoolId::new(0),
                pool_slots: 2,
                priority_weight: 1,
                logical_date: at(0),
                run: RunName::dated(RunType::Manual, at(0)),
                ready_at: at(ready),
                scheduling,
                scheduled_at: at(scheduled),
                started_at: at(started),
                ended_at: at(ended),
                wait: (started > scheduled).then_some(&wait),
            };
            let [mut quick, mut plain] = [WorkSummary::default(), WorkSummary::default()];
            quick.record_first_success(&served, &window);
            quick.complete_first_successes();
            plain.record(&served.row(), &window);
            assert_eq!(quick, plain, "{moments:?}");
        }
    }
}

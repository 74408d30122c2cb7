//! The quick way to record what most instances are.

use super::{MeasurementWindow, WorkSummary};
use crate::time::SimDuration;
use crate::trace::TaskInstanceRecord;

impl WorkSummary {
    /// Records an instance that succeeded with its first try, in one segment, and began to run when it was queued, as any
    /// other is, without asking what is known of it.
    #[inline]
    pub(super) fn record_first_success(
        &mut self,
        row: &TaskInstanceRecord,
        window: &MeasurementWindow,
    ) {
        let (Some(scheduled_at), Some(started_at), Some(ended_at)) =
            (row.scheduled_at, row.started_at, row.ended_at)
        else {
            return self.record(row, window);
        };
        if scheduled_at < window.warm_up_end || ended_at > window.end {
            return self.record(row, window);
        }
        // Nearly all of them lie within the window, and nothing needs to be cut off.
        let slots = i128::from(row.pool_slots);
        let duration = ended_at.since(started_at).as_micros();
        self.started += 1;
        self.succeeded += 1;
        self.slot_time.running += slots * i128::from(duration);
        self.duration.record(duration as u64);
        self.executor_wait.record(0);
        if let Some(wait) = row.scheduling_wait() {
            self.scheduling_wait.record(wait.as_micros().max(0) as u64);
        }
        self.scheduling_waited_for += row.scheduling;
        let wait = started_at.since(scheduled_at);
        self.pool_wait.record(wait.as_micros() as u64);
        if wait > SimDuration::ZERO {
            self.slot_time.scheduled += slots * i128::from(wait.as_micros());
            self.waited_for.add(&row.wait);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimTime;
    use crate::trace::synthetic::segment;
    use crate::trace::{SchedulingWait, SchedulingWaitCause, WaitCause};

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
            let mut row = TaskInstanceRecord {
                ready_at: Some(at(ready)),
                scheduling,
                ..segment([scheduled, started, started, ended])
            };
            row.wait.add(WaitCause::Pool, span(started - scheduled));
            let [mut quick, mut plain] = [WorkSummary::default(), WorkSummary::default()];
            quick.record_first_success(&row, &window);
            plain.record(&row, &window);
            assert_eq!(quick, plain, "{moments:?}");
        }
    }
}

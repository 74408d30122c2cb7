//! What happened to the task instances of a task, a pool or a DAG.

use super::MeasurementWindow;
use super::first_success::AtOnce;
use crate::deployment::TaskInstanceState;
use crate::stats::Histogram;
use crate::time::{SimDuration, SimTime};
use crate::trace::{SchedulingWait, TaskInstanceRecord, WaitTotals};

/// Counts, waits and durations of task instances within the measurement window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkSummary {
    /// Tries that began to run.
    pub started: u64,
    /// Tries that ended well.
    pub succeeded: u64,
    /// Tries that ended badly with no try left.
    pub failed: u64,
    /// Tries that failed and were to be repeated.
    pub retried: u64,
    /// How often instances were put back that were queued: after waiting too long for their executor, or (Airflow 2) because
    /// their worker found their pool overfull.
    pub requeued: u64,
    /// Instances that ended without a worker: skipped, given up, or set to success by the scheduler.
    pub not_executed: u64,
    /// Instances that had not ended at the horizon.
    pub unfinished: Unfinished,
    /// Ready to scheduled, in microseconds, of segments that ended in the window.
    pub scheduling_wait: Histogram,
    /// The same divided by cause.
    pub scheduling_waited_for: SchedulingWait,
    /// Scheduled to queued, likewise.
    pub pool_wait: Histogram,
    /// Why they waited for their pool, and why those have waited that still did at the horizon.
    pub waited_for: WaitTotals,
    /// Queued to running, likewise.
    pub executor_wait: Histogram,
    /// Running to ended, likewise.
    pub duration: Histogram,
    /// Slot time spent in each state within the window, whenever the segment ended.
    pub slot_time: SlotTime,
    /// First successes whose waits of no time are still to be recorded.
    pub(super) at_once: AtOnce,
}

/// Instances that were cut off by the horizon. A task that starves for ever shows here, and only here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Scheduled: waiting for their pool.
    pub waiting: u64,
    /// Queued: waiting for the executor.
    pub queued: u64,
    /// At work.
    pub running: u64,
    /// The longest time that one of those waiting for their pool has waited so far.
    pub longest_wait: SimDuration,
}

/// Slots times microseconds, clipped to the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotTime {
    /// Waiting for the pool.
    pub scheduled: i128,
    /// Waiting for the executor.
    pub queued: i128,
    /// At work.
    pub running: i128,
}

impl WorkSummary {
    #[inline]
    pub(super) fn record(&mut self, row: &TaskInstanceRecord, window: &MeasurementWindow) {
        let (1.., Some(ended_at)) = (row.segment, row.ended_at) else {
            self.record_without_end(row, window);
            return;
        };
        if !row.refused {
            self.slot_time.add(row, ended_at, window);
        }
        self.count_start(row, window);
        if !window.holds(ended_at) {
            return;
        }
        match row.state {
            TaskInstanceState::Success => self.succeeded += 1,
            TaskInstanceState::Failed => self.failed += 1,
            TaskInstanceState::UpForRetry => self.retried += 1,
            _ => {}
        }
        self.record_waits(row);
        record_span(&mut self.executor_wait, row.executor_wait());
        record_span(&mut self.duration, row.duration());
    }

    /// Adds the instances of another summary, as if they had been recorded here.
    pub fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.retried += other.retried;
        self.requeued += other.requeued;
        self.not_executed += other.not_executed;
        self.unfinished.merge(&other.unfinished);
        self.scheduling_wait.merge(&other.scheduling_wait);
        self.scheduling_waited_for += other.scheduling_waited_for;
        self.pool_wait.merge(&other.pool_wait);
        self.waited_for.merge(&other.waited_for);
        self.executor_wait.merge(&other.executor_wait);
        self.duration.merge(&other.duration);
        self.slot_time.scheduled += other.slot_time.scheduled;
        self.slot_time.queued += other.slot_time.queued;
        self.slot_time.running += other.slot_time.running;
    }

    /// An instance in a state no worker set, or cut off. The times that belong to its state are read and no
    /// others: an instance between two tries may still carry those of the last one.
    #[cold]
    fn record_without_end(&mut self, row: &TaskInstanceRecord, window: &MeasurementWindow) {
        let left_the_queue = matches!(
            row.state,
            TaskInstanceState::Scheduled | TaskInstanceState::Failed | TaskInstanceState::None
        );
        if let (Some(_), Some(left_at)) = (row.queued_at, row.ended_at)
            && left_the_queue
            && row
                .started_at
                .is_none_or(|started_at| started_at == left_at)
        {
            self.record_without_worker(row, left_at, window);
            return;
        }
        let mut current = *row;
        if let Some(taken_at) = row.taken_at {
            self.not_executed += u64::from(window.holds(taken_at));
            self.slot_time.add(row, taken_at, window);
            return;
        }
        match row.state {
            TaskInstanceState::Scheduled => {
                current.queued_at = None;
                current.started_at = None;
                self.unfinished.waiting += 1;
                self.waited_for.add(&row.wait);
                let wait = current.scheduled_at.map(|since| window.end - since);
                self.unfinished.longest_wait =
                    self.unfinished.longest_wait.max(wait.unwrap_or_default());
            }
            TaskInstanceState::Queued => {
                current.started_at = None;
                self.unfinished.queued += 1;
            }
            TaskInstanceState::Running => {
                self.unfinished.running += 1;
                self.count_start(row, window);
            }
            state => {
                let counts = state.is_finished() && row.ended_at.is_some_and(|at| window.holds(at));
                self.not_executed += u64::from(counts);
                return;
            }
        }
        self.slot_time.add(&current, window.end, window);
    }

    /// An instance that was queued, and left its executor before a worker began.
    fn record_without_worker(
        &mut self,
        row: &TaskInstanceRecord,
        left_at: SimTime,
        window: &MeasurementWindow,
    ) {
        let waited = TaskInstanceRecord {
            started_at: None,
            ..*row
        };
        self.slot_time.add(&waited, left_at, window);
        if window.holds(left_at) {
            self.record_waits(row);
            match row.state {
                TaskInstanceState::Failed => self.failed += 1,
                _ => self.requeued += 1,
            }
        }
    }

    /// What it waited for before it was queued.
    #[inline]
    fn record_waits(&mut self, row: &TaskInstanceRecord) {
        record_span(&mut self.scheduling_wait, row.scheduling_wait());
        self.scheduling_waited_for += row.scheduling;
        record_span(&mut self.pool_wait, row.pool_wait());
        self.waited_for.add(&row.wait);
    }

    /// A try counts once, by its first segment; a sensor's later pokes are no new tries.
    #[inline]
    fn count_start(&mut self, row: &TaskInstanceRecord, window: &MeasurementWindow) {
        let counts = row.segment <= 1 && row.started_at.is_some_and(|at| window.holds(at));
        self.started += u64::from(counts);
    }
}

impl Unfinished {
    fn merge(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.queued += other.queued;
        self.running += other.running;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
    }
}

impl SlotTime {
    /// Adds what one segment spent in each state up to `end`, when it ended or was cut off.
    #[inline]
    fn add(&mut self, row: &TaskInstanceRecord, end: SimTime, window: &MeasurementWindow) {
        let slots = i64::from(row.pool_slots);
        let mut left_at = end;
        let phases = [
            (row.started_at, &mut self.running),
            (row.queued_at, &mut self.queued),
            (row.scheduled_at, &mut self.scheduled),
        ];
        for (entered_at, slot_time) in phases {
            if let Some(entered_at) = entered_at {
                let overlap = window.overlap(entered_at, left_at).as_micros();
                *slot_time += i128::from(slots) * i128::from(overlap);
                left_at = entered_at;
            }
        }
    }
}

impl WorkSummary {
    /// Records an instance that only waited for its pool, ran and ended within the horizon, with success, as its row would
    /// be; but for what is zero of all such instances, which [`Self::complete_served`] adds for all of them at once.
    ///
    /// Its wait is since when, and how long of it no slot at all was open: the rest of it, too few were. Its run is from
    /// when to when.
    #[inline]
    pub(crate) fn record_served(
        &mut self,
        (scheduled_at, waited_for_pool): (SimTime, SimDuration),
        run: (SimTime, SimTime),
        slots: u32,
        window: &MeasurementWindow,
    ) {
        let started_at = run.0;
        let wait = started_at.since(scheduled_at);
        // Nearly all of them lie within the window, and nothing needs to be cut off.
        let measured = if scheduled_at >= window.warm_up_end {
            wait
        } else {
            window.overlap(scheduled_at, started_at)
        };
        self.slot_time.scheduled += slot_time(slots, measured);
        if self.record_run(run, slots, window) {
            self.pool_wait.record(wait.as_micros() as u64);
            self.waited_for
                .add_for_pool(waited_for_pool, wait - waited_for_pool);
        }
    }

    /// The same for an instance that ran as soon as it was ready.
    #[inline]
    pub(crate) fn record_served_at_once(
        &mut self,
        run: (SimTime, SimTime),
        slots: u32,
        window: &MeasurementWindow,
    ) {
        self.record_run(run, slots, window);
    }

    /// Says whether it counts among those that ended in the window.
    #[inline]
    fn record_run(
        &mut self,
        (started_at, ended_at): (SimTime, SimTime),
        slots: u32,
        window: &MeasurementWindow,
    ) -> bool {
        let duration = ended_at.since(started_at);
        if started_at >= window.warm_up_end {
            self.slot_time.running += slot_time(slots, duration);
            self.started += 1;
        } else {
            self.slot_time.running += slot_time(slots, window.overlap(started_at, ended_at));
            if ended_at < window.warm_up_end {
                return false;
            }
        }
        self.succeeded += 1;
        self.duration.record(duration.as_micros() as u64);
        true
    }

    /// Records an instance that still waits for its pool at the horizon.
    pub(crate) fn record_waiting(
        &mut self,
        scheduled_at: SimTime,
        waited_for_pool: SimDuration,
        slots: u32,
        window: &MeasurementWindow,
    ) {
        let wait = window.end - scheduled_at;
        self.unfinished.waiting += 1;
        self.unfinished.longest_wait = self.unfinished.longest_wait.max(wait);
        self.waited_for
            .add_for_pool(waited_for_pool, wait - waited_for_pool);
        self.slot_time.scheduled += slot_time(slots, window.overlap(scheduled_at, window.end));
    }

    /// Records an instance that still runs at the horizon.
    pub(crate) fn record_running(
        &mut self,
        scheduled_at: SimTime,
        started_at: SimTime,
        slots: u32,
        window: &MeasurementWindow,
    ) {
        self.unfinished.running += 1;
        self.started += u64::from(window.holds(started_at));
        self.slot_time.scheduled += slot_time(slots, window.overlap(scheduled_at, started_at));
        self.slot_time.running += slot_time(slots, window.overlap(started_at, window.end));
    }

    /// Adds that no instance recorded as served has waited to be scheduled, or for its executor, and that those that ran
    /// at once have not waited for their pool either.
    pub(crate) fn complete_served(&mut self) {
        let at_once = self.succeeded - self.pool_wait.count();
        self.pool_wait.record_many(0, at_once);
        self.scheduling_wait.record_many(0, self.succeeded);
        self.executor_wait.record_many(0, self.succeeded);
    }
}

#[inline]
fn slot_time(slots: u32, span: SimDuration) -> i128 {
    i128::from(slots) * i128::from(span.as_micros())
}

#[inline]
fn record_span(histogram: &mut Histogram, span: Option<SimDuration>) {
    if let Some(span) = span {
        histogram.record(span.as_micros().max(0) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::SchedulingWaitCause;
    use crate::trace::synthetic::segment;

    const WINDOW: MeasurementWindow = MeasurementWindow {
        start: SimTime::from_micros(0),
        warm_up_end: SimTime::from_micros(100_000_000),
        end: SimTime::from_micros(200_000_000),
    };

    fn at(seconds: i64) -> SimTime {
        SimTime::from_micros(0) + SimDuration::from_seconds(seconds)
    }

    fn summary_of(rows: &[TaskInstanceRecord]) -> WorkSummary {
        let mut summary = WorkSummary::default();
        for row in rows {
            summary.record(row, &WINDOW);
        }
        summary
    }

    #[test]
    fn only_what_ended_in_the_window_counts_but_slot_time_is_clipped() {
        let before = segment([10, 20, 30, 90]);
        let across = segment([80, 90, 95, 150]);
        let summary = summary_of(&[before, across]);
        assert_eq!((summary.started, summary.succeeded), (0, 1));
        assert_eq!(summary.pool_wait.max(), Some(10_000_000));
        assert_eq!(summary.executor_wait.max(), Some(5_000_000));
        assert_eq!(summary.duration.sum(), 55_000_000);
        assert_eq!(summary.slot_time.running, 50_000_000);
        assert_eq!(summary.slot_time.scheduled, 0);
    }

    #[test]
    fn what_starves_for_ever_is_seen() {
        let starving = TaskInstanceRecord {
            segment: 0,
            state: TaskInstanceState::Scheduled,
            pool_slots: 3,
            ..segment([50, 60, 70, 80])
        };
        let summary = summary_of(&[starving]);
        assert_eq!(summary.unfinished.waiting, 1);
        assert_eq!(
            summary.unfinished.longest_wait,
            SimDuration::from_seconds(150)
        );
        assert_eq!(summary.slot_time.scheduled, 300_000_000);
        assert_eq!(summary.slot_time.queued + summary.slot_time.running, 0);
        assert_eq!(summary.pool_wait.count(), 0);
    }

    #[test]
    fn what_leaves_its_executor_without_a_worker_has_waited() {
        let left = |state| TaskInstanceRecord {
            segment: 0,
            started_at: None,
            state,
            ..segment([110, 120, 0, 130])
        };
        let summary = summary_of(&[
            left(TaskInstanceState::Scheduled),
            left(TaskInstanceState::Scheduled),
            left(TaskInstanceState::Failed),
        ]);
        assert_eq!(
            (summary.requeued, summary.failed, summary.started),
            (2, 1, 0)
        );
        assert_eq!(summary.slot_time.queued, 30_000_000);
        assert_eq!(summary.slot_time.scheduled, 30_000_000);
        assert_eq!(summary.pool_wait.count(), 3);
        assert_eq!(summary.executor_wait.count(), 0);
    }

    #[test]
    fn the_wait_before_scheduled_counts_with_its_causes() {
        let mut scheduling = SchedulingWait::default();
        scheduling.add(SchedulingWaitCause::Turns, SimDuration::from_seconds(8));
        let row = TaskInstanceRecord {
            ready_at: Some(at(101)),
            scheduling,
            ..segment([110, 120, 130, 140])
        };
        let mut summary = summary_of(&[row, row]);
        summary.merge(&summary_of(&[row]));
        assert_eq!(summary.scheduling_wait.sum(), 27_000_000);
        let turns = summary.scheduling_waited_for.of(SchedulingWaitCause::Turns);
        assert_eq!(turns, SimDuration::from_seconds(24));
    }

    #[test]
    fn a_later_poke_is_no_new_try() {
        let poke = TaskInstanceRecord {
            segment: 2,
            state: TaskInstanceState::UpForReschedule,
            ..segment([110, 120, 121, 122])
        };
        let summary = summary_of(&[poke]);
        assert_eq!((summary.started, summary.succeeded), (0, 0));
        assert_eq!(summary.pool_wait.count(), 1);
    }

    #[test]
    fn tries_are_counted_by_how_they_ended() {
        let ended = |state| TaskInstanceRecord {
            state,
            ended_at: Some(at(140)),
            ..segment([110, 120, 130, 140])
        };
        let skipped = TaskInstanceRecord {
            segment: 0,
            ..ended(TaskInstanceState::Skipped)
        };
        let summary = summary_of(&[
            ended(TaskInstanceState::Success),
            ended(TaskInstanceState::Failed),
            ended(TaskInstanceState::UpForRetry),
            skipped,
        ]);
        assert_eq!(summary.started, 3);
        assert_eq!(
            [
                summary.succeeded,
                summary.failed,
                summary.retried,
                summary.not_executed
            ],
            [1; 4]
        );
    }
}

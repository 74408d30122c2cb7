//! What happened to the runs of a DAG.

use super::MeasurementWindow;
use crate::deployment::DagRunState;
use crate::stats::Histogram;
use crate::time::{SimDuration, SimTime};
use crate::trace::{DagRunRecord, RunWait};

/// Counts and times of the runs of one DAG that ended within the measurement window.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    deadline: Option<SimDuration>,
    /// Runs that became active in the window.
    pub started: u64,
    /// Runs that ended well.
    pub succeeded: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs that ended after their deadline.
    pub late: u64,
    /// Runs that had not ended at the horizon.
    pub unfinished: u64,
    /// Those of the unfinished whose deadline had passed.
    pub overdue: u64,
    /// Due ([`DagRunRecord::due_at`]) to active, in microseconds, of runs that ended in the window.
    pub run_wait: Histogram,
    /// The same divided by cause.
    pub waited_for: RunWait,
    /// Due to the end, likewise.
    pub makespan: Histogram,
    /// Deadline to the end, likewise; 0 for a run in time, and empty without a deadline.
    pub lateness: Histogram,
}

impl RunSummary {
    pub(super) fn new(deadline: Option<SimDuration>) -> Self {
        Self {
            deadline,
            started: 0,
            succeeded: 0,
            failed: 0,
            late: 0,
            unfinished: 0,
            overdue: 0,
            run_wait: Histogram::default(),
            waited_for: RunWait::default(),
            makespan: Histogram::default(),
            lateness: Histogram::default(),
        }
    }

    /// The share of runs that missed their deadline, among those that ended or should have; none without a
    /// deadline or without such a run.
    pub fn missed_deadlines(&self) -> Option<f64> {
        let runs = self.lateness.count() + self.overdue;
        (runs > 0).then(|| (self.late + self.overdue) as f64 / runs as f64)
    }

    pub(super) fn record(&mut self, row: &DagRunRecord, window: &MeasurementWindow) {
        let starts = row.started_at.is_some_and(|at| window.holds(at));
        self.started += u64::from(starts);
        let due = self.deadline.map(|deadline| row.due_at() + deadline);
        match row.ended_at {
            None => {
                self.unfinished += 1;
                self.overdue += u64::from(due.is_some_and(|due| due < window.end));
            }
            Some(ended_at) if window.holds(ended_at) => self.record_end(row, ended_at, due),
            Some(_) => {}
        }
    }

    /// Records a run that began when it was created and ended well, as its row would be; but for its wait of zero, which
    /// [`Self::complete_served`] adds for all of them at once.
    #[inline]
    pub(crate) fn record_served(
        &mut self,
        created_at: SimTime,
        ended_at: SimTime,
        window: &MeasurementWindow,
    ) {
        self.started += u64::from(window.holds(created_at));
        if !window.holds(ended_at) {
            return;
        }
        self.succeeded += 1;
        let makespan = ended_at.since(created_at);
        self.makespan.record(makespan.as_micros() as u64);
        if let Some(deadline) = self.deadline {
            self.record_lateness(ended_at - (created_at + deadline));
        }
    }

    /// Records a run that began when it was created, and goes on at the horizon.
    pub(crate) fn record_running(&mut self, created_at: SimTime, window: &MeasurementWindow) {
        self.started += u64::from(window.holds(created_at));
        self.unfinished += 1;
        let due = self.deadline.map(|deadline| created_at + deadline);
        self.overdue += u64::from(due.is_some_and(|due| due < window.end));
    }

    /// Adds that no run recorded as served has waited for its start.
    pub(crate) fn complete_served(&mut self) {
        self.run_wait.record_many(0, self.succeeded);
    }

    fn record_lateness(&mut self, late_by: SimDuration) {
        self.late += u64::from(late_by > SimDuration::ZERO);
        self.lateness.record(late_by.as_micros().max(0) as u64);
    }

    fn record_end(&mut self, row: &DagRunRecord, ended_at: SimTime, due: Option<SimTime>) {
        match row.state {
            DagRunState::Failed => self.failed += 1,
            _ => self.succeeded += 1,
        }
        let micros = |span: SimDuration| span.as_micros().max(0) as u64;
        self.makespan.record(micros(ended_at - row.due_at()));
        if let Some(started_at) = row.started_at {
            self.run_wait.record(micros(started_at - row.due_at()));
            self.waited_for += row.wait;
        }
        if let Some(due) = due {
            self.record_lateness(ended_at - due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::RunType;
    use crate::trace::synthetic::dag_run;

    const HOUR: MeasurementWindow = MeasurementWindow {
        start: SimTime::from_micros(0),
        warm_up_end: SimTime::from_micros(600_000_000),
        end: SimTime::from_micros(3_600_000_000),
    };

    #[test]
    fn lateness_counts_from_the_deadline() {
        let mut runs = RunSummary::new(Some(SimDuration::from_seconds(100)));
        runs.record(&dag_run(0, Some(590)), &HOUR);
        runs.record(&dag_run(600, Some(700)), &HOUR);
        runs.record(&dag_run(700, Some(830)), &HOUR);
        assert_eq!((runs.succeeded, runs.late), (2, 1));
        assert_eq!(runs.lateness.max(), Some(30_000_000));
        assert_eq!(runs.makespan.max(), Some(130_000_000));
        assert_eq!(runs.missed_deadlines(), Some(0.5));
    }

    #[test]
    fn a_run_that_should_have_ended_has_missed_its_deadline() {
        let mut runs = RunSummary::new(Some(SimDuration::from_seconds(100)));
        runs.record(&dag_run(700, None), &HOUR);
        runs.record(&dag_run(3_590, None), &HOUR);
        assert_eq!((runs.unfinished, runs.overdue), (2, 1));
        assert_eq!(runs.missed_deadlines(), Some(1.0));
    }

    #[test]
    fn the_runs_of_a_backfill_are_due_when_they_are_asked_for() {
        let mut runs = RunSummary::new(Some(SimDuration::from_seconds(100)));
        let asked_at = dag_run(700, None).queued_at;
        runs.record(
            &DagRunRecord {
                run_type: RunType::Backfill,
                queued_at: asked_at,
                ..dag_run(-90_000, Some(790))
            },
            &HOUR,
        );
        assert_eq!((runs.late, runs.makespan.max()), (0, Some(90_000_000)));
    }

    #[test]
    fn without_a_deadline_nothing_is_late() {
        let mut runs = RunSummary::new(None);
        runs.record(&dag_run(700, Some(3_000)), &HOUR);
        assert_eq!((runs.succeeded, runs.late), (1, 0));
        assert_eq!(runs.missed_deadlines(), None);
    }
}

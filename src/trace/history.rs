//! What a real site recorded: the runs and tries of its metadata database, by their names.
//!
//! It is what an import reads, a calibration fits and a backtest compares with. Names, not ids: a history outlives the
//! deployment that wrote it, and may tell of DAGs and tasks that are not there any more.

use crate::deployment::{DagRunState, TaskInstanceState};
use crate::time::SimTime;

/// The recorded history of a site; [`History::read`] reads it from the files of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Its runs, in the order of their creation.
    pub runs: Vec<RecordedRun>,
    /// Executions that began, and instances that never got so far, by creation of the run, then as the site lists them.
    pub tries: Vec<RecordedTry>,
    /// Pokes of sensors in reschedule mode that found nothing, in the order of time.
    pub pokes: Vec<RecordedPoke>,
}

/// A DAG run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRun {
    /// Its DAG.
    pub dag_id: String,
    /// What the site calls it.
    pub run_id: String,
    /// Why it was made: `scheduled`, `manual`, `backfill`, `asset_triggered`, as the site says it.
    pub run_type: String,
    /// Its logical date, if it has one.
    pub logical_date: Option<SimTime>,
    /// When it was due.
    pub run_after: SimTime,
    /// When it was created, if the site says so.
    pub queued_at: Option<SimTime>,
    /// When its first loop began.
    pub started_at: Option<SimTime>,
    /// When it was over.
    pub ended_at: Option<SimTime>,
    /// Its state when it was recorded.
    pub state: DagRunState,
}

/// The names of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedRunName<'n> {
    /// Its DAG.
    pub dag_id: &'n str,
    /// What the site calls it.
    pub run_id: &'n str,
}

impl RecordedRun {
    /// Its names.
    pub fn name(&self) -> RecordedRunName<'_> {
        RecordedRunName {
            dag_id: &self.dag_id,
            run_id: &self.run_id,
        }
    }
}

/// One try of a task instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedTry {
    /// Its run, by its place in [`History::runs`].
    pub run: usize,
    /// Its task.
    pub task_id: String,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// What became of it; of an earlier try, the state in which it was put aside.
    pub state: TaskInstanceState,
    /// Whether another try followed: its state is that of a try that was put aside.
    pub is_earlier: bool,
    /// When a loop put it to scheduled.
    pub scheduled_at: Option<SimTime>,
    /// When the critical section chose it; none if no executor ever got it.
    pub queued_at: Option<SimTime>,
    /// When a worker began.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub ended_at: Option<SimTime>,
    /// The pool whose slots it asked for.
    pub pool: String,
    /// How many of them.
    pub pool_slots: u32,
    /// The effective weight it was sorted by.
    pub priority_weight: i64,
}

impl History {
    /// What the site had recorded at this moment.
    ///
    /// What ended later was running or waiting; runs that were not there yet keep their places, without times.
    pub fn until(&self, moment: SimTime) -> Self {
        let known = |at: Option<SimTime>| at.filter(|&at| at < moment);
        let runs = self.runs.iter().map(|run| {
            let ended_at = known(run.ended_at);
            RecordedRun {
                queued_at: known(run.queued_at),
                started_at: known(run.started_at),
                ended_at,
                state: match ended_at {
                    Some(_) => run.state,
                    None => DagRunState::Running,
                },
                ..run.clone()
            }
        });
        let pokes = self.pokes.iter().filter(|poke| poke.ended_at < moment);
        let mut has_poked = vec![false; self.tries.len()];
        for poke in pokes.clone() {
            has_poked[poke.of] = true;
        }
        let mut places = vec![0; self.tries.len()];
        let mut tries = Vec::new();
        for (at, attempt) in self.tries.iter().enumerate() {
            places[at] = tries.len();
            let attempt = attempt.until(moment);
            let was_there = [attempt.scheduled_at, attempt.queued_at, attempt.started_at];
            if has_poked[at] || attempt.ended_at.is_some() || was_there.iter().any(Option::is_some)
            {
                tries.push(attempt);
            }
        }
        Self {
            runs: runs.collect(),
            tries,
            pokes: pokes
                .map(|poke| RecordedPoke {
                    of: places[poke.of],
                    ..*poke
                })
                .collect(),
        }
    }
}

impl RecordedTry {
    /// What was recorded of it at this moment.
    fn until(&self, moment: SimTime) -> Self {
        let known = |at: Option<SimTime>| at.filter(|&at| at < moment);
        let (queued_at, started_at) = (known(self.queued_at), known(self.started_at));
        let ended_at = known(self.ended_at);
        let is_over = ended_at.is_some();
        Self {
            state: match (queued_at, started_at) {
                _ if is_over => self.state,
                (Some(queued), Some(started)) if started >= queued => TaskInstanceState::Running,
                (_, Some(_)) => TaskInstanceState::Deferred,
                (Some(_), None) => TaskInstanceState::Queued,
                (None, None) => TaskInstanceState::Scheduled,
            },
            // The try that followed was not there before this one was over.
            is_earlier: self.is_earlier && is_over,
            scheduled_at: known(self.scheduled_at),
            queued_at,
            started_at,
            ended_at,
            ..self.clone()
        }
    }
}

/// What names a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedTryName<'n> {
    /// Its run.
    pub run: RecordedRunName<'n>,
    /// Its task.
    pub task_id: &'n str,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
}

impl RecordedTry {
    /// What names it as a try of this run.
    pub fn name<'n>(&'n self, run: RecordedRunName<'n>) -> RecordedTryName<'n> {
        RecordedTryName {
            run,
            task_id: &self.task_id,
            map_index: self.map_index,
            try_number: self.try_number,
        }
    }

    /// Whether the scheduler gave it to an executor: neither skipped nor done by the scheduler itself.
    pub fn was_executed(&self) -> bool {
        self.queued_at.is_some()
    }
}

/// A poke of a sensor that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedPoke {
    /// The try that poked, by its place in [`History::tries`].
    pub of: usize,
    /// When a worker began it; Airflow 3 does not say.
    pub started_at: Option<SimTime>,
    /// When it was over.
    pub ended_at: SimTime,
    /// From when on the next one was due.
    pub next_at: SimTime,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    fn at(seconds: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(seconds)
    }

    fn attempt(task_id: &str, queued: i64, started: i64, ended: i64) -> RecordedTry {
        RecordedTry {
            run: 0,
            task_id: task_id.into(),
            map_index: -1,
            try_number: 1,
            state: TaskInstanceState::UpForRetry,
            is_earlier: true,
            scheduled_at: Some(at(queued)),
            queued_at: Some(at(queued)),
            started_at: Some(at(started)),
            ended_at: Some(at(ended)),
            pool: "pool".into(),
            pool_slots: 1,
            priority_weight: 1,
        }
    }

    #[test]
    fn what_came_later_is_not_known() {
        let run = RecordedRun {
            dag_id: "etl".into(),
            run_id: "one".into(),
            run_type: "scheduled".into(),
            logical_date: None,
            run_after: at(0),
            queued_at: Some(at(0)),
            started_at: Some(at(1)),
            ended_at: Some(at(200)),
            state: DagRunState::Success,
        };
        let poke = |of, ended| RecordedPoke {
            of,
            started_at: None,
            ended_at: at(ended),
            next_at: at(ended + 60),
        };
        let history = History {
            runs: vec![run],
            tries: vec![
                attempt("later", 100, 101, 150),
                attempt("over", 10, 11, 50),
                attempt("running", 20, 30, 120),
                attempt("queued", 90, 105, 120),
                attempt("deferred", 110, 40, 120),
                attempt("poking", 130, 131, 140),
            ],
            pokes: vec![poke(5, 30), poke(5, 120)],
        };
        let known = history.until(at(100));
        assert_eq!(
            (known.runs[0].ended_at, known.runs[0].state),
            (None, DagRunState::Running)
        );
        assert_eq!(known.runs[0].started_at, Some(at(1)));
        let told = known
            .tries
            .iter()
            .map(|one| (one.task_id.as_str(), one.state, one.is_earlier));
        let expected = [
            ("over", TaskInstanceState::UpForRetry, true),
            ("running", TaskInstanceState::Running, false),
            ("queued", TaskInstanceState::Queued, false),
            ("deferred", TaskInstanceState::Deferred, false),
            ("poking", TaskInstanceState::Scheduled, false),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert!(known.tries[1..].iter().all(|one| one.ended_at.is_none()));
        assert_eq!(known.pokes, [poke(4, 30)]);
        assert_eq!(history.until(at(1_000)), history);
    }
}

//! What is kept of a history while it streams by: some fifty bytes a try, and nothing of what needs no figure.

use indexmap::IndexMap;

use crate::calibrate::Span;
use crate::deployment::TaskInstanceState;
use crate::time::SimTime;
use crate::trace::{RecordedPoke, RecordedRun, RecordedTry};

/// What was seen of a site.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// What was seen of DAGs, by name.
    pub dags: IndexMap<String, DagSeen>,
    /// The times of every try that a worker began.
    pub spans: Vec<Span>,
    /// Tries in all.
    pub tries: u64,
    /// When the first run was due.
    pub first_due: Option<SimTime>,
    /// The last moment that is told of: the history ends there.
    pub end: SimTime,
}

/// What was seen of a DAG.
#[derive(Clone, Debug, Default)]
pub struct DagSeen {
    /// Its runs.
    pub runs: Vec<RunSeen>,
    /// What was seen of its tasks, by name.
    pub tasks: IndexMap<String, TaskSeen>,
}

/// A run.
#[derive(Clone, Copy, Debug)]
pub struct RunSeen {
    /// What made it.
    pub made_by: MadeBy,
    /// Its logical date, or when it was due.
    pub logical_date: SimTime,
    /// When it arrived: when it was created if by a trigger, else when it was due.
    pub arrival: SimTime,
}

/// What made a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A timetable.
    Timetable,
    /// Assets that were written.
    Assets,
    /// A person, a program, or a backfill.
    Hand,
}

/// What was seen of a task.
#[derive(Clone, Debug, Default)]
pub struct TaskSeen {
    /// Tries that ended well.
    pub succeeded: Vec<Sample>,
    /// Tries that failed.
    pub failed: Vec<Sample>,
    /// How long tries had run that were still at it when the history ended, in microseconds.
    pub running: Vec<i64>,
    /// Tries that a worker ended as skipped.
    pub skipped: u64,
    /// Tries that failed and were not followed by another, though there may have been one.
    pub last_failures: Vec<u32>,
    /// Tries that began before they were queued, and ended: those of a deferred task that was resumed.
    pub resumed: Vec<Resumed>,
    /// Highest map index by run, of a mapped task.
    pub map_indices: IndexMap<u32, i32>,
    /// What became of it by run: kept for tasks that are not mapped.
    pub states: Vec<(u32, TaskInstanceState)>,
    /// Tries of a sensor that poked in vain, by run, map index and number.
    pub sensings: IndexMap<(u32, i32, u32), Sensing>,
}

/// A try and how long it ran.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its run, by its place among those of the site.
    pub run: u32,
    /// When it began, in microseconds since 1970.
    pub started: i64,
    /// How long it ran, in microseconds.
    pub ran: i64,
}

/// A deferred task that was resumed.
#[derive(Clone, Copy, Debug)]
pub struct Resumed {
    /// Its run, by its place among those of the site.
    pub run: u32,
    /// From its first start to its last queueing, in microseconds.
    pub waited: i64,
    /// From there to its end.
    pub rest: i64,
}

/// A try of a sensor in reschedule mode.
#[derive(Clone, Copy, Debug)]
pub struct Sensing {
    /// Pokes in vain.
    pub pokes: u32,
    /// When the first of them began, if the site says so.
    pub first_start: Option<SimTime>,
    /// When the first of them was over.
    pub first_end: SimTime,
    /// When the last of them was over.
    pub last_end: SimTime,
    /// From the end of the last one to the next, in microseconds.
    pub interval: i64,
    /// When the last poke of all was over, and whether it found what it waited for.
    pub end: Option<(SimTime, bool)>,
}

impl Observations {
    /// Sees a run.
    pub fn run(&mut self, run: &RecordedRun) {
        let made_by = match run.run_type.as_str() {
            "scheduled" => MadeBy::Timetable,
            "asset_triggered" | "dataset_triggered" => MadeBy::Assets,
            _ => MadeBy::Hand,
        };
        let made = run.queued_at.filter(|_| made_by != MadeBy::Timetable);
        let arrival = made.unwrap_or(run.run_after);
        self.first_due = Some(self.first_due.map_or(arrival, |first| first.min(arrival)));
        for moment in [run.queued_at, run.started_at, run.ended_at] {
            self.see(moment);
        }
        let dag = self.dags.entry(run.dag_id.clone()).or_default();
        dag.runs.push(RunSeen {
            made_by,
            logical_date: run.logical_date.unwrap_or(run.run_after),
            arrival,
        });
    }

    /// Sees a try of this run.
    pub fn attempt(&mut self, run: &RecordedRun, attempt: &RecordedTry) {
        self.tries += 1;
        for moment in [
            attempt.scheduled_at,
            attempt.queued_at,
            attempt.started_at,
            attempt.ended_at,
        ] {
            self.see(moment);
        }
        let task = of(of_dag(&mut self.dags, &run.dag_id), &attempt.task_id);
        let number = attempt.run as u32;
        if attempt.map_index >= 0 {
            let highest = task.map_indices.entry(number).or_insert(attempt.map_index);
            *highest = attempt.map_index.max(*highest);
        } else if !attempt.is_earlier && attempt.state.is_finished() {
            task.states.push((number, attempt.state));
        }
        let (Some(queued), Some(started)) = (attempt.queued_at, attempt.started_at) else {
            return;
        };
        let (queued, started) = (queued.as_micros(), started.as_micros());
        let Some(ended) = attempt.ended_at.map(SimTime::as_micros) else {
            if attempt.state == TaskInstanceState::Running && started >= queued {
                task.running.push(started);
                let ended = i64::MAX;
                self.spans.push(Span {
                    queued,
                    started,
                    ended,
                });
            }
            return;
        };
        if started < queued {
            let (waited, rest) = (queued - started, ended - queued);
            task.resumed.push(Resumed {
                run: number,
                waited,
                rest,
            });
            return;
        }
        self.spans.push(Span {
            queued,
            started,
            ended,
        });
        task.count(
            attempt,
            Sample {
                run: number,
                started,
                ran: ended - started,
            },
        );
    }

    /// Sees a poke of this try.
    pub fn poke(&mut self, run: &RecordedRun, attempt: &RecordedTry, poke: &RecordedPoke) {
        self.see(Some(poke.ended_at));
        let task = of(of_dag(&mut self.dags, &run.dag_id), &attempt.task_id);
        let key = (attempt.run as u32, attempt.map_index, attempt.try_number);
        let is_over = attempt.state.is_finished() || attempt.is_earlier;
        let succeeded = attempt.state == TaskInstanceState::Success;
        let sensing = task.sensings.entry(key).or_insert(Sensing {
            pokes: 0,
            first_start: poke.started_at,
            first_end: poke.ended_at,
            last_end: poke.ended_at,
            interval: 0,
            end: attempt
                .ended_at
                .filter(|_| is_over)
                .map(|end| (end, succeeded)),
        });
        sensing.pokes += 1;
        sensing.last_end = poke.ended_at;
        sensing.interval = (poke.next_at - poke.ended_at).as_micros();
    }

    fn see(&mut self, moment: Option<SimTime>) {
        self.end = self.end.max(moment.unwrap_or(SimTime::MIN));
    }
}

impl TaskSeen {
    /// Counts a try that is over by what became of it.
    fn count(&mut self, attempt: &RecordedTry, sample: Sample) {
        match attempt.state {
            TaskInstanceState::Success => self.succeeded.push(sample),
            TaskInstanceState::Failed | TaskInstanceState::UpForRetry => {
                self.failed.push(sample);
                if !attempt.is_earlier && attempt.state == TaskInstanceState::Failed {
                    self.last_failures.push(attempt.try_number);
                }
            }
            TaskInstanceState::Skipped => self.skipped += 1,
            _ => {}
        }
    }
}

/// A name is copied when it is new, not at every try.
fn of_dag<'d>(dags: &'d mut IndexMap<String, DagSeen>, name: &str) -> &'d mut DagSeen {
    if !dags.contains_key(name) {
        dags.insert(name.to_owned(), DagSeen::default());
    }
    &mut dags[name]
}

fn of<'d>(dag: &'d mut DagSeen, name: &str) -> &'d mut TaskSeen {
    if !dag.tasks.contains_key(name) {
        dag.tasks.insert(name.to_owned(), TaskSeen::default());
    }
    &mut dag.tasks[name]
}

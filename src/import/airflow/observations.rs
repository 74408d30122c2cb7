//! What is kept of a history while it streams by: 8 bytes a run and some hundred a sensor that pokes, besides so many tries of each
//! task by chance.

use std::io;

use indexmap::IndexMap;

use super::pace::Moments;
use super::recorded::PokedTry;
use super::site::Site;
use super::sorted_changes::SortedChanges;
use crate::calibrate::{Chosen, Outcomes, Span, Starts, What, Work};
use crate::deployment::TaskInstanceState;
use crate::time::{SimDuration, SimTime};
use crate::trace::{RecordedPoke, RecordedRun, RecordedTry};

/// What was seen of a site.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// What was seen of DAGs, by name.
    pub dags: IndexMap<String, DagSeen>,
    /// The starts of tries that a worker began.
    pub starts: Starts,
    /// The newest moments at which some of these were queued.
    pub(super) queued: Moments,
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
    /// When its runs arrived: when they were created if by a trigger, else when they were due.
    pub arrivals: Vec<SimTime>,
    /// Of these the ones that a person, a program or a backfill made.
    pub by_hand: Vec<SimTime>,
    /// The earliest logical date, or time that it was due, of those that a timetable made.
    pub first_scheduled: Option<SimTime>,
    /// What was seen of its tasks, by name.
    pub tasks: IndexMap<String, TaskSeen>,
}

/// What was seen of a task.
#[derive(Clone, Debug, Default)]
pub struct TaskSeen {
    /// Tries that ended well.
    pub succeeded: Chosen<Sample>,
    /// Tries that failed.
    pub failed: Chosen<Sample>,
    /// How long tries had run that were still at it when the history ended, in microseconds.
    pub running: Vec<i64>,
    /// How all tries ended.
    pub outcomes: Outcomes,
    /// Tries that were over and did not say how long they had run.
    pub impossible: u64,
    /// Tries that began before they were queued, and ended: those of a deferred task that was resumed.
    pub resumed: Chosen<Resumed>,
    /// Highest map index by run, of a mapped task.
    pub map_indices: IndexMap<u32, i32>,
    /// Whether [`Self::states`] are kept: it is a branch, or directly after one.
    pub branches: bool,
    /// What became of it by run: kept for tasks that are not mapped, if at all.
    pub states: Vec<(u32, TaskInstanceState)>,
    /// Tries of a sensor that poked in vain, by run, map index and number.
    pub sensings: IndexMap<(u32, i32, u32), Sensing>,
}

/// A try and how long it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// Its run, by its place among those of the site.
    pub run: u32,
    /// When it began, in microseconds since 1970.
    pub started: i64,
    /// How long it ran, in microseconds.
    pub ran: i64,
}

/// A deferred task that was resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// What will be seen of this site.
    pub(super) fn new(site: &Site) -> Self {
        let mut seen = Self::default();
        for (dag_id, dag) in &site.dags {
            for (task_id, task) in dag.tasks.iter().filter(|(_, task)| task.is_branch()) {
                for name in task.downstream.iter().chain([task_id]) {
                    of(of_dag(&mut seen.dags, dag_id), name).branches = true;
                }
            }
        }
        seen
    }

    /// Sees a run.
    pub fn run(&mut self, run: &RecordedRun) {
        let by_timetable = run.run_type == "scheduled";
        let by_assets = ["asset_triggered", "dataset_triggered"].contains(&run.run_type.as_str());
        let made = run.queued_at.filter(|_| !by_timetable);
        let arrival = made.unwrap_or(run.run_after);
        self.first_due = Some(self.first_due.map_or(arrival, |first| first.min(arrival)));
        for moment in [run.queued_at, run.started_at, run.ended_at] {
            self.see(moment);
        }
        let dag = of_dag(&mut self.dags, &run.dag_id);
        dag.arrivals.push(arrival);
        if by_timetable {
            let logical = run.logical_date.unwrap_or(run.run_after);
            let first = dag.first_scheduled.get_or_insert(logical);
            *first = logical.min(*first);
        } else if !by_assets {
            dag.by_hand.push(arrival);
        }
    }

    /// Sees a try of a run of this DAG; and the times of it, if a worker began it.
    pub fn attempt(&mut self, dag_id: &str, attempt: &RecordedTry) -> Option<Span> {
        self.tries += 1;
        for moment in [
            attempt.scheduled_at,
            attempt.queued_at,
            attempt.started_at,
            attempt.ended_at,
        ] {
            self.see(moment);
        }
        let task = of(of_dag(&mut self.dags, dag_id), &attempt.task_id);
        task.see_instance(attempt);
        task.see_work(attempt)
    }

    /// Sees a poke of a task's try.
    pub(super) fn poke(
        &mut self,
        dag_id: &str,
        task_id: &str,
        attempt: &PokedTry,
        poke: &RecordedPoke,
    ) {
        self.see(Some(poke.ended_at));
        let task = of(of_dag(&mut self.dags, dag_id), task_id);
        let key = (attempt.run as u32, attempt.map_index, attempt.try_number);
        let sensing = task.sensings.entry(key).or_insert(Sensing {
            pokes: 0,
            first_start: poke.started_at,
            first_end: poke.ended_at,
            last_end: poke.ended_at,
            interval: 0,
            end: attempt.end,
        });
        sensing.pokes += 1;
        sensing.last_end = poke.ended_at;
        sensing.interval = (poke.next_at - poke.ended_at).as_micros();
    }

    /// To be called when all was seen, with what happened to the tries that workers began.
    pub(super) fn finish(&mut self, changes: &mut SortedChanges) -> io::Result<()> {
        self.starts = Starts::of(|see| changes.each(see))?;
        changes.each(&mut |change| {
            if change.what == What::Queued {
                self.queued.see(change.at);
            }
        })?;
        let tasks = self
            .dags
            .values_mut()
            .flat_map(|dag| dag.tasks.values_mut());
        for task in tasks {
            task.succeeded.finish();
            task.failed.finish();
            task.resumed.finish();
        }
        Ok(())
    }

    fn see(&mut self, moment: Option<SimTime>) {
        self.end = self.end.max(moment.unwrap_or(SimTime::MIN));
    }
}

impl TaskSeen {
    /// What became of the instance, whoever did it.
    fn see_instance(&mut self, attempt: &RecordedTry) {
        let run = attempt.run as u32;
        if attempt.map_index >= 0 {
            let highest = self.map_indices.entry(run).or_insert(attempt.map_index);
            *highest = attempt.map_index.max(*highest);
        } else if self.branches && !attempt.is_earlier && attempt.state.is_finished() {
            self.states.push((run, attempt.state));
        }
    }

    /// What a worker did; and the span of it, if it was queued, began and was not resumed.
    fn see_work(&mut self, attempt: &RecordedTry) -> Option<Span> {
        let work = Work::of(attempt)?;
        self.outcomes.count(attempt, work);
        let (run, key) = (attempt.run as u32, attempt.run as u64);
        match work {
            Work::Ended { started, ended } => {
                let sample = Sample {
                    run,
                    started: started.as_micros(),
                    ran: (ended - started).as_micros(),
                };
                match attempt.state {
                    TaskInstanceState::Success => self.succeeded.add(key, sample),
                    TaskInstanceState::Failed | TaskInstanceState::UpForRetry => {
                        self.failed.add(key, sample);
                    }
                    _ => {}
                }
            }
            Work::Resumed {
                started,
                queued,
                ended,
            } => {
                let [waited, rest] = [queued - started, ended - queued].map(SimDuration::as_micros);
                self.resumed.add(key, Resumed { run, waited, rest });
            }
            Work::Running { started } => self.running.push(started.as_micros()),
            Work::Impossible => self.impossible += 1,
        }
        work.span(attempt)
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

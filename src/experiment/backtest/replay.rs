//! A replay: recorded arrivals and durations go in, simulated waits come out. It tests the model of the scheduler alone.

use std::collections::BTreeMap;

use super::arrivals::recorded_arrivals;
use super::names::{Names, TryName, name_date};
use super::remembered::{Remembered, was_executed};
use crate::airflow::Simulation;
use crate::deployment::{Deployment, LoopPace, SchedulerMode};
use crate::ids::{DagId, PoolId, TaskId};
use crate::random::StreamKey;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::trace::{FullTrace, History, RecordedRun, RecordedTry, TaskInstanceRecord, WaitParts};

/// A history lived through again, held against itself.
#[derive(Clone, Debug)]
pub struct Replay {
    /// How long an idle loop of the scheduler is: two histories that differ in its phase alone differ by no more.
    pub loop_length: SimDuration,
    /// Every recorded try that an executor got, in the order of the history, but for those that are set aside.
    pub tries: Vec<ComparedTry>,
    /// Tries that an executor got in the simulation, and of which the history knows nothing.
    pub unrecorded: Vec<UnrecordedTry>,
    /// Recorded tries that cannot be compared, by their place in the history.
    pub set_aside: Vec<(usize, SetAside)>,
    /// Recorded instances that no executor ever got: skipped, without work, or cut off before.
    pub never_executed: usize,
    /// The runs.
    pub runs: ComparedRuns,
}

/// A recorded try and what became of it in the simulation.
#[derive(Clone, Copy, Debug)]
pub struct ComparedTry {
    /// Its place in the history.
    pub at: usize,
    /// Its DAG in the scenario.
    pub dag: DagId,
    /// The pool that its task asks for in the scenario.
    pub pool: PoolId,
    /// When it happened.
    pub recorded: Moments,
    /// When it happened in the simulation; none if no executor got it there.
    pub simulated: Option<Moments>,
    /// Why it waited for a slot in the simulation.
    pub wait: WaitParts,
}

/// The moments of a try; of one with several executions those of the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moments {
    /// When it was put to scheduled.
    pub scheduled_at: Option<SimTime>,
    /// When it got its slots.
    pub queued_at: Option<SimTime>,
    /// When a worker began.
    pub started_at: Option<SimTime>,
    /// When it ended.
    pub ended_at: Option<SimTime>,
}

/// A try that only the simulation made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnrecordedTry {
    /// Its DAG.
    pub dag: DagId,
    /// Its task.
    pub task: TaskId,
    /// Its pool.
    pub pool: PoolId,
    /// The logical date of its run, or `run_after` for runs without one.
    pub date: SimTime,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// When it got its slots.
    pub queued_at: Option<SimTime>,
}

/// Why a recorded try is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetAside {
    /// The scenario does not have its task.
    UnknownTask,
    /// It does not lie between the start of the scenario and its horizon.
    OutsideWindow,
    /// Its moments contradict each other: it starts before it is queued, or ends before it starts.
    Contradictory,
    /// The history has the same try more than once.
    Repeated,
}

/// How the runs came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComparedRuns {
    /// Those that have ended both in the history and in the simulation.
    pub ended: usize,
    /// Those of them that began and ended at the very moments that were recorded.
    pub exact: usize,
    /// Recorded ones of known DAGs that the simulation has not made.
    pub not_simulated: usize,
    /// Simulated ones that were not recorded.
    pub not_recorded: usize,
}

impl SetAside {
    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownTask => "unknown_task",
            Self::OutsideWindow => "outside_window",
            Self::Contradictory => "contradictory",
            Self::Repeated => "repeated",
        }
    }

    /// Why, in words that follow a number of tries.
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnknownTask => "of tasks that the scenario does not have",
            Self::OutsideWindow => "not between the start of the scenario and its horizon",
            Self::Contradictory => "that start before they are queued, or end before they start",
            Self::Repeated => "that the history has more than once",
        }
    }
}

impl Moments {
    fn recorded(attempt: &RecordedTry) -> Self {
        Self {
            scheduled_at: attempt.scheduled_at,
            queued_at: attempt.queued_at,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
        }
    }

    fn simulated(row: &TaskInstanceRecord) -> Self {
        Self {
            scheduled_at: row.scheduled_at,
            queued_at: row.queued_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        }
    }

    /// How long it waited for its slots.
    pub fn wait(&self) -> Option<SimDuration> {
        Some(self.queued_at? - self.scheduled_at?)
    }
}

impl ComparedTry {
    /// Whether it was queued and started at the very moments that were recorded, to the microsecond.
    pub fn is_exact(&self) -> bool {
        self.simulated.is_some_and(|simulated| {
            simulated.queued_at == self.recorded.queued_at
                && simulated.started_at == self.recorded.started_at
        })
    }

    /// How much later it was queued than was recorded.
    pub fn late_by(&self) -> Option<SimDuration> {
        Some(self.simulated?.queued_at? - self.recorded.queued_at?)
    }

    /// Whether it was queued no more than so long before or after the recorded moment.
    pub fn is_within(&self, span: SimDuration) -> bool {
        let late = self.late_by();
        late.is_some_and(|late| late <= span && SimDuration::ZERO - late <= span)
    }
}

/// Lives a history through again under the scheduler of a scenario.
///
/// What is compared is whatever an executor got. A try that was cut off by the end of the history is compared as far as it
/// came; whatever cannot be compared is counted and listed.
pub fn replay(scenario: &Scenario, history: &History) -> Replay {
    let names = Names::new(&scenario.deployment);
    let deployment = recorded_arrivals(scenario, &names, history);
    let end = scenario.start + scenario.horizon;
    let mut simulation = Simulation::new(
        &deployment,
        scenario.start,
        StreamKey::root(scenario.seed, 0),
        Remembered::new(&deployment, &names, history),
        FullTrace::default(),
    );
    simulation.run_until(end);
    let trace = simulation.finish();
    let side_by_side = SideBySide {
        deployment: &deployment,
        names: &names,
        history,
        window: (scenario.start, end),
    };
    side_by_side.compare(&trace)
}

/// A history and the trace of its replay.
struct SideBySide<'a> {
    deployment: &'a Deployment,
    names: &'a Names<'a>,
    history: &'a History,
    window: (SimTime, SimTime),
}

impl SideBySide<'_> {
    fn compare(&self, trace: &FullTrace) -> Replay {
        let mut simulated = self.last_executions(trace);
        let mut replay = Replay {
            loop_length: loop_length(self.deployment),
            tries: Vec::new(),
            unrecorded: Vec::new(),
            set_aside: Vec::new(),
            never_executed: 0,
            runs: self.compare_runs(trace),
        };
        let mut seen = BTreeMap::new();
        for (at, attempt) in self.history.tries.iter().enumerate() {
            if !was_executed(attempt) {
                replay.never_executed += 1;
                continue;
            }
            let name = match self.comparable(attempt) {
                Ok(name) => name,
                Err(reason) => {
                    replay.set_aside.push((at, reason));
                    continue;
                }
            };
            if seen.insert(name, at).is_some() {
                replay.set_aside.push((at, SetAside::Repeated));
                continue;
            }
            let row = simulated.remove(&name);
            let task = &self.deployment.tasks[name.task.index()];
            replay.tries.push(ComparedTry {
                at,
                dag: task.dag,
                pool: task.pool,
                recorded: Moments::recorded(attempt),
                simulated: row.map(Moments::simulated),
                wait: row.map(|row| row.wait).unwrap_or_default(),
            });
        }
        // What was set aside has happened all the same.
        for &(at, _) in &replay.set_aside {
            let attempt = &self.history.tries[at];
            let run = &self.history.runs[attempt.run];
            if let Some(name) = self.names.of_try(run, attempt) {
                simulated.remove(&name);
            }
        }
        replay.unrecorded = simulated.into_iter().map(unrecorded).collect();
        replay
    }

    /// The last row of every try that an executor got.
    fn last_executions<'t>(
        &self,
        trace: &'t FullTrace,
    ) -> BTreeMap<TryName, &'t TaskInstanceRecord> {
        let rows = trace.task_instances.iter();
        let executed = rows.filter(|row| row.queued_at.is_some() && !row.is_requeue());
        executed
            .map(|row| (self.names.of_row(self.deployment, row), row))
            .collect()
    }

    /// What names a recorded try in the simulation, unless it cannot be compared.
    fn comparable(&self, attempt: &RecordedTry) -> Result<TryName, SetAside> {
        let run = &self.history.runs[attempt.run];
        let name = self.names.of_try(run, attempt);
        let name = name.ok_or(SetAside::UnknownTask)?;
        let (start, end) = self.window;
        let is_before = due_at(run) < start;
        if is_before || attempt.queued_at.is_some_and(|queued| queued > end) {
            return Err(SetAside::OutsideWindow);
        }
        let is_after = |later: Option<SimTime>, earlier: Option<SimTime>| {
            later.is_none() || earlier.is_none() || later >= earlier
        };
        if is_after(attempt.started_at, attempt.queued_at)
            && is_after(attempt.ended_at, attempt.started_at)
        {
            Ok(name)
        } else {
            Err(SetAside::Contradictory)
        }
    }

    fn compare_runs(&self, trace: &FullTrace) -> ComparedRuns {
        let rows = trace.dag_runs.iter().map(|row| {
            let date = row.logical_date.unwrap_or(row.name.run_after);
            ((row.dag, date), row)
        });
        let mut simulated: BTreeMap<_, _> = rows.collect();
        let mut runs = ComparedRuns::default();
        let (start, end) = self.window;
        for run in &self.history.runs {
            let Some(dag) = self.names.dag(&run.dag_id) else {
                continue;
            };
            let row = simulated.remove(&(dag, name_date(run)));
            if due_at(run) < start || run.queued_at.unwrap_or(due_at(run)) > end {
                continue;
            }
            match row {
                None => runs.not_simulated += 1,
                Some(row) if row.ended_at.is_some() && run.ended_at.is_some() => {
                    runs.ended += 1;
                    let is_exact = row.ended_at == run.ended_at && row.started_at == run.started_at;
                    runs.exact += usize::from(is_exact);
                }
                Some(_) => {}
            }
        }
        runs.not_recorded = simulated.len();
        runs
    }
}

/// From when on a run counts; the dates of backfills are long past when they are asked for.
fn due_at(run: &RecordedRun) -> SimTime {
    match run.queued_at {
        Some(queued) if run.run_type == "backfill" => queued,
        _ => run.run_after,
    }
}

fn unrecorded((name, row): (TryName, &TaskInstanceRecord)) -> UnrecordedTry {
    UnrecordedTry {
        dag: row.dag,
        task: name.task,
        pool: row.pool,
        date: name.date,
        map_index: name.map_index,
        try_number: name.try_number,
        queued_at: row.queued_at,
    }
}

/// From the beginning of an idle loop to that of the next.
fn loop_length(deployment: &Deployment) -> SimDuration {
    match deployment.scheduler {
        SchedulerMode::Airflow(LoopPace::Every(period)) => period,
        SchedulerMode::Airflow(LoopPace::Paced { busy, idle, .. }) => busy + idle,
        SchedulerMode::Ideal { .. } => SimDuration::ZERO,
    }
}

//! What is predicted: the waits for the slots of each pool, the makespans and the missed deadlines of each DAG, day by day.

use std::collections::BTreeMap;

use super::agreement::Waits;
use super::names::Names;
use super::remembered::was_executed;
use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId};
use crate::time::SimTime;
use crate::trace::{FullTrace, History, TaskInstanceRecord};

/// What a figure is of: a pool or a DAG, which figure, and the day, counted from the beginning of what is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DailyName {
    pub(super) of: Of,
    pub(super) figure: Daily,
    pub(super) day: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    Pool(PoolId),
    Dag(DagId),
}

/// A figure of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Daily {
    /// The median wait of the tries that were scheduled on that day.
    WaitP50,
    /// Nineteen of twenty of them wait no longer.
    WaitP95,
    /// The mean makespan of the runs that were due on that day.
    Makespan,
    /// How many of them missed their deadline.
    Misses,
}

impl Daily {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::WaitP50, Self::WaitP95, Self::Makespan, Self::Misses];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WaitP50 => "pool_wait_p50",
            Self::WaitP95 => "pool_wait_p95",
            Self::Makespan => "makespan_mean",
            Self::Misses => "deadline_misses",
        }
    }

    /// Its unit: seconds, or a number.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Misses => "1",
            _ => "s",
        }
    }
}

/// The figures of some days, by name.
pub(super) type DailyFigures = BTreeMap<DailyName, f64>;

/// What happened, as far as figures are made of it.
#[derive(Clone, Debug, Default)]
struct Happened {
    waits: BTreeMap<(PoolId, i64), Vec<f64>>,
    /// Makespans of runs that have ended, or are late already.
    runs: BTreeMap<(DagId, i64), Vec<f64>>,
}

/// The days that are predicted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    pub(super) from: SimTime,
    pub(super) to: SimTime,
}

const DAY: i64 = 86_400_000_000;

impl Days {
    /// The day of a moment, if it is one of them.
    fn of(self, moment: SimTime) -> Option<i64> {
        let is_within = moment >= self.from && moment < self.to;
        is_within.then(|| (moment - self.from).as_micros() / DAY)
    }

    /// The figures of a simulation.
    pub(super) fn simulated(self, deployment: &Deployment, trace: &FullTrace) -> DailyFigures {
        let mut happened = Happened::default();
        // A metadata database keeps the last execution of a try alone.
        let mut last: BTreeMap<_, &TaskInstanceRecord> = BTreeMap::new();
        for row in trace.task_instances.iter().filter(|row| !row.is_requeue()) {
            if row.queued_at.is_some() {
                let name = (row.task, row.logical_date, row.map_index, row.try_number);
                last.insert(name, row);
            }
        }
        for row in last.values() {
            happened.try_waited(self, row.pool, row.scheduled_at, row.queued_at);
        }
        for run in &trace.dag_runs {
            happened.run_ended(self, deployment, run.dag, run.due_at(), run.ended_at);
        }
        happened.figures(deployment)
    }

    /// The figures of a history.
    pub(super) fn recorded(
        self,
        deployment: &Deployment,
        names: &Names<'_>,
        history: &History,
    ) -> DailyFigures {
        let mut happened = Happened::default();
        for attempt in history.tries.iter().filter(|one| was_executed(one)) {
            let run = &history.runs[attempt.run];
            if let Some(name) = names.of_try(run, attempt) {
                let pool = deployment.tasks[name.task.index()].pool;
                happened.try_waited(self, pool, attempt.scheduled_at, attempt.queued_at);
            }
        }
        for run in &history.runs {
            if let Some(dag) = names.dag(&run.dag_id) {
                let due = match run.queued_at {
                    Some(queued) if run.run_type == "backfill" => queued,
                    _ => run.run_after,
                };
                happened.run_ended(self, deployment, dag, due, run.ended_at);
            }
        }
        happened.figures(deployment)
    }
}

impl Happened {
    fn try_waited(
        &mut self,
        days: Days,
        pool: PoolId,
        scheduled: Option<SimTime>,
        queued: Option<SimTime>,
    ) {
        if let (Some(scheduled), Some(queued)) = (scheduled, queued)
            && let Some(day) = days.of(scheduled)
        {
            let waits = self.waits.entry((pool, day)).or_default();
            waits.push((queued - scheduled).as_seconds());
        }
    }

    fn run_ended(
        &mut self,
        days: Days,
        deployment: &Deployment,
        dag: DagId,
        due: SimTime,
        ended: Option<SimTime>,
    ) {
        let Some(day) = days.of(due) else {
            return;
        };
        let deadline = deployment.dags[dag.index()].deadline;
        // One that has not ended is late if its deadline is over, and says nothing of makespans.
        let makespan = (ended.unwrap_or(days.to) - due).as_seconds();
        let is_late = deadline.is_some_and(|deadline| makespan > deadline.as_seconds());
        if ended.is_some() || is_late {
            let runs = self.runs.entry((dag, day)).or_default();
            runs.push(makespan);
        }
    }

    fn figures(self, deployment: &Deployment) -> DailyFigures {
        let mut figures = DailyFigures::new();
        for ((pool, day), waits) in self.waits {
            if let Some(waits) = Waits::of(waits) {
                let of = Of::Pool(pool);
                for (figure, value) in [(Daily::WaitP50, waits.p50), (Daily::WaitP95, waits.p95)] {
                    figures.insert(DailyName { of, figure, day }, value);
                }
            }
        }
        for ((dag, day), runs) in self.runs {
            let of = Of::Dag(dag);
            let mean = runs.iter().sum::<f64>() / runs.len() as f64;
            let figure = Daily::Makespan;
            figures.insert(DailyName { of, figure, day }, mean);
            if let Some(deadline) = deployment.dags[dag.index()].deadline {
                let late = |makespan: &&f64| **makespan > deadline.as_seconds();
                let misses = runs.iter().filter(late).count() as f64;
                let figure = Daily::Misses;
                figures.insert(DailyName { of, figure, day }, misses);
            }
        }
        figures
    }
}

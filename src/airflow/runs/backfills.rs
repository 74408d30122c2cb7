//! Backfills: the runs of past schedule points, made or run again by request (docs/background/scheduler.md, 3).

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::dag_run::{BackfillPlace, RunIdentity};
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::world::World;
use crate::deployment::timetable::{Bounds, PlannedRun};
use crate::deployment::{Backfill, DagRunState, ReprocessBehavior, Schedule};
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::time::SimTime;
use crate::trace::{Recorder, RunType};

/// All backfills that were begun, in the order of their beginning.
#[derive(Debug, Default)]
pub(crate) struct Backfills {
    rows: Vec<BackfillRow>,
}

#[derive(Debug)]
struct BackfillRow {
    dag: DagId,
    /// Runs queued or running.
    unfinished: u32,
    /// Whether the scheduler has found it finished: only then may the DAG have another one.
    completed: bool,
}

impl Backfills {
    /// A run of a backfill has ended.
    pub(crate) fn run_ended(&mut self, place: BackfillPlace) {
        self.rows[place.backfill as usize].unfinished -= 1;
    }

    /// The scheduler looks which backfills are finished.
    pub(crate) fn find_finished(&mut self) {
        for row in &mut self.rows {
            row.completed |= row.unfinished == 0;
        }
    }

    /// Whether one is finished that the scheduler has not found yet.
    pub(crate) fn has_finished(&self) -> bool {
        self.rows
            .iter()
            .any(|row| !row.completed && row.unfinished == 0)
    }

    fn is_busy(&self, dag: DagId) -> bool {
        self.rows.iter().any(|row| row.dag == dag && !row.completed)
    }
}

impl RunCreation<'_> {
    /// Begins a backfill, unless the DAG has one that is not known to be finished: all its runs are queued at once.
    pub(crate) fn begin_backfill<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        backfill: &Backfill,
        engine: &mut Engine<Event>,
    ) {
        let (dag, now) = (backfill.dag, engine.now());
        if world.backfills.is_busy(dag) {
            return;
        }
        let number = world.backfills.rows.len() as u32;
        let paused = world.paused[dag.index()];
        self.queues.add(dag, backfill.max_active_runs, paused, now);
        world.backfills.rows.push(BackfillRow {
            dag,
            unfinished: 0,
            completed: false,
        });
        let mut points = self.points_of(backfill, now);
        if backfill.reverse {
            points.reverse();
        }
        for (index, planned) in points.iter().enumerate() {
            // A date that is left alone uses its number up too.
            let place = BackfillPlace {
                backfill: number,
                ordinal: index as u32 + 1,
            };
            let run = match world.run_dated(dag, planned.logical_date) {
                None => self.create_backfilled(world, outcomes, dag, planned, now),
                Some(run) if is_run_again(world.run(run).state, backfill.reprocess) => {
                    self.clear(world, run, now)
                }
                Some(_) => continue,
            };
            world.run_mut(run).backfill = Some(place);
            let row = &mut self.dags[dag.index()];
            row.unfinished -= 1;
            row.backfilling += 1;
            row.note(*planned);
            world.backfills.rows[number as usize].unfinished += 1;
            self.admit(world, run, engine);
        }
    }

    /// The schedule points of a backfill whose interval is over.
    fn points_of(&self, backfill: &Backfill, now: SimTime) -> Vec<PlannedRun> {
        let mut points = Vec::new();
        let Schedule::Timetable(timetable) = &self.files[backfill.dag.index()].schedule else {
            return points;
        };
        if !timetable.has_points() {
            return points;
        }
        let bounds = Bounds {
            start_date: backfill.from,
            end_date: Some(backfill.to),
            catchup: true,
        };
        let mut next = timetable.next_run(None, &bounds, now);
        while let Some(planned) = next.filter(|planned| planned.interval_end < now) {
            points.push(planned);
            next = timetable.next_run(Some(&planned), &bounds, now);
        }
        points
    }

    fn create_backfilled<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        planned: &PlannedRun,
        now: SimTime,
    ) -> RunId {
        let identity = RunIdentity::dated(RunType::Backfill, planned);
        let key = self.keys[dag.index()].with(planned.logical_date.as_micros() as u64);
        self.create(world, outcomes, dag, identity, key, now)
    }

    /// Lets a run that has ended run again.
    fn clear<R: Recorder>(&mut self, world: &mut World<R>, run: RunId, now: SimTime) -> RunId {
        let cleared = world.clear(run, now);
        let run = world.run(cleared);
        let row = &mut self.dags[run.dag.index()];
        row.unfinished += 1;
        if let Some(recent) = &mut row.recent {
            recent.became(run, false);
        }
        cleared
    }
}

fn is_run_again(state: DagRunState, reprocess: ReprocessBehavior) -> bool {
    match reprocess {
        ReprocessBehavior::None => false,
        ReprocessBehavior::Failed => state == DagRunState::Failed,
        ReprocessBehavior::Completed => state.is_finished(),
    }
}

//! Runs that are running but not examined: those of paused DAGs, and those dated ahead until their date.
//!
//! What happens in them is held back, and acted upon when they go on.

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::dag_run::DagRun;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::scheduler::Scheduler;
use crate::airflow::world::World;
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::time::SimTime;
use crate::trace::Recorder;

impl<R: Recorder> World<R> {
    /// Holds back everything of a DAG that has not begun yet; says whether it went on until now.
    pub(crate) fn pause(&mut self, dag: DagId) -> bool {
        let went_on = !std::mem::replace(&mut self.paused[dag.index()], true);
        if went_on {
            let (rows, held) = (&self.rows, &mut self.held);
            self.changed.retain(|&run| {
                let goes_on = rows.runs[run.index()].dag != dag;
                if !goes_on {
                    held.push(run);
                }
                goes_on
            });
        }
        went_on
    }

    /// Lets a DAG go on; says whether it was paused. All its runs are to be looked at.
    pub(crate) fn unpause(&mut self, dag: DagId, now: SimTime) -> bool {
        let was_paused = std::mem::take(&mut self.paused[dag.index()]);
        if was_paused {
            self.note_unpaused(dag, now);
            self.release_held();
            for id in (0..self.rows.runs.len()).map(RunId::new) {
                if self.run(id).dag == dag {
                    self.mark_changed(id);
                }
            }
            for pool in self.pools.ids() {
                self.mark_unserved(pool);
            }
        }
        was_paused
    }

    /// Lets the runs of a DAG that are dated ahead go on whose date has come, and tells which.
    pub(crate) fn reach_dates(
        &mut self,
        dag: DagId,
        now: SimTime,
        mut reached: impl FnMut(RunId, &DagRun, bool),
    ) {
        let paused = self.paused[dag.index()];
        for &id in &self.held {
            let run = &mut self.rows.runs[id.index()];
            if run.dag == dag
                && run.ahead
                && run.identity.logical_date.is_none_or(|date| date <= now)
            {
                run.ahead = false;
                reached(id, run, paused);
            }
        }
        self.release_held();
    }

    /// Whether something happened in runs of paused DAGs since they were last examined.
    pub(crate) fn has_changed_paused(&self) -> bool {
        self.held.iter().any(|&id| !self.run(id).ahead)
    }

    /// Hands over the runs of paused DAGs in which something happened.
    pub(crate) fn take_changed_paused(&mut self) -> Vec<RunId> {
        let rows = &self.rows;
        self.held
            .extract_if(.., |id| !rows.runs[id.index()].ahead)
            .collect()
    }

    /// Whether what happens in a run is held back.
    pub(crate) fn is_held(&self, run: &DagRun) -> bool {
        run.ahead || self.paused[run.dag.index()]
    }

    /// Gives the scheduler all runs that are held back without a reason any more.
    fn release_held(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        held.retain(|&id| {
            let stays = self.is_held(self.run(id));
            if !stays {
                self.changed.push_back(id);
            }
            stays
        });
        self.held = held;
    }
}

impl Scheduler {
    /// Pauses a DAG: its running runs take no turns.
    pub(crate) fn pause<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        dag: DagId,
        now: SimTime,
    ) {
        if world.pause(dag) {
            creation.disarm(dag);
            creation.queues.set_paused(dag, true, now);
            self.turns.set_aside(|run| world.run(run).dag == dag);
        }
    }

    /// Lets a DAG go on where it was.
    pub(crate) fn unpause<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        if world.unpause(dag, engine.now()) {
            creation.queues.set_paused(dag, false, engine.now());
            creation.arm(world, dag, engine);
            self.turns.put_back(|run| world.run(run).dag == dag);
        }
    }

    /// The timer for runs of paused DAGs: those in which something happened are examined, without promoting anything.
    /// The place of one that ends is not counted as free until the DAG's file is read.
    pub(crate) fn examine_paused<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        creation: &mut RunCreation<'_>,
        outcomes: &mut impl Outcomes,
        engine: &mut Engine<Event>,
    ) {
        for id in world.take_changed_paused() {
            let end = self.examination.examine_paused(world, outcomes, engine, id);
            self.turns.examined_aside(id);
            if let Some(end) = end {
                self.turns.remove(id);
                creation.run_ended(world, id, end, engine.now());
            }
        }
    }

    /// The runs of a DAG that were dated ahead to this moment begin to take turns.
    pub(crate) fn reach_dates<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        if world.held.is_empty() {
            return;
        }
        // In the loops that were skipped they took none.
        self.wake(world, engine);
        let turns = &mut self.turns;
        let now = engine.now();
        world.reach_dates(dag, now, |id, run, paused| turns.add(id, run, paused));
    }
}

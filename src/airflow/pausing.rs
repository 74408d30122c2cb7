//! Runs that are running but not examined: those of paused DAGs, and those dated ahead until their date.
//!
//! What happens in them is held back, and acted upon when they go on.

use super::dag_run::DagRun;
use super::run_creation::RunCreation;
use super::scheduler::Scheduler;
use super::world::World;
use crate::engine::Engine;
use crate::ids::{DagId, RunId};
use crate::time::SimTime;
use crate::trace::Recorder;

use super::event::Event;

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

    /// Lets a DAG go on; says whether it was paused.
    pub(crate) fn unpause(&mut self, dag: DagId) -> bool {
        let was_paused = std::mem::take(&mut self.paused[dag.index()]);
        if was_paused {
            self.release_held();
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
                self.changed.push(id);
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
    ) {
        if world.pause(dag) {
            creation.disarm(dag);
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
        if world.unpause(dag) {
            creation.arm(world, dag, engine);
            self.turns.put_back(|run| world.run(run).dag == dag);
        }
    }

    /// The runs of a DAG that were dated ahead to this moment begin to take turns.
    pub(crate) fn reach_dates<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        dag: DagId,
        now: SimTime,
    ) {
        let turns = &mut self.turns;
        world.reach_dates(dag, now, |id, run, paused| turns.add(id, run, paused));
    }
}

//! Operators at work: carries out what people do to the site while it runs, and what befalls it.

use crate::airflow::event::Event;
use crate::airflow::executors::lost_workers;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::simulation::{Mode, Site};
use crate::deployment::OperatorAction;
use crate::engine::Engine;
use crate::ids::{DagId, EventId, PoolId};
use crate::time::SimTime;
use crate::trace::{Recorder, ResizeRecord};

impl<O: Outcomes, R: Recorder> Site<'_, O, R> {
    /// Lets each operator event happen at its time. A pool that an event creates does not exist before.
    pub(crate) fn expect_operators(&mut self, engine: &mut Engine<Event>) {
        let mut known = vec![false; self.deployment.pools.len()];
        for (index, event) in self.deployment.events.iter().enumerate() {
            engine.schedule(event.at, Event::Operator(EventId::new(index)));
            let pool = event.action.pool();
            let first = pool.is_some_and(|pool| !std::mem::replace(&mut known[pool.index()], true));
            if let OperatorAction::CreatePool { pool, .. } = event.action
                && first
            {
                self.world.pools.delete(pool);
            }
        }
    }

    /// Carries one event out.
    pub(crate) fn operate(&mut self, event: EventId, engine: &mut Engine<Event>) {
        let now = engine.now();
        let deployment = self.deployment;
        let (world, outcomes, creation) = (&mut self.world, &mut self.outcomes, &mut self.creation);
        match &deployment.events[event.index()].action {
            &OperatorAction::ResizePool { pool, slots } => self.resize_pool(pool, slots, now),
            &OperatorAction::ScalePool { pool, factor } => self.scale_pool(pool, factor, now),
            &OperatorAction::CreatePool { pool, slots } => self.create_pool(pool, slots, now),
            &OperatorAction::DeletePool { pool } => self.delete_pool(pool, now),
            &OperatorAction::PauseDag { dag } => self.pause(dag, engine),
            &OperatorAction::UnpauseDag { dag } => self.unpause(dag, engine),
            &OperatorAction::ParseDag { dag } => {
                creation.parse(world, dag, engine);
                self.run_due(dag, engine);
            }
            &OperatorAction::EditDag { dag, edition } => {
                let file = &deployment.editions[edition].file;
                if let Mode::Airflow(scheduler) = &mut self.mode {
                    // The loops that were skipped have examined the runs as they were.
                    scheduler.wake(world, engine);
                }
                world.edit_dag(dag, file, edition, engine);
                creation.edit(world, dag, file, engine);
                self.run_due(dag, engine);
            }
            OperatorAction::TriggerRuns(request) => {
                creation.create_by_hand(world, outcomes, event, request, engine);
            }
            OperatorAction::Backfill(backfill) => {
                creation.begin_backfill(world, outcomes, backfill, engine);
            }
            OperatorAction::LoseWorkers(loss) => {
                lost_workers::lose_for_a_while(world, outcomes, engine, loss);
            }
            &OperatorAction::SlowDown {
                executor,
                factor,
                lasts,
            } => world.workers.slow_down(executor, factor, now + lasts),
        }
    }

    fn pause(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        match &mut self.mode {
            Mode::Airflow(scheduler) => {
                // The loops that were skipped have examined the runs of this DAG too.
                scheduler.wake(&self.world, engine);
                scheduler.pause(&mut self.world, &mut self.creation, dag, engine.now());
            }
            Mode::Ideal(_) => {
                if self.world.pause(dag) {
                    self.creation.queues.set_paused(dag, true, engine.now());
                }
            }
        }
    }

    fn unpause(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let (world, creation) = (&mut self.world, &mut self.creation);
        match &mut self.mode {
            Mode::Airflow(scheduler) => {
                scheduler.wake(world, engine);
                scheduler.unpause(world, creation, dag, engine);
            }
            Mode::Ideal(_) => {
                if world.unpause(dag, engine.now()) {
                    creation.queues.set_paused(dag, false, engine.now());
                    creation.go_on_at_once(world, &mut self.outcomes, dag, engine);
                }
            }
        }
    }

    fn resize_pool(&mut self, pool: PoolId, slots: i64, now: SimTime) {
        if let Some(before) = self.world.pools.resize(pool, slots) {
            self.pool_changed(pool, [before, slots], "an operator resized it", now);
        }
    }

    fn scale_pool(&mut self, pool: PoolId, factor: f64, now: SimTime) {
        let pools = &mut self.world.pools;
        let Some(before) = pools.slots(pool) else {
            return;
        };
        let name = pools.name(pool).to_owned();
        let (after, reason) = match pools.scale_pool(&name, factor) {
            Ok(after) => (after, format!("an operator scaled it by {factor}")),
            Err(error) => (before, error.to_string()),
        };
        self.pool_changed(pool, [before, after], &reason, now);
    }

    fn create_pool(&mut self, pool: PoolId, slots: i64, now: SimTime) {
        if self.world.pools.recreate(pool, slots) {
            self.pool_changed(pool, [0, slots], "an operator created it", now);
        }
    }

    fn delete_pool(&mut self, pool: PoolId, now: SimTime) {
        if let Some(before) = self.world.pools.slots(pool) {
            self.world.pools.delete(pool);
            self.pool_changed(pool, [before, 0], "an operator deleted it", now);
        }
    }

    /// Writes the rows of a change, and lets the pool be served anew.
    fn pool_changed(&mut self, pool: PoolId, [from, to]: [i64; 2], reason: &str, at: SimTime) {
        let world = &mut self.world;
        world.mark_unserved(pool);
        world.recorder.resize(ResizeRecord {
            at,
            pool,
            from,
            to,
            reason: reason.into(),
        });
        world.pool_changed(pool);
    }
}

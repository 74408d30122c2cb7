//! Runs that are made because assets were written (docs/background/scheduler.md, 3).

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::dag_run::RunIdentity;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::world::World;
use crate::engine::Engine;
use crate::ids::{DagId, TaskId};
use crate::random::StreamKey;
use crate::time::SimDuration;
use crate::trace::{Recorder, RunIdForm, RunType};

impl RunCreation<'_> {
    /// A task has succeeded: what it writes may be what DAGs wait for. In `ideal` mode their runs follow a microsecond
    /// later, so that tasks without length that set each other off cannot make time stand still.
    pub(crate) fn task_succeeded<R: Recorder>(
        &mut self,
        world: &World<R>,
        task: TaskId,
        engine: &mut Engine<Event>,
    ) {
        for &asset in &self.deployment.tasks[task.index()].outlets {
            self.assets.write(asset, &world.paused, engine.now());
        }
        if self.at_once {
            let soon = engine.now() + SimDuration::from_micros(1);
            for dag in self.assets.ready().filter(|dag| !world.paused[dag.index()]) {
                engine.schedule(soon, Event::RunDue(dag));
            }
        }
    }

    pub(crate) fn create_by_assets<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        let now = engine.now();
        let run_after = self.assets.consume(dag).unwrap_or(now);
        let undated = RunIdentity {
            run_type: RunType::AssetTriggered,
            logical_date: None,
            data_interval: None,
            run_after,
            form: RunIdForm::Numbered(0),
        };
        let dated = RunIdentity {
            run_type: RunType::DatasetTriggered,
            logical_date: Some(run_after),
            form: RunIdForm::Dated,
            ..undated
        };
        let identity = if world.rules.names_runs_by_logical_date {
            dated
        } else {
            undated
        };
        let row = &mut self.dags[dag.index()];
        row.by_assets += 1;
        let key = self.keys[dag.index()]
            .with(StreamKey::name("assets"))
            .with(row.by_assets);
        let run = self.create(world, outcomes, dag, identity, key, now);
        self.admit(world, run, engine);
        self.queues.forget(dag, now);
    }

    /// The DAGs whose assets were written and that have room for a run, those of backfills counted too.
    pub(crate) fn ready_by_assets<R: Recorder>(
        &self,
        world: &World<R>,
    ) -> impl Iterator<Item = DagId> {
        self.assets.ready().filter(|dag| {
            let row = &self.dags[dag.index()];
            let limit = self.files[dag.index()].max_active_runs;
            !world.paused[dag.index()] && !row.full && row.unfinished + row.backfilling < limit
        })
    }
}

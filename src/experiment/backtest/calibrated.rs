//! A deployment whose tasks are as the known part of a history says, by the same calibration as an import makes.
//!
//! Every replication gets parameters of its own, so that the spread of its results holds what is not known of tasks as well as
//! their luck: `calibrate/redrawn.rs` says how they are drawn.

use std::collections::BTreeMap;

use super::names::Names;
use super::remembered::Remembered;
use crate::calibrate::{Calibration, Proportion, Rules, TaskCalibration, TimeEffects, site};
use crate::deployment::{Branch, Deployment, Mapping, SensorMode, SensorWait, Task, TaskKind};
use crate::ids::TaskId;
use crate::random::{Distribution, Purpose, StreamKey};
use crate::time::{SimDuration, SimTime};
use crate::trace::History;

/// What is known of a deployment.
pub(super) struct Calibrated<'a> {
    deployment: &'a Deployment,
    calibration: Calibration,
    /// By task, its place in the calibration.
    places: Vec<Option<usize>>,
    /// By branch, the ways that it went; by short circuit, none where it stopped.
    ways: BTreeMap<TaskId, Vec<Option<TaskId>>>,
    /// The share of all tries that failed.
    usual_failures: f64,
}

/// A deployment and, by task, what its durations do with time.
pub(super) struct Parameters {
    pub(super) deployment: Deployment,
    pub(super) effects: Vec<TimeEffects>,
}

impl<'a> Calibrated<'a> {
    /// What was known at `until`.
    pub(super) fn new(
        deployment: &'a Deployment,
        names: &Names<'_>,
        history: &History,
        remembered: &Remembered<'_>,
        until: SimTime,
    ) -> Self {
        let rules = Rules {
            by_the_clock: true,
            ..Rules::default()
        };
        let calibration = site(&history.until(until), &rules);
        let known = calibration.tasks.iter().enumerate();
        let known: BTreeMap<TaskId, usize> = known
            .filter_map(|(at, task)| Some((names.task(&task.dag_id, &task.task_id)?, at)))
            .collect();
        let places = deployment.tasks.iter().map(|task| {
            let dag_id = &deployment.dags[task.dag.index()].dag_id;
            known.get(&names.task(dag_id, &task.task_id)?).copied()
        });
        let failures = calibration
            .tasks
            .iter()
            .map(|task| task.outcomes.failures());
        let (count, of) = failures.fold((0, 1), |(count, of), failures| {
            (count + failures.count, of + failures.of)
        });
        Self {
            deployment,
            places: places.collect(),
            ways: remembered.ways(until),
            usual_failures: Proportion { count, of }.share(),
            calibration,
        }
    }

    /// The tasks that executors run and whose durations are not known.
    pub(super) fn unknown(&self) -> Vec<TaskId> {
        let tasks = self.deployment.tasks.iter().enumerate();
        let unknown = tasks.filter(|&(at, task)| {
            let known = self.known(TaskId::new(at));
            !task.is_without_worker() && known.is_none_or(|known| known.duration.is_none())
        });
        unknown.map(|(at, _)| TaskId::new(at)).collect()
    }

    /// Parameters as they could be.
    pub(super) fn parameters(&self, key: StreamKey) -> Parameters {
        let key = key.with(StreamKey::name("parameters"));
        let mut deployment = self.deployment.clone();
        if let Some(fit) = &self.calibration.start_delay.fit
            && let Ok(delay) = fit.redrawn(&self.calibration.rules, key).distribution()
        {
            for executor in &mut deployment.executors {
                executor.start_delay = delay.clone();
            }
        }
        for (dag_id, factor) in &self.calibration.run_sizes {
            let key = key.with(StreamKey::name(dag_id));
            let size = factor.redrawn(key).law().distribution().ok();
            let dags = deployment.dags.iter_mut();
            for dag in dags.filter(|dag| dag.dag_id == *dag_id) {
                dag.run_size.clone_from(&size);
            }
        }
        let mut effects = vec![TimeEffects::default(); deployment.tasks.len()];
        for (at, effects) in effects.iter_mut().enumerate() {
            let id = TaskId::new(at);
            if let Some(known) = self.known(id) {
                let dag = key.with(StreamKey::name(&known.dag_id));
                let key = dag.with(StreamKey::name(&known.task_id));
                let task = &mut deployment.tasks[at];
                *effects = self.give(task, known, key);
                task.pushes = self.pushes(id, key).or(task.pushes.take());
                self.give_ways(task, id, key);
            }
        }
        Parameters {
            deployment,
            effects,
        }
    }

    fn known(&self, task: TaskId) -> Option<&TaskCalibration> {
        Some(&self.calibration.tasks[self.places[task.index()]?])
    }

    /// Gives a task its durations, waits and shares; returns what its durations do with time.
    fn give(&self, task: &mut Task, known: &TaskCalibration, key: StreamKey) -> TimeEffects {
        let rules = &self.calibration.rules;
        let part = |name: &str| key.with(StreamKey::name(name));
        let outcomes = &known.outcomes;
        task.failure_rate = outcomes
            .failures()
            .redrawn(self.usual_failures, part("failures"));
        let fatal = outcomes.fatal(task.retry.retries);
        task.fatal_share = fatal.count as f64 / fatal.of.max(1) as f64;
        task.skip_rate = outcomes.skips().redrawn(0.0, part("skips"));
        let duration = known.duration.as_ref();
        let duration = duration.and_then(|fit| fit.redrawn(rules, key).distribution().ok());
        let Some(duration) = duration else {
            return TimeEffects::default();
        };
        let wait = known.wait.as_ref();
        let wait = wait.and_then(|fit| fit.redrawn(rules, part("wait")).distribution().ok());
        let cv = duration.variance().sqrt() / duration.mean();
        match &mut task.kind {
            // A sensor that keeps its worker was recorded as one execution: it waits so long, and its pokes take no time.
            TaskKind::Sensor(sensor) if sensor.mode == SensorMode::Poke => {
                sensor.wait = SensorWait::Time(duration);
                sensor.poke_interval = SimDuration::from_micros(1_000);
                task.duration = Distribution::ZERO;
            }
            TaskKind::Sensor(sensor) => {
                sensor.wait = SensorWait::Time(wait.unwrap_or(Distribution::ZERO));
                task.duration = duration;
            }
            TaskKind::Deferrable(deferral) => {
                deferral.wait = wait.unwrap_or(Distribution::ZERO);
                task.duration = duration;
            }
            _ => task.duration = duration,
        }
        known.effects.redrawn(cv, key)
    }

    /// The lengths of the lists that a task pushes: as many as those had that are mapped over it.
    fn pushes(&self, id: TaskId, key: StreamKey) -> Option<Distribution> {
        let dag = self.deployment.tasks[id.index()].dag;
        let mut tasks = self.deployment.tasks_of(dag);
        let (over, _) = tasks.find(|(_, other)| other.mapping == Some(Mapping::Over(id)))?;
        let lengths = self.known(over)?.lengths.redrawn(key);
        lengths.law()?.distribution().ok()
    }

    /// Gives a branch or a short circuit shares of the ways that it went, drawn with replacement.
    fn give_ways(&self, task: &mut Task, id: TaskId, key: StreamKey) {
        let Some(went) = self.ways.get(&id) else {
            return;
        };
        let mut stream = key.stream(Purpose::Branch);
        let draw = |_| went[(stream.next_open() * went.len() as f64) as usize];
        let drawn: Vec<Option<TaskId>> = (0..went.len()).map(draw).collect();
        let share = |way: Option<TaskId>| {
            drawn.iter().filter(|one| **one == way).count() as f64 / drawn.len() as f64
        };
        match &mut task.kind {
            TaskKind::Branch(Branch { ways }) => {
                for (way, probability) in ways {
                    *probability = share(Some(*way));
                }
            }
            TaskKind::ShortCircuit(circuit) => circuit.stop_rate = share(None),
            _ => {}
        }
    }
}

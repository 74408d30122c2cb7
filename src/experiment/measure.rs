//! What is measured of every replication: all indicators of the site, pools, DAGs and tasks.

use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId, ResourceId, TaskId};
use crate::metrics::{Entity, Metrics};
use crate::scenario::Scenario;
use crate::trace::{Better, Indicator};

/// Something that every replication of a scenario has a value of, unless nothing happened to measure it by.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// `pool`, `resource`, `dag`, `task`, or `site` for the whole.
    pub kind: &'static str,
    /// Its name; a task's is `dag_id.task_id`, the site's that of the scenario.
    pub name: String,
    /// The indicator's name, such as `pool_wait_p95`.
    pub indicator: String,
    /// The indicator's unit; shares run from 0 to 1.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    asked: (Entity, Indicator),
}

impl Measure {
    /// Everything that is measured of a scenario, in the order of results: the site, pools, resources, DAGs, tasks.
    pub fn all(scenario: &Scenario) -> Vec<Self> {
        let of_entities = entities(&scenario.deployment).flat_map(|entity| {
            let asked = Indicator::all().filter(move |one| one.applies_to(entity.kind()));
            asked.map(move |indicator| Self::of(indicator, entity, scenario))
        });
        of_entities.collect()
    }

    /// One indicator of one thing.
    pub fn of(indicator: Indicator, entity: Entity, scenario: &Scenario) -> Self {
        Self {
            kind: entity.kind().name(),
            name: name(entity, scenario),
            indicator: indicator.to_string(),
            unit: indicator.unit(),
            better: indicator.better(),
            asked: (entity, indicator),
        }
    }

    /// The measure of that name of something of that kind and name; none if there is no such thing, or no such measure of it.
    pub fn named(kind: &str, name: &str, indicator: &str, scenario: &Scenario) -> Option<Self> {
        let is_it = |one: &Self| one.kind == kind && one.name == name && one.indicator == indicator;
        Self::all(scenario).into_iter().find(is_it)
    }

    /// The same measure of another scenario, which may number its pools and tasks differently; that of the site is the
    /// same whatever it is called.
    pub fn counterpart(&self, scenario: &Scenario) -> Option<Self> {
        let is_same = |other: &Self| {
            let of_same =
                other.kind == self.kind && (self.kind == "site" || other.name == self.name);
            of_same && other.indicator == self.indicator
        };
        Self::all(scenario).into_iter().find(is_same)
    }

    /// What it is asked of, and the indicator.
    pub(super) const fn asked(&self) -> (Entity, Indicator) {
        self.asked
    }

    /// Its value in a replication; none if nothing happened to measure it by.
    pub fn value(&self, metrics: &Metrics) -> Option<f64> {
        let (entity, indicator) = self.asked;
        metrics.value(indicator, entity)
    }
}

/// All entities of a deployment: the site, pools, resources, then DAGs, then tasks.
fn entities(deployment: &Deployment) -> impl Iterator<Item = Entity> + use<> {
    let pools = (0..deployment.pools.len()).map(|at| Entity::Pool(PoolId::new(at)));
    let resources = (0..deployment.resources.len()).map(|at| Entity::Resource(ResourceId::new(at)));
    let dags = (0..deployment.dags.len()).map(|at| Entity::Dag(DagId::new(at)));
    let tasks = (0..deployment.tasks.len()).map(|at| Entity::Task(TaskId::new(at)));
    let site = std::iter::once(Entity::Site);
    let protected = pools.chain(resources);
    site.chain(protected).chain(dags).chain(tasks)
}

/// An entity's name; a task's is `dag_id.task_id`, that of the site is the scenario's.
pub(super) fn name(entity: Entity, scenario: &Scenario) -> String {
    let deployment = &scenario.deployment;
    match entity {
        Entity::Site => scenario.name.clone(),
        Entity::Pool(id) => deployment.pools[id.index()].name.clone(),
        Entity::Resource(id) => deployment.resources[id.index()].name.clone(),
        Entity::Dag(id) => deployment.dags[id.index()].dag_id.clone(),
        Entity::Task(id) => {
            let task = &deployment.tasks[id.index()];
            format!(
                "{}.{}",
                deployment.dags[task.dag.index()].dag_id,
                task.task_id
            )
        }
    }
}

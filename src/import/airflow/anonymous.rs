//! Other names for everything that a site has named, the same name for the same thing everywhere.

use indexmap::IndexMap;

use super::site::{Site, SiteAssets, SiteDag, SiteMap, SiteSchedule, SiteTask, SiteValue};
use crate::deployment::DEFAULT_POOL;
use crate::trace::{RecordedRun, RecordedTry};

/// The other names: a kind and a number in the order in which things are met.
#[derive(Debug, Default)]
pub(super) struct Anonymous {
    dags: Names,
    tasks: Names,
    groups: Names,
    pools: Names,
    assets: Names,
    operators: Names,
}

#[derive(Debug, Default)]
struct Names(IndexMap<String, String>);

impl Names {
    fn of(&mut self, kind: &str, name: &str) -> String {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let other = format!("{kind}_{}", self.0.len() + 1);
        self.0.insert(name.to_owned(), other.clone());
        other
    }
}

impl Anonymous {
    pub(super) fn site(&mut self, site: Site) -> Site {
        let mut pools = site.pools;
        for pool in &mut pools {
            pool.name = self.pool(&pool.name);
            pool.description = None;
        }
        // Other names would come in another order.
        let dags = site.dags.into_iter().map(|(name, dag)| {
            let name = self.dags.of("dag", &name);
            (name, self.dag(dag))
        });
        let dags = dags.collect();
        Site { pools, dags }
    }

    fn dag(&mut self, dag: SiteDag) -> SiteDag {
        let groups = dag.groups.into_iter();
        let groups = groups.map(|(name, map)| (self.groups.of("group", &name), self.map(map)));
        let groups = groups.collect();
        let tasks = dag.tasks.into_iter();
        let tasks = tasks.map(|(name, task)| (self.tasks.of("task", &name), self.task(task)));
        let tasks = tasks.collect();
        let schedule = match dag.schedule {
            SiteSchedule::Assets(assets) => SiteSchedule::Assets(self.assets(assets)),
            SiteSchedule::Other(_) => SiteSchedule::Other("a class of its own".into()),
            schedule => schedule,
        };
        SiteDag {
            schedule,
            groups,
            tasks,
            ..dag
        }
    }

    fn task(&mut self, mut task: SiteTask) -> SiteTask {
        // What an operator does stays to be seen in its name.
        let kind = match () {
            () if task.is_branch() => "BranchOperator",
            () if task.is_short_circuit() => "ShortCircuitOperator",
            () if task.sensor.is_some() => "Sensor",
            () => "Operator",
        };
        if !task.is_empty {
            task.operator = self.operators.of(kind, &task.operator);
        }
        for name in &mut task.downstream {
            *name = self.tasks.of("task", name);
        }
        for (field, value) in &mut task.fields {
            if let ("pool", SiteValue::Name(name)) = (*field, value) {
                *name = self.pool(name);
            }
        }
        task.map = task.map.map(|map| self.map(map));
        task.group = task.group.map(|name| self.groups.of("group", &name));
        for name in &mut task.outlets {
            *name = self.assets.of("asset", name);
        }
        task
    }

    fn map(&mut self, map: SiteMap) -> SiteMap {
        match map {
            SiteMap::Over(task) => SiteMap::Over(self.tasks.of("task", &task)),
            map => map,
        }
    }

    fn assets(&mut self, assets: SiteAssets) -> SiteAssets {
        let mut several = |parts: Vec<SiteAssets>| {
            let parts = parts.into_iter().map(|part| self.assets(part));
            parts.collect()
        };
        match assets {
            SiteAssets::Any(parts) => SiteAssets::Any(several(parts)),
            SiteAssets::All(parts) => SiteAssets::All(several(parts)),
            SiteAssets::One(name) => SiteAssets::One(self.assets.of("asset", &name)),
        }
    }

    fn pool(&mut self, name: &str) -> String {
        match name {
            DEFAULT_POOL => name.to_owned(),
            name => self.pools.of("pool", name),
        }
    }

    /// A run of this place; every run has a name of its own, which need not be remembered.
    pub(super) fn run(&mut self, place: usize, run: &RecordedRun) -> RecordedRun {
        RecordedRun {
            dag_id: self.dag_id(&run.dag_id),
            run_id: run_id(place),
            ..run.clone()
        }
    }

    pub(super) fn attempt(&mut self, attempt: &RecordedTry) -> RecordedTry {
        RecordedTry {
            task_id: self.task_id(&attempt.task_id),
            pool: self.pool(&attempt.pool),
            ..attempt.clone()
        }
    }

    pub(super) fn dag_id(&mut self, name: &str) -> String {
        self.dags.of("dag", name)
    }

    pub(super) fn task_id(&mut self, name: &str) -> String {
        self.tasks.of("task", name)
    }
}

/// The other name of the run of this place.
pub(super) fn run_id(place: usize) -> String {
    format!("run_{}", place + 1)
}

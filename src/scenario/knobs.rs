//! The knobs of a site: every number of slots, workers, runs or tasks that an operator could turn, by its path in the file.

use super::document::Located;
use super::syntax::{
    AutoscaleSyntax, CelerySyntax, DagSyntax, ExecutorSyntax, ScenarioSyntax, SchedulerSyntax,
};
use super::{Diagnostics, Scenario, Setting, sources, tree, typed};
use crate::deployment::DEFAULT_POOL;

/// `[core] max_active_tasks_per_dag` and `max_active_runs_per_dag`.
const DEFAULT_LIMIT: u32 = 16;

/// What an autoscaler may go up to if the file does not say.
const DEFAULT_MAX_WORKERS: u32 = 10;

/// Something that can be set to a little more or a little less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Where it stands, as `--set` takes it; it may be a default that the file does not give.
    pub path: String,
    /// What it counts.
    pub kind: KnobKind,
    /// What it belongs to: a pool, a DAG, an executor or a group of workers; empty for the whole site.
    pub of: String,
    /// Its value.
    pub value: i64,
    /// Why turning it can change nothing, if that is known beforehand.
    pub idle: Option<String>,
}

/// What a knob counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnobKind {
    /// Slots of a pool.
    Slots,
    /// `parallelism`, of the site or of an executor.
    Parallelism,
    /// `max_active_tasks`, of a DAG or as the default of all.
    MaxActiveTasks,
    /// `max_active_runs`, likewise.
    MaxActiveRuns,
    /// Celery workers.
    Workers,
    /// The most that an autoscaler of Celery workers may ask for.
    MaxWorkers,
}

impl KnobKind {
    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slots => "slots",
            Self::Parallelism => "parallelism",
            Self::MaxActiveTasks => "max_active_tasks",
            Self::MaxActiveRuns => "max_active_runs",
            Self::Workers => "workers",
            Self::MaxWorkers => "max_workers",
        }
    }
}

/// The knobs of a scenario that has been read from this text with these settings, in the order of pools, `parallelism`, limits
/// and workers.
///
/// # Errors
/// A text that is no scenario.
pub fn knobs(
    text: &str,
    settings: &[Setting<'_>],
    scenario: &Scenario,
) -> Result<Vec<Knob>, Diagnostics> {
    let syntax = tree(text, settings).and_then(|tree| typed(&tree));
    let syntax = syntax.map_err(|problem| Diagnostics {
        list: vec![problem],
        sources: sources(text, "scenario.yaml", settings),
    })?;
    let finder = Finder {
        syntax: &syntax,
        scenario,
    };
    let mut found = finder.pools();
    // The textbook's scheduler knows no other limit.
    if !matches!(syntax.scheduler, Some(SchedulerSyntax::Ideal(_))) {
        found.extend(finder.parallelism());
        found.extend(finder.limit(KnobKind::MaxActiveTasks, |dag| &dag.max_active_tasks));
        found.extend(finder.limit(KnobKind::MaxActiveRuns, |dag| &dag.max_active_runs));
        found.extend(finder.workers());
    }
    Ok(found)
}

struct Finder<'a> {
    syntax: &'a ScenarioSyntax,
    scenario: &'a Scenario,
}

impl Finder<'_> {
    fn pools(&self) -> Vec<Knob> {
        let deployment = &self.scenario.deployment;
        let pools = deployment.pools.iter().enumerate();
        let of_pool = |(at, pool): (usize, &crate::deployment::Pool)| {
            let is_declared = self.syntax.pools.contains_key(pool.name.as_str());
            let is_used = deployment.tasks.iter().any(|task| task.pool.index() == at);
            if !is_declared && (pool.name != DEFAULT_POOL || !is_used) {
                // It comes by an event, or nobody has ever thought of it.
                return None;
            }
            let idle = match pool.slots {
                _ if !is_used => Some("no task asks for it"),
                ..0 => Some("it is unlimited"),
                _ => None,
            };
            let path = if is_declared {
                format!("pools.{}.slots", step(&pool.name))
            } else {
                "airflow.default_pool_task_slot_count".into()
            };
            Some(knob(path, KnobKind::Slots, &pool.name, pool.slots, idle))
        };
        pools.filter_map(of_pool).collect()
    }

    fn parallelism(&self) -> Vec<Knob> {
        let airflow = &self.scenario.deployment.airflow;
        let unbounded = (airflow.parallelism == u32::MAX).then_some("0 is no bound");
        let whole = knob(
            "airflow.parallelism".into(),
            KnobKind::Parallelism,
            "",
            i64::from(airflow.parallelism),
            unbounded,
        );
        let own = self
            .executors()
            .into_iter()
            .filter_map(|(path, name, syntax)| {
                let own = syntax.parallelism()?;
                let idle = (own.value == 0).then_some("0 is no bound");
                let path = format!("{path}.parallelism");
                let value = i64::from(own.value);
                Some(knob(path, KnobKind::Parallelism, &name, value, idle))
            });
        std::iter::once(whole).chain(own).collect()
    }

    /// A limit of DAGs: each that gives its own, and what the others share.
    fn limit(
        &self,
        kind: KnobKind,
        own: impl Fn(&DagSyntax) -> &Option<Located<u32>>,
    ) -> Vec<Knob> {
        let ScenarioSyntax {
            airflow,
            defaults,
            dags,
            ..
        } = self.syntax;
        let name = kind.name();
        let given = match kind {
            KnobKind::MaxActiveTasks => &airflow.max_active_tasks_per_dag,
            _ => &airflow.max_active_runs_per_dag,
        };
        let shared = own(&defaults.dag);
        let have_their_own = dags.values().all(|dag| own(dag).is_some());
        let have_their_own = have_their_own.then_some("every DAG has its own");
        let mut found = Vec::new();
        if let Some(shared) = shared {
            let path = format!("defaults.dag.{name}");
            let value = i64::from(shared.value);
            found.push(knob(path, kind, "", value, have_their_own));
        }
        let overridden = shared.as_ref().map(|_| "`defaults.dag` says otherwise");
        // Where the file does not give it and nobody would look at it, nothing is said.
        if given.is_some() || (overridden.is_none() && have_their_own.is_none()) {
            let value = given.as_ref().map_or(DEFAULT_LIMIT, |given| given.value);
            let path = format!("airflow.{name}_per_dag");
            let idle = overridden.or(have_their_own);
            found.push(knob(path, kind, "", i64::from(value), idle));
        }
        found.extend(dags.iter().filter_map(|(dag, syntax)| {
            let own = own(syntax).as_ref()?;
            let path = format!("dags.{}.{name}", step(dag));
            Some(knob(path, kind, dag, i64::from(own.value), None))
        }));
        found
    }

    fn workers(&self) -> Vec<Knob> {
        let celery = |(path, _, syntax): (String, String, &ExecutorSyntax)| match syntax {
            ExecutorSyntax::Celery(celery) => worker_groups(&path, celery),
            _ => Vec::new(),
        };
        self.executors().into_iter().flat_map(celery).collect()
    }

    /// All executors with their paths and names.
    fn executors(&self) -> Vec<(String, String, &ExecutorSyntax)> {
        let alone = self.syntax.executor.iter();
        let alone = alone.map(|syntax| {
            let path = format!("executor.{}", syntax.kind());
            (path, syntax.kind().to_owned(), &syntax.value)
        });
        let several = self.syntax.executors.iter().map(|(name, syntax)| {
            let path = format!("executors.{}.{}", step(name), syntax.kind());
            (path, name.value.clone(), syntax)
        });
        alone.chain(several).collect()
    }
}

fn worker_groups(path: &str, celery: &CelerySyntax) -> Vec<Knob> {
    if celery.worker_groups.is_empty() {
        let autoscale = celery.autoscale.as_ref();
        return vec![workers(path, "", celery.workers.as_ref(), autoscale)];
    }
    let groups = celery.worker_groups.iter();
    let group = groups.map(|(name, group)| {
        let path = format!("{path}.worker_groups.{}", step(name));
        workers(
            &path,
            name,
            group.workers.as_ref(),
            group.autoscale.as_ref(),
        )
    });
    group.collect()
}

/// Their number, or where they come and go the most that there may be.
fn workers(
    path: &str,
    of: &str,
    count: Option<&Located<u32>>,
    autoscale: Option<&Located<AutoscaleSyntax>>,
) -> Knob {
    let or = |given: Option<&Located<u32>>, default| {
        i64::from(given.map_or(default, |given| given.value))
    };
    match autoscale {
        None => knob(
            format!("{path}.workers"),
            KnobKind::Workers,
            of,
            or(count, 1),
            None,
        ),
        Some(autoscale) => knob(
            format!("{path}.autoscale.max_workers"),
            KnobKind::MaxWorkers,
            of,
            or(autoscale.max_workers.as_ref(), DEFAULT_MAX_WORKERS),
            None,
        ),
    }
}

fn knob(path: String, kind: KnobKind, of: &str, value: i64, idle: Option<&str>) -> Knob {
    Knob {
        idle: idle.map(str::to_owned).or_else(|| {
            of.contains('"')
                .then(|| "its name cannot stand in a path".into())
        }),
        path,
        kind,
        of: of.to_owned(),
        value,
    }
}

/// A name as a step of a path.
fn step(name: &str) -> String {
    if name.contains('.') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NoFiles, read, read_with};
    use super::*;

    fn found(text: &str) -> Vec<(String, i64, Option<String>)> {
        let scenario = read(text, &NoFiles)
            .unwrap_or_else(|bad| panic!("{bad}"))
            .value;
        let all = knobs(text, &[], &scenario).unwrap();
        all.into_iter()
            .map(|it| (it.path, it.value, it.idle))
            .collect()
    }

    const SITE: &str = r"
horizon: 1d
airflow: {max_active_tasks_per_dag: 8}
defaults: {dag: {max_active_runs: 3}, task: {duration: {constant: 1m}}}
executor: {celery: {worker_groups: {light: {workers: 2}, heavy: {queues: heavy, autoscale: {max_workers: 4}}}}}
pools: {warehouse: 4, free: -1, a.b: {slots: 2}}
dags:
  etl: {schedule: '@hourly', max_active_tasks: 5, tasks: {load: {pool: warehouse}, more: {pool: a.b}}}
  other: {schedule: '@hourly', max_active_tasks: 6, max_active_runs: 1, tasks: {load: {pool: free}, rest: {queue: heavy}}}
";

    #[test]
    fn every_knob_stands_where_the_file_gives_it() {
        let idle = |text: &str| Some(text.to_owned());
        let expected = [
            ("airflow.default_pool_task_slot_count", 128, None),
            ("pools.warehouse.slots", 4, None),
            ("pools.free.slots", -1, idle("it is unlimited")),
            ("pools.\"a.b\".slots", 2, None),
            ("airflow.parallelism", 32, None),
            (
                "airflow.max_active_tasks_per_dag",
                8,
                idle("every DAG has its own"),
            ),
            ("dags.etl.max_active_tasks", 5, None),
            ("dags.other.max_active_tasks", 6, None),
            ("defaults.dag.max_active_runs", 3, None),
            ("dags.other.max_active_runs", 1, None),
            ("executor.celery.worker_groups.light.workers", 2, None),
            (
                "executor.celery.worker_groups.heavy.autoscale.max_workers",
                4,
                None,
            ),
        ];
        let expected = expected.map(|(path, value, idle)| (path.to_owned(), value, idle));
        assert_eq!(found(SITE), expected);
    }

    #[test]
    fn each_can_be_turned_by_its_path() {
        for (path, value, _) in found(SITE).into_iter().filter(|it| it.2.is_none()) {
            let more = (value + 1).to_string();
            let settings = [Setting {
                path: &path,
                value: &more,
            }];
            let turned = read_with(SITE, "site.yaml", &settings, &NoFiles);
            let scenario = turned.unwrap_or_else(|bad| panic!("{path}: {bad}")).value;
            let again = knobs(SITE, &settings, &scenario).unwrap();
            let knob = again.iter().find(|knob| knob.path == path).unwrap();
            assert_eq!(knob.value, value + 1, "{path}");
        }
    }

    #[test]
    fn the_textbook_has_pools_alone() {
        let text = SITE.replace("horizon: 1d", "horizon: 1d\nscheduler: {ideal: {}}");
        let found = found(&text);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|it| it.0.contains("slot")));
    }
}

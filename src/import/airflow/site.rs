//! What a site is like, as it is declared: pools, DAGs and their tasks.

use indexmap::IndexMap;

use super::exclusions::{Exclusion, Exclusions};
use super::schema::{Schema, Version};
use super::serialized_dag;
use super::source::{Query, Source};
use super::{ImportError, Selection};
use crate::deployment::{Pool, PoolsFile};
use crate::time::{SimDuration, SimTime};

/// A site as its database describes it.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Its pools.
    pub pools: Vec<Pool>,
    /// The DAGs that are not stale, by name.
    pub dags: IndexMap<String, SiteDag>,
}

/// A DAG as it is declared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteDag {
    /// Whether it is paused.
    pub is_paused: bool,
    /// Unfinished runs at a time.
    pub max_active_runs: Option<u32>,
    /// Task instances at a time.
    pub max_active_tasks: Option<u32>,
    /// After so many failed runs in a row it is paused.
    pub max_consecutive_failed_dag_runs: u32,
    /// In which its cron expression is read.
    pub timezone: Option<String>,
    /// When its runs come.
    pub schedule: SiteSchedule,
    /// No run lies before.
    pub start_date: Option<SimTime>,
    /// No run lies after.
    pub end_date: Option<SimTime>,
    /// Whether missed points are made up for; none if the file leaves it to the site.
    pub catchup: Option<bool>,
    /// A run that takes longer fails.
    pub dagrun_timeout: Option<SimDuration>,
    /// Mapped task groups.
    pub groups: IndexMap<String, SiteMap>,
    /// Its tasks, in the order of the DAG file.
    pub tasks: IndexMap<String, SiteTask>,
}

/// When the runs of a DAG come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SiteSchedule {
    /// By hand alone.
    #[default]
    Never,
    /// A cron expression or a preset, with data intervals or without.
    Cron(String, bool),
    /// At a fixed period.
    Every(SimDuration, bool),
    /// When assets were written.
    Assets(SiteAssets),
    /// By a timetable of this class, which is not known.
    Other(String),
}

/// A condition over assets.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteAssets {
    /// An asset by its name.
    One(String),
    /// Any of them.
    Any(Vec<SiteAssets>),
    /// All of them.
    All(Vec<SiteAssets>),
}

/// What a task, or a group of them, is mapped over.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteMap {
    /// Literals.
    Length(u32),
    /// What this task returns.
    Over(String),
    /// Something else, such as a parameter.
    Other,
}

/// A task as it is declared; what a DAG file leaves out has Airflow's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteTask {
    /// The class of its operator.
    pub operator: String,
    /// Whether the scheduler does it by itself.
    pub is_empty: bool,
    /// A sensor, and how it waits.
    pub sensor: Option<SiteSensor>,
    /// The tasks directly after it.
    pub downstream: Vec<String>,
    /// Fields that a scenario has under the same name and in the same form, in its order: `pool`, `retries` and so on.
    pub fields: Vec<(&'static str, SiteValue)>,
    /// What it is mapped over.
    pub map: Option<SiteMap>,
    /// The mapped group that it belongs to.
    pub group: Option<String>,
    /// The assets that it writes.
    pub outlets: Vec<String>,
}

/// How a sensor waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteSensor {
    /// Whether it gives its slot back between pokes.
    pub is_rescheduled: bool,
    /// From the end of a poke to the next, if the file says.
    pub poke_interval: Option<SimDuration>,
    /// How long it waits at most, if the file says.
    pub timeout: Option<SimDuration>,
    /// Whether it is skipped when time is up.
    pub soft_fail: bool,
    /// Whether the interval grows.
    pub exponential_backoff: bool,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteValue {
    /// A name.
    Name(String),
    /// A number.
    Number(i64),
    /// A number that need not be whole.
    Real(f64),
    /// A span of time.
    Span(SimDuration),
    /// True.
    True,
}

impl SiteTask {
    /// The value of a field that is not the default.
    pub fn field(&self, name: &str) -> Option<&SiteValue> {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// The name in a field, such as `pool`.
    pub fn name<'t>(&'t self, field: &str, default: &'t str) -> &'t str {
        match self.field(field) {
            Some(SiteValue::Name(name)) => name,
            _ => default,
        }
    }

    /// Whether its operator follows some of the tasks after it.
    pub fn is_branch(&self) -> bool {
        self.operator.contains("Branch")
    }

    /// Whether its operator stops what comes after it.
    pub fn is_short_circuit(&self) -> bool {
        self.operator.contains("ShortCircuit")
    }
}

impl Site {
    /// The pools as Airflow exports them.
    pub fn pools_file(&self) -> PoolsFile {
        let mut file = PoolsFile::default();
        for pool in &self.pools {
            file.insert(pool.clone());
        }
        file
    }

    pub(super) fn read(
        source: &mut dyn Source,
        schema: &Schema,
        selection: &Selection,
        exclusions: &mut Exclusions,
    ) -> Result<Self, ImportError> {
        let mut site = Self::default();
        site.read_pools(source, schema)?;
        site.read_dags(source, schema, selection)?;
        site.read_serialized(source, schema, exclusions)?;
        // A DAG without tasks was never serialized: nothing of it can run.
        site.dags.retain(|_, dag| !dag.tasks.is_empty());
        Ok(site)
    }

    fn read_pools(&mut self, source: &mut dyn Source, schema: &Schema) -> Result<(), ImportError> {
        let wanted = ["pool", "slots", "description", "include_deferred"];
        let columns = schema.columns("slot_pool", &wanted);
        let query = Query {
            table: "slot_pool",
            columns: &columns.0,
            order: &["pool"],
        };
        source.rows(&query, &mut |row| {
            let get = |column| columns.field(row, column);
            if let (Some(name), Some(slots)) = (get("pool").text(), get("slots").integer()) {
                self.pools.push(Pool {
                    name: name.to_owned(),
                    slots,
                    description: get("description").text().map(str::to_owned),
                    include_deferred: get("include_deferred").is_true(),
                });
            }
            Ok(())
        })?;
        Ok(())
    }

    fn read_dags(
        &mut self,
        source: &mut dyn Source,
        schema: &Schema,
        selection: &Selection,
    ) -> Result<(), ImportError> {
        let wanted = [
            "dag_id",
            "is_paused",
            "is_stale",
            "is_active",
            "max_active_tasks",
            "max_active_runs",
            "max_consecutive_failed_dag_runs",
        ];
        let columns = schema.columns("dag", &wanted);
        let query = Query {
            table: "dag",
            columns: &columns.0,
            order: &["dag_id"],
        };
        source.rows(&query, &mut |row| {
            let get = |column| columns.field(row, column);
            let is_gone = match schema.version {
                Version::Three => get("is_stale").is_true(),
                Version::Two => columns.place("is_active").is_some() && !get("is_active").is_true(),
            };
            let number = |column| get(column).integer().and_then(|n| u32::try_from(n).ok());
            if let Some(dag_id) = get("dag_id").text().filter(|dag| selection.holds_dag(dag))
                && !is_gone
            {
                let dag = SiteDag {
                    is_paused: get("is_paused").is_true(),
                    max_active_runs: number("max_active_runs"),
                    max_active_tasks: number("max_active_tasks"),
                    max_consecutive_failed_dag_runs: number("max_consecutive_failed_dag_runs")
                        .unwrap_or(0),
                    ..SiteDag::default()
                };
                self.dags.insert(dag_id.to_owned(), dag);
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The newest version of every DAG: rows come in the order of their last update, and the last one wins.
    fn read_serialized(
        &mut self,
        source: &mut dyn Source,
        schema: &Schema,
        exclusions: &mut Exclusions,
    ) -> Result<(), ImportError> {
        let table = "serialized_dag";
        let wanted = ["dag_id", "data", "data_compressed"];
        let columns = schema.columns(table, &wanted);
        let order = if schema.has(table, "last_updated") {
            "last_updated"
        } else {
            "dag_id"
        };
        let query = Query {
            table,
            columns: &columns.0,
            order: &[order],
        };
        source.rows(&query, &mut |row| {
            let get = |column| columns.field(row, column);
            let dag_id = get("dag_id").text().unwrap_or_default();
            let Some(dag) = self.dags.get_mut(dag_id) else {
                return Ok(());
            };
            let read = serialized_dag::text(get("data"), get("data_compressed"))
                .and_then(|text| serialized_dag::read(&text, dag));
            if let Err(reason) = read {
                exclusions.add(Exclusion::SerializedDag, || format!("{dag_id}: {reason}"));
            }
            Ok(())
        })?;
        Ok(())
    }
}

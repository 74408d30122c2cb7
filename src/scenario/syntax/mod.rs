//! What a scenario file may say, as types: the reader, the JSON Schema and the messages come from these.
//!
//! Everything that a later check may complain about is [`Located`]. Variants are externally tagged, and a scalar
//! stands for a variant only through a visitor of its own, because flattened, untagged and internally tagged types
//! lose the places of their values.

mod airflow;
mod arrivals;
mod assets;
mod costs;
mod dag;
mod distribution;
mod duration;
mod event;
mod executor;
mod horizon;
mod map;
mod moment;
mod names;
mod objective;
mod policy;
mod pool;
mod precision;
mod rate;
mod resource;
mod schedule;
mod scheduler;
mod share;
mod size;
mod sweep;
mod task;
mod task_kind;
mod warm_up;
mod worker_event;

pub(crate) use airflow::AirflowSyntax;
pub(crate) use arrivals::{
    ArrivalsSyntax, BatchSyntax, BurstsSyntax, Factors, PoissonSyntax, ProfileSyntax,
    RecordedSyntax,
};
pub(crate) use assets::AssetsSyntax;
pub(crate) use costs::{BudgetSyntax, CostsSyntax};
pub(crate) use dag::DagSyntax;
pub(crate) use distribution::{
    ComponentSyntax, DistributionSyntax, EMPIRICAL, EMPIRICAL_KEYS, MIXTURE, MODIFIERS, Parameter,
};
pub(crate) use duration::parse as parse_duration;
pub(crate) use event::{
    AtSyntax, BackfillSyntax, EventSyntax, ReprocessSyntax, TriggerSyntax, ViaSyntax,
};
pub(crate) use executor::{AutoscaleSyntax, CelerySyntax, ExecutorSyntax, TrackedSyntax};
pub(crate) use horizon::Horizon;
pub(crate) use map::MapSyntax;
pub(crate) use names::Names;
pub(crate) use objective::{Amount, ObjectiveSyntax};
pub(crate) use policy::{
    GuardSyntax, ManualChangeSyntax, PolicySyntax, StabilisationSyntax, StepLimitSyntax,
};
pub(crate) use pool::PoolSyntax;
pub(crate) use precision::PrecisionSyntax;
pub(crate) use rate::parse as parse_rate;
pub(crate) use resource::{ExcessSyntax, RateLimitSyntax, ResourceSyntax, SlowdownSyntax};
pub(crate) use schedule::ScheduleSyntax;
pub(crate) use scheduler::{LoopSyntax, SchedulerSyntax, TimersSyntax};
pub(crate) use share::Share;
pub(crate) use size::{
    RuleSyntax, ScriptSyntax, SizeParameter, SizeSyntax, StepSyntax, WindowSyntax,
};
pub(crate) use sweep::SweepSyntax;
pub(crate) use task::{TaskSyntax, WeightRuleSyntax};
pub(crate) use task_kind::{
    AwaitsSyntax, SensorModeSyntax, SensorSyntax, TaskKindSyntax, TriggerRuleSyntax,
};
pub(crate) use warm_up::WarmUp;
pub(crate) use worker_event::{LoseWorkersSyntax, SlowDownSyntax};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::document::Located;
use crate::time::SimTime;

/// A scenario: an Airflow site, its workload, and what is asked about it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "slotwise scenario")]
pub(crate) struct ScenarioSyntax {
    /// Name of the scenario; results are filed under it.
    pub(crate) name: Option<Located<String>>,
    /// What it is about.
    pub(crate) description: Option<String>,
    /// Where simulated time begins, in RFC 3339; the default is Monday, 2026-01-05T00:00:00Z.
    pub(crate) start: Option<Located<SimTime>>,
    /// How long is simulated.
    pub(crate) horizon: Located<Horizon>,
    /// How much of the beginning is left out of the results; the default is nothing.
    pub(crate) warm_up: Option<Located<WarmUp>>,
    /// The seed of all random numbers; the default is 1.
    pub(crate) seed: Option<u64>,
    /// How often the simulation is repeated with other random numbers.
    pub(crate) replications: Option<Located<u32>>,
    /// How precise an estimate must be before no more replications are simulated; `replications` is the first round.
    pub(crate) precision: Option<PrecisionSyntax>,
    /// The confidence level of intervals; the default is `95%`.
    pub(crate) level: Option<Share>,
    /// How the scheduler decides and how its time passes.
    pub(crate) scheduler: Option<SchedulerSyntax>,
    /// Options by their names in `airflow.cfg`.
    #[serde(default)]
    pub(crate) airflow: AirflowSyntax,
    /// What runs the tasks.
    pub(crate) executor: Option<Located<ExecutorSyntax>>,
    /// Several executors by name, of which a task names one or uses the first; excludes `executor`.
    #[serde(default)]
    pub(crate) executors: IndexMap<Located<String>, ExecutorSyntax>,
    /// Pools by name; `default_pool` always exists.
    #[serde(default)]
    pub(crate) pools: IndexMap<Located<String>, Located<PoolSyntax>>,
    /// What pools protect, by name; a pool names the one that it stands in front of.
    #[serde(default)]
    pub(crate) resources: IndexMap<Located<String>, ResourceSyntax>,
    /// Factors for what-if questions.
    #[serde(default)]
    pub(crate) scale: ScaleSyntax,
    /// What tasks and DAGs use where they say nothing.
    #[serde(default)]
    pub(crate) defaults: DefaultsSyntax,
    /// DAGs by name.
    pub(crate) dags: IndexMap<Located<String>, DagSyntax>,
    /// What operators do, and what befalls the site, while it runs.
    #[serde(default)]
    pub(crate) events: Vec<EventSyntax>,
    /// Ways of sizing the pools to be compared; the first is the one that `run` uses.
    #[serde(default)]
    pub(crate) policies: IndexMap<Located<String>, PolicySyntax>,
    /// What the site costs; without it there is no indicator `cost`.
    pub(crate) costs: Option<Located<CostsSyntax>>,
    /// The slots that pools should have together at most; without it there is no indicator `time_over_budget`.
    pub(crate) budget: Option<Located<BudgetSyntax>>,
    /// What the site must achieve.
    #[serde(default)]
    pub(crate) objectives: Vec<Located<ObjectiveSyntax>>,
    /// What `sweep` varies: every combination of values of some paths, or a list of points.
    pub(crate) sweep: Option<Located<SweepSyntax>>,
}

/// Factors for what-if questions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScaleSyntax {
    /// Multiplies the rate of every arrival process; timetables and recorded arrivals stay as they are. The default
    /// is 1.
    pub(crate) arrivals: Option<Located<f64>>,
    /// Multiplies the durations of all tasks. The default is 1.
    pub(crate) durations: Option<Located<f64>>,
}

/// What tasks and DAGs use where they say nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultsSyntax {
    /// For every task; `upstream` and `downstream` are not possible here.
    #[serde(default)]
    pub(crate) task: TaskSyntax,
    /// For every DAG; `tasks` and `count` are not possible here.
    #[serde(default)]
    pub(crate) dag: DagSyntax,
}

/// Keeps apart a key that is not given (none) from one that is given as `null` (some null).
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

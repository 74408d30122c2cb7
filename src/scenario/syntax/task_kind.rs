//! What a task does, and what must have become of the tasks before it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::DistributionSyntax;
use crate::deployment::TriggerRule;
use crate::time::SimDuration;

/// What a task does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskKindSyntax {
    /// Runs on an executor.
    Work,
    /// `EmptyOperator`: set to success by the scheduler itself, without pool or executor.
    Empty,
    /// Follows one of the tasks directly after it, each with its probability, and skips the others; with what is
    /// missing to 1 it follows none.
    Branch(IndexMap<Located<String>, Located<f64>>),
    /// Goes on, or skips what comes after it.
    ShortCircuit(ShortCircuitSyntax),
    /// Waits for something by asking again and again.
    Sensor(Located<SensorSyntax>),
    /// Leaves its worker and waits in a trigger; `duration` is that of each of its two parts.
    Deferrable(DeferralSyntax),
}

/// A short circuit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShortCircuitSyntax {
    /// Share of executions that skip what comes after, from 0 to 1.
    pub(crate) stop_rate: Located<f64>,
    /// Whether all tasks downstream are skipped (the default), or only the direct ones.
    pub(crate) ignore_downstream_trigger_rules: Option<bool>,
}

/// A sensor; `duration` is that of one poke.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SensorSyntax {
    /// What it holds between pokes; the default is `poke`: everything.
    pub(crate) mode: Option<SensorModeSyntax>,
    /// From the beginning of the first poke of a try until what it waits for is there.
    pub(crate) wait: Option<Located<DistributionSyntax>>,
    /// The task that it waits for, in place of `wait`: its success in the run of the same logical date.
    pub(crate) awaits: Option<AwaitsSyntax>,
    /// From the end of a poke to the next; the default is one minute.
    pub(crate) poke_interval: Option<Located<SimDuration>>,
    /// How long a try waits at most; the default is seven days.
    pub(crate) timeout: Option<SimDuration>,
    /// Whether it is skipped, and does not fail, when time is up; the default is false.
    #[serde(default)]
    pub(crate) soft_fail: bool,
    /// Whether the interval grows from poke to poke; only with `mode: reschedule`.
    pub(crate) exponential_backoff: Option<Located<bool>>,
    /// The longest interval that the backoff makes.
    pub(crate) max_wait: Option<SimDuration>,
}

/// A task that a sensor waits for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AwaitsSyntax {
    /// Its DAG.
    pub(crate) dag: Located<String>,
    /// The task.
    pub(crate) task: Located<String>,
}

/// What a sensor holds between pokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SensorModeSyntax {
    /// Its worker and its pool slots.
    Poke,
    /// Nothing: it waits for a slot again at each poke.
    Reschedule,
}

/// A deferrable task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeferralSyntax {
    /// From the deferral to the trigger's event.
    pub(crate) wait: Located<DistributionSyntax>,
    /// The task fails if the trigger has not fired by then.
    pub(crate) timeout: Option<SimDuration>,
    /// Whether it waits before it has run at all; the default is false.
    #[serde(default)]
    pub(crate) start_from_trigger: bool,
}

/// What must have become of the upstream tasks, with Airflow's names.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TriggerRuleSyntax {
    /// All succeeded; the default.
    AllSuccess,
    /// All failed.
    AllFailed,
    /// All are finished, however they ended.
    AllDone,
    /// All are finished, none was skipped, and at least one succeeded.
    AllDoneMinOneSuccess,
    /// At least one succeeded; does not wait for the others.
    OneSuccess,
    /// At least one failed; does not wait for the others.
    OneFailed,
    /// At least one succeeded or failed; does not wait for the others.
    OneDone,
    /// None failed: all succeeded or were skipped.
    NoneFailed,
    /// None failed, and at least one succeeded.
    NoneFailedMinOneSuccess,
    /// None was skipped, and all are finished.
    NoneSkipped,
    /// All were skipped.
    AllSkipped,
    /// At once, without waiting for anything.
    Always,
}

impl From<TriggerRuleSyntax> for TriggerRule {
    fn from(syntax: TriggerRuleSyntax) -> Self {
        use TriggerRuleSyntax as Syntax;
        match syntax {
            Syntax::AllSuccess => Self::AllSuccess,
            Syntax::AllFailed => Self::AllFailed,
            Syntax::AllDone => Self::AllDone,
            Syntax::AllDoneMinOneSuccess => Self::AllDoneMinOneSuccess,
            Syntax::OneSuccess => Self::OneSuccess,
            Syntax::OneFailed => Self::OneFailed,
            Syntax::OneDone => Self::OneDone,
            Syntax::NoneFailed => Self::NoneFailed,
            Syntax::NoneFailedMinOneSuccess => Self::NoneFailedMinOneSuccess,
            Syntax::NoneSkipped => Self::NoneSkipped,
            Syntax::AllSkipped => Self::AllSkipped,
            Syntax::Always => Self::Always,
        }
    }
}

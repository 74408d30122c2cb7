//! How the scheduler decides and how its time passes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use crate::time::SimDuration;

/// How the scheduler decides.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SchedulerSyntax {
    /// The scheduler loop of Airflow with its page, limits and delays.
    Airflow(AirflowLoopSyntax),
    /// What queueing theory assumes: no latency, no page, strict priority and then first come, first served.
    Ideal(IdealSyntax),
}

/// The scheduler loop of Airflow.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AirflowLoopSyntax {
    /// The version of Airflow whose rules hold: `"3"`, which is the default, or `"2"`.
    pub(crate) version: Option<Located<String>>,
    /// When the next loop begins; the default is `{busy: 200ms, idle: 1s}`.
    #[serde(rename = "loop")]
    pub(crate) pace: Option<Located<LoopSyntax>>,
    /// How many schedulers run side by side, each with `parallelism` of its own; the default is 1.
    pub(crate) schedulers: Option<Located<u32>>,
}

/// When the next loop begins: `{every: 1s}`, or `{busy: 200ms, idle: 1s}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoopSyntax {
    /// At this fixed period, whatever the loop did; excludes the other fields.
    pub(crate) every: Option<Located<SimDuration>>,
    /// What one loop takes; the default is `200ms`.
    pub(crate) busy: Option<Located<SimDuration>>,
    /// What it takes besides for every task instance that it handles: those that it promotes to scheduled, and those
    /// of the pages of its critical section; the default is no time at all.
    pub(crate) per_task: Option<SimDuration>,
    /// `[scheduler] scheduler_idle_sleep_time`: the sleep after a loop that queued nothing; the default is `1s`.
    pub(crate) idle: Option<Located<SimDuration>>,
    /// Whether the scheduler's timers end its sleeps early, as the real ones do; the default is `none`.
    pub(crate) timers: Option<TimersSyntax>,
}

/// The scheduler's timers.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimersSyntax {
    /// A sleep ends when a timer is due.
    Exact,
    /// No timers: loops fall up to a sleep away from the real ones.
    #[default]
    None,
}

/// What queueing theory assumes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdealSyntax {
    /// Whether a wide task that does not fit holds back those behind it; the default is false.
    #[serde(default)]
    pub(crate) head_of_line: bool,
}

//! Everything that is reported of one run.

use serde::Serialize;

use super::{LongestRunReport, duration_text};
use crate::deployment::{Deployment, SchedulerMode};
use crate::experiment::{Case, WarmUp};
use crate::ids::{DagId, PoolId};
use crate::metrics::{Metrics, measure};
use crate::scenario::Scenario;
use crate::stats::Histogram;
use crate::time::{SimDuration, SimTime};
use crate::trace::{
    HourOfWeek, LongestRun, MeasurementWindow, PoolSignal, PoolTally, RunningSummary,
    StarvingCourse, StarvingTasks, WeekOfPools,
};

/// What the facts of a run do not say about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunHeading {
    /// The scenario's name.
    pub scenario: String,
    /// What the scenario is about.
    pub description: Option<String>,
    /// The sizing policy in use.
    pub policy: Option<String>,
    /// The seed of all randomness.
    pub seed: u64,
    /// Whether it was to end as soon as all was done.
    #[serde(skip)]
    pub until_done: bool,
    /// How the warm-up was found, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
}

/// One run, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// What it was a run of.
    #[serde(flatten)]
    pub heading: RunHeading,
    /// How the scheduler decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// When it was measured, as RFC 3339.
    pub window: WindowText,
    /// The values of all indicators.
    pub metrics: Metrics,
    /// The first resizes of pools.
    pub resizes: Vec<ResizeLine>,
    /// How many resizes there were.
    pub resize_count: u64,
    /// The first deadlocks of pools.
    pub deadlocks: Vec<DeadlockLine>,
    /// How many deadlocks there were.
    pub deadlock_count: u64,
    /// The pools over time, for the charts and `pools.csv`.
    #[serde(skip)]
    pub courses: Vec<PoolCourse>,
    /// The pool waits of the instances of each DAG, in microseconds, in the order of the deployment.
    #[serde(skip)]
    pub dag_waits: Vec<Histogram>,
    /// The run that waited longest, if anybody has looked for it.
    #[serde(skip)]
    pub longest_run: Option<LongestRunReport>,
    /// What each pool does in each hour of the week, likewise.
    #[serde(skip)]
    pub hours_of_week: Vec<Vec<HourOfWeek>>,
    /// How many instances starve in each pool, over time, likewise.
    #[serde(skip)]
    pub starving: Vec<StarvingCourse>,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
}

/// The measurement window as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowText {
    /// The first simulated moment.
    pub start: String,
    /// Where measuring begins.
    pub warm_up_end: String,
    /// The horizon, or `until_done`.
    pub end: String,
}

/// A change of a pool's size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResizeLine {
    /// The moment, as RFC 3339.
    pub at: String,
    /// The pool's name.
    pub pool: String,
    /// Slots before.
    pub from: i64,
    /// Slots from then on.
    pub to: i64,
    /// Why, in words.
    pub reason: String,
}

/// A pool all of whose slots were held by sensors that await tasks which need them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadlockLine {
    /// The pool's name.
    pub pool: String,
    /// When it began, as RFC 3339.
    pub since: String,
    /// When a slot was free again, likewise; none if not before the end of the run.
    pub until: Option<String>,
    /// How long it lasted, in seconds, at most until the end of the run.
    pub seconds: f64,
    /// How many sensors held the slots.
    pub sensors: u32,
}

/// A pool over time.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolCourse {
    /// Its name.
    pub pool: String,
    /// Whether deferred instances keep their slots.
    pub include_deferred: bool,
    /// What its signals did in each of the equal bins from the start of the run on.
    pub bins: Vec<PoolTally>,
    /// How long a bin is; the last may be shorter.
    pub bin_width: SimDuration,
    /// The pool waits of its instances, in microseconds.
    pub waits: Histogram,
}

impl RunReport {
    /// The report of a run of `deployment` that came to `summary`.
    pub fn new(heading: RunHeading, deployment: &Deployment, summary: &RunningSummary) -> Self {
        let measured = summary.window();
        Self {
            heading,
            mode: mode(deployment),
            window: WindowText::of(&measured),
            metrics: measure(summary, deployment),
            resizes: resize_lines(deployment, summary),
            resize_count: summary.resize_count(),
            deadlocks: deadlock_lines(deployment, summary),
            deadlock_count: summary.deadlock_count(),
            courses: summary
                .pool_ids()
                .map(|id| PoolCourse::new(id, deployment, summary))
                .collect(),
            dag_waits: (0..deployment.dags.len())
                .map(|dag| summary.work_of_dag(DagId::new(dag)).pool_wait)
                .collect(),
            longest_run: None,
            hours_of_week: Vec::new(),
            starving: Vec::new(),
            measured,
        }
    }

    /// The same with what charts show beyond the summary.
    #[must_use]
    pub fn with_details(
        self,
        deployment: &Deployment,
        (longest, (week, starving)): (LongestRun, (WeekOfPools, StarvingTasks)),
    ) -> Self {
        let longest = longest.into_run();
        Self {
            longest_run: longest.and_then(|run| LongestRunReport::new(deployment, &run)),
            hours_of_week: week.into_pools(),
            starving: starving.into_courses(),
            ..self
        }
    }
}

fn deadlock_lines(deployment: &Deployment, summary: &RunningSummary) -> Vec<DeadlockLine> {
    let end = summary.window().end;
    let rows = summary.deadlocks().iter();
    rows.map(|row| DeadlockLine {
        pool: deployment.pools[row.pool.index()].name.clone(),
        since: row.since.to_string(),
        until: row.until.map(|until| until.to_string()),
        seconds: (row.until.unwrap_or(end) - row.since).as_seconds(),
        sensors: row.sensors,
    })
    .collect()
}

impl WindowText {
    /// That of replications, of which each may end at another moment.
    pub(super) fn of_scenario(scenario: &Scenario) -> Self {
        let case = Case {
            scenario,
            policy: None,
        };
        let text = Self::of(&case.replication(0).window());
        let end = if scenario.until_done {
            "until_done".into()
        } else {
            text.end
        };
        Self { end, ..text }
    }

    pub(super) fn of(window: &MeasurementWindow) -> Self {
        Self {
            start: window.start.to_string(),
            warm_up_end: window.warm_up_end.to_string(),
            end: window.end.to_string(),
        }
    }
}

/// How long each replication is measured, in words.
pub(super) fn measured_text(window: &MeasurementWindow, until_done: bool) -> String {
    if until_done {
        return "until all is done".into();
    }
    let span = |span: SimDuration| duration_text(span.as_seconds());
    let warm_up = window.warm_up_end - window.start;
    format!(
        "{} measured after {} of warm-up",
        span(window.length()),
        span(warm_up)
    )
}

/// How the scheduler decides.
pub(super) const fn mode(deployment: &Deployment) -> &'static str {
    match deployment.scheduler {
        SchedulerMode::Airflow(_) => "airflow",
        SchedulerMode::Ideal { .. } => "ideal",
    }
}

impl PoolCourse {
    fn new(id: PoolId, deployment: &Deployment, summary: &RunningSummary) -> Self {
        let slots = summary.slots_of(id);
        Self {
            pool: deployment.pools[id.index()].name.clone(),
            include_deferred: deployment.pools[id.index()].include_deferred,
            bins: slots.bins(),
            bin_width: slots.bin_width(),
            waits: summary.work_of_pool(id).pool_wait,
        }
    }

    /// Slots in use in a bin, on average.
    pub fn in_use(&self, bin: &PoolTally) -> f64 {
        let deferred = if self.include_deferred {
            bin.mean(PoolSignal::Deferred)
        } else {
            0.0
        };
        bin.mean(PoolSignal::Running) + bin.mean(PoolSignal::Queued) + deferred
    }

    /// The bins with the moments at which they begin.
    pub fn timed_bins(&self, start: SimTime) -> impl Iterator<Item = (SimTime, &PoolTally)> {
        let width = self.bin_width.as_micros();
        let moment = move |at: usize| start + SimDuration::from_micros(width * at as i64);
        self.bins
            .iter()
            .enumerate()
            .map(move |(at, bin)| (moment(at), bin))
    }
}

/// The report as one JSON document; what is not defined (no utilisation of an unlimited pool) is null.
pub fn summary_json(report: &RunReport) -> String {
    document(report)
}

/// One JSON document.
pub(super) fn document(report: &impl Serialize) -> String {
    // Writing plain structs to a string cannot fail: no map has keys that are not text.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

fn resize_lines(deployment: &Deployment, summary: &RunningSummary) -> Vec<ResizeLine> {
    let line = |resize: &crate::trace::ResizeRecord| ResizeLine {
        at: resize.at.to_string(),
        pool: deployment.pools[resize.pool.index()].name.clone(),
        from: resize.from,
        to: resize.to,
        reason: resize.reason.clone(),
    };
    summary.resizes().iter().map(line).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::trace::Recorder;
    use crate::trace::synthetic::{
        busy_hour, cut_off, dag_run, deployment, first_hour, summary_of,
    };

    /// An hour in which a pool of two slots is asked for more than it has.
    pub(crate) fn busy_report() -> RunReport {
        let rows = cut_off(&busy_hour(149), first_hour().end);
        let mut summary = summary_of(&deployment(), first_hour(), &rows);
        summary.dag_run(&dag_run(600, Some(690)));
        summary.dag_run(&dag_run(660, Some(900)));
        summary.dag_run(&dag_run(720, None));
        let heading = RunHeading {
            scenario: "busy-hour".into(),
            seed: 42,
            ..RunHeading::default()
        };
        RunReport::new(heading, &deployment(), &summary)
    }

    #[test]
    fn the_document_reads_back_with_its_nulls() {
        let text = summary_json(&busy_report());
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["scenario"], "busy-hour");
        assert_eq!(
            document["window"]["warm_up_end"],
            "1970-01-01T00:10:00.000000Z"
        );
        let pools = &document["metrics"]["pools"];
        assert_eq!(pools[0]["utilisation"], 1.0);
        assert_eq!(pools[1]["utilisation"], serde_json::Value::Null);
        assert!(pools[0]["task_instances"]["pool_wait"]["p95"].as_f64() > Some(600.0));
    }
}

//! The calibration of a site: its history taken apart, and every part fitted.

use super::counts::Counts;
use super::durations::{DurationSamples, durations};
use super::fit::{Fit, Rules, fit};
use super::recorded::{RecordedTask, recorded_tasks};
use super::run_size::CommonFactor;
use super::samples::Samples;
use super::start_delay::{Span, StartDelay, Starts};
use super::time_effects::{TimeEffects, time_effects};
use super::tries::{Outcomes, Work};
use crate::random::StreamKey;
use crate::time::SimTime;
use crate::trace::History;

/// What a site's history says.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// What was gone by.
    pub rules: Rules,
    /// The tasks that executors had, by DAG and name.
    pub tasks: Vec<TaskCalibration>,
    /// The factors that the durations of a run have in common, by DAG, where they are shown.
    pub run_sizes: Vec<(String, CommonFactor)>,
    /// The delay of starts.
    pub start_delay: StartDelay,
}

/// What is known of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCalibration {
    /// Its DAG.
    pub dag_id: String,
    /// Its name.
    pub task_id: String,
    /// The pool of its newest try.
    pub pool: String,
    /// The durations of tries that succeeded, without the factor of their run if there is one; none if no try
    /// ended and no other task can lend its own.
    pub duration: Option<Fit>,
    /// The durations that were fitted, in rising order: what a quantile plot sets beside the law.
    pub values: Vec<f64>,
    /// How tries ended.
    pub outcomes: Outcomes,
    /// The durations of tries that failed, if these are shown to be others.
    pub failed_duration: Option<Fit>,
    /// How many instances each run made of it; empty if it is not mapped.
    pub lengths: Counts,
    /// Pokes in vain before each success; empty if there were none ever.
    pub pokes: Counts,
    /// From the beginning of the first poke, or of the deferral, until what was waited for was there; none of a task that
    /// never waited.
    pub wait: Option<Fit>,
    /// What the durations do with time.
    pub effects: TimeEffects,
    /// Tries whose times contradict each other; they are left out.
    pub impossible: usize,
}

/// Fits everything that can be fitted to a history.
///
/// The bootstrap draws from streams that are keyed by `rules.seed` and the names of DAG and task, so that neither threads nor
/// other tasks change a digit.
pub fn site(history: &History, rules: &Rules) -> Calibration {
    let mut recorded = recorded_tasks(history);
    recorded.retain(|task| task.attempts() > 0);
    let root = StreamKey::root(rules.seed, 0);
    let series: Vec<Vec<(SimTime, f64)>> = recorded.iter().map(RecordedTask::series).collect();
    let effects = time_effects(&series, rules.level);
    if rules.by_the_clock {
        for (task, effects) in recorded.iter_mut().zip(&effects) {
            for (_, at, seconds) in &mut task.succeeded {
                *seconds /= effects.factor(*at);
            }
        }
    }
    let samples: Vec<DurationSamples> = recorded.iter().map(RecordedTask::durations).collect();
    let (run_sizes, durations) = durations(&samples, rules, root);
    let each = recorded.into_iter().zip(durations).zip(effects);
    let tasks = each.map(|((task, durations), effects)| TaskCalibration {
        outcomes: task.outcomes.clone(),
        wait: wait(&task, rules, root),
        dag_id: task.dag_id,
        task_id: task.task_id,
        pool: task.pool,
        duration: durations.succeeded,
        values: durations.values,
        failed_duration: durations.failed,
        lengths: task.lengths,
        pokes: task.pokes,
        effects,
        impossible: task.impossible,
    });
    Calibration {
        rules: *rules,
        tasks: tasks.collect(),
        run_sizes,
        start_delay: Starts::of_spans(&spans(history))
            .delay(rules, root.with(StreamKey::name("start delay"))),
    }
}

fn spans(history: &History) -> Vec<Span> {
    let tries = history.tries.iter();
    tries
        .filter_map(|attempt| Work::of(attempt)?.span(attempt))
        .collect()
}

/// How long a sensor or a trigger waits; those that were still at it are censored.
fn wait(task: &RecordedTask, rules: &Rules, root: StreamKey) -> Option<Fit> {
    let dag = root.with(StreamKey::name(&task.dag_id));
    let key = dag.with(StreamKey::name(&task.task_id));
    let samples = Samples::new(Vec::new(), task.waiting.clone());
    let samples = samples.with_between(task.waits.iter().copied());
    fit(&samples, rules, key.with(StreamKey::name("wait")))
}

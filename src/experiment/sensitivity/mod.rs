//! What is one more slot worth? Every knob of a site is turned a little to both sides, on the same luck, and the knobs are
//! ranked by what that changes.
//!
//! The differences of all knobs and sides are one family: verdicts hold together, by Holm's procedure. One scenario is in
//! memory besides the two sides of one knob, and of each replication nothing but the value that was asked for.

mod step;
mod turns;

pub use step::Step;
pub use turns::{TurnKnob, Turns};

use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::case::{Case, simulate};
use super::comparison::{Difference, DifferenceVerdict};
use super::measure::Measure;
use super::plan::{Plan, PlanError, Progress};
use crate::scenario::{Knob, KnobKind, Scenario};
use crate::stats::interval::Interval;

/// What is varied, and how it is looked at.
#[derive(Clone, Debug)]
pub struct Varied<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// The policy that sizes its pools, by name; none leaves them as they are.
    pub policy: Option<&'a str>,
    /// What is looked at.
    pub measure: &'a Measure,
    /// The knobs.
    pub knobs: Vec<Knob>,
    /// By how much each is turned.
    pub step: Step,
    /// How often each side is simulated.
    pub replications: u32,
    /// The confidence level of intervals and, together, of the verdicts.
    pub level: f64,
}

/// How much each knob matters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// How often each side of each knob was simulated.
    pub replications: u32,
    /// The confidence level of each interval by itself, and of all verdicts together.
    pub level: f64,
    /// What was looked at: `pool`, `dag`, `task`, or `site` for the whole.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The indicator's name.
    pub indicator: String,
    /// Its unit.
    pub unit: &'static str,
    /// Its value as the site is.
    pub as_is: Interval,
    /// The knobs, the one that matters most first.
    pub knobs: Vec<KnobEffect>,
}

/// A knob and what turning it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KnobEffect {
    /// Where it stands in the scenario.
    pub path: String,
    /// What it counts: `slots`, `parallelism`, `max_active_tasks`, `max_active_runs`, `workers` or `max_workers`.
    pub counts: &'static str,
    /// The pool, the DAG, the executor or the group of workers; empty for the whole site.
    pub of: String,
    /// Its value.
    pub value: i64,
    /// A little less; none if that is not possible.
    pub less: Option<Effect>,
    /// A little more; none if that is not possible.
    pub more: Option<Effect>,
    /// Why it was not turned, or not to both sides.
    pub notes: Vec<String>,
}

/// What a turn of a knob does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// The value that it was turned to.
    pub to: i64,
    /// The indicator with it, minus the indicator as it is.
    #[serde(flatten)]
    pub difference: Difference,
}

/// Turns every knob; `turn` reads the scenario with one of them at another value, or says why that cannot be.
///
/// The outcome is the same to the last byte for any number of threads; `progress` is called from all of them, in no
/// particular order.
///
/// # Errors
/// A number of replications or a level that no interval can have, or a policy that cannot be attached to its pools.
pub fn sensitivity(
    varied: &Varied<'_>,
    turn: &TurnKnob<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Sensitivity, PlanError> {
    Plan::new(varied.replications, varied.level)?;
    let Varied {
        scenario,
        policy,
        knobs,
        step,
        ..
    } = varied;
    let turns = Turns::of(scenario, *policy, knobs, *step, turn);
    let total = turns.sites() * varied.replications as usize;
    let done = AtomicUsize::new(0);
    let one_more = || {
        let done = 1 + done.fetch_add(1, Ordering::Relaxed);
        progress(Progress { done, total });
    };
    let mut values = vec![varied.values(scenario, &one_more)?];
    for (knob, to) in turns.turned(knobs) {
        // It has been read once already, so this cannot fail; a site that is gone all the same has no values.
        values.push(match turn(knob, to) {
            Ok(scenario) => varied.values(&scenario, &one_more)?,
            Err(_) => Vec::new(),
        });
    }
    Ok(turns.judge(varied, &values))
}

/// Who sets another size of a pool than the one that is turned: the policy in use, or an event.
pub(super) fn who_else_sizes(
    scenario: &Scenario,
    policy: Option<&str>,
    knob: &Knob,
) -> Option<String> {
    let deployment = &scenario.deployment;
    let pool = (knob.kind == KnobKind::Slots).then(|| deployment.pool_named(&knob.of))??;
    let policy = policy.and_then(|name| scenario.policies.get_key_value(name));
    let by_policy = policy.filter(|(_, plan)| plan.size.is_some() && plan.pools.contains(&pool));
    let mut events = deployment.events.iter();
    let by_event = events.any(|event| event.action.pool() == Some(pool));
    match by_policy {
        Some((name, _)) => Some(format!("policy `{name}`")),
        None => by_event.then(|| "an event".to_owned()),
    }
}

impl Varied<'_> {
    /// What is looked at, by replication, in a scenario that differs by a knob at most.
    fn values(
        &self,
        scenario: &Scenario,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<Option<f64>>, PlanError> {
        let policy = self.policy.and_then(|name| scenario.policies.get(name));
        let case = Case { scenario, policy };
        let outcomes = simulate(&[case], 0..self.replications.into(), done)?;
        let outcomes = outcomes.iter().flatten();
        Ok(outcomes
            .map(|outcome| self.measure.value(outcome))
            .collect())
    }
}

impl KnobEffect {
    fn of(knob: &Knob, note: Option<String>) -> Self {
        Self {
            path: knob.path.clone(),
            counts: knob.kind.name(),
            of: knob.of.clone(),
            value: knob.value,
            less: None,
            more: None,
            notes: knob.idle.iter().cloned().chain(note).collect(),
        }
    }

    /// Both sides that were simulated.
    pub fn sides(&self) -> impl Iterator<Item = &Effect> {
        self.less.iter().chain(&self.more)
    }

    /// The larger change of those that are shown; what is not shown, but may be there, comes after all that is, what changes
    /// nothing after that, and what was not turned comes last.
    fn importance(&self) -> f64 {
        let of_side = |effect: &Effect| {
            let size = effect.difference.interval.mean.abs();
            match effect.difference.verdict {
                DifferenceVerdict::Same => -2.0,
                DifferenceVerdict::NoneShown => -1.0,
                _ => size,
            }
        };
        self.sides().map(of_side).fold(-3.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Entity;
    use crate::scenario::{NoFiles, Setting, knobs, read, read_with};

    const SITE: &str = r"
horizon: 6h
pools: {narrow: 2, wide: 40, single: 1}
defaults: {task: {duration: {exponential: {mean: 3m}}}}
dags:
  requests:
    schedule: {poisson: {rate: 36 per hour}}
    tasks: {serve: {pool: narrow}, log: {pool: wide, duration: {constant: 1s}}, one: {pool: single, duration: {constant: 1s}}}
";

    fn run(threads: usize) -> Sensitivity {
        let scenario = read(SITE, &NoFiles).unwrap().value;
        let measure = Measure::of("pool_wait_mean".parse().unwrap(), Entity::Site, &scenario);
        let varied = Varied {
            scenario: &scenario,
            policy: None,
            measure: &measure,
            knobs: knobs(SITE, &[], &scenario).unwrap(),
            step: Step::default(),
            replications: 8,
            level: 0.95,
        };
        let turn = |knob: &Knob, to: i64| {
            let (path, value) = (knob.path.as_str(), to.to_string());
            let settings = [Setting {
                path,
                value: &value,
            }];
            let turned = read_with(SITE, "site.yaml", &settings, &NoFiles);
            turned.map(|it| it.value).map_err(|bad| bad.to_string())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        pool.install(|| sensitivity(&varied, &turn, &|_| {}))
            .unwrap()
    }

    #[test]
    fn the_narrow_pool_matters_most_and_the_wide_one_not_at_all() {
        let found = run(2);
        let first = &found.knobs[0];
        assert_eq!(first.path, "pools.narrow.slots");
        let verdict = |effect: Option<Effect>| effect.unwrap().difference.verdict;
        assert_eq!(verdict(first.more), DifferenceVerdict::Better);
        assert_eq!(verdict(first.less), DifferenceVerdict::Worse);
        assert_eq!((first.less.unwrap().to, first.more.unwrap().to), (1, 3));
        let wide = found.knobs.iter().find(|knob| knob.of == "wide").unwrap();
        assert_eq!(verdict(wide.more), DifferenceVerdict::Same);
        let single = found.knobs.iter().find(|knob| knob.of == "single").unwrap();
        assert_eq!((single.less, single.notes.len()), (None, 1));
    }

    #[test]
    fn any_number_of_threads_says_the_same_to_the_last_byte() {
        let text = |threads| serde_json::to_string(&run(threads)).unwrap();
        assert_eq!(text(1), text(3));
    }
}

//! Which pool to change, by how much, and how sure that is: the pool that holds most work up is simulated at larger sizes,
//! every pool with a slot more and less, and all policies beside each other, everything on the same luck.
//!
//! Each part is a comparison or a sensitivity of its own, with intervals and verdicts as those have; see there for sources.

use super::comparison::{Comparison, Contender, compare};
use super::measure::Measure;
use super::plan::{Plan, PlanError, Progress};
use super::sensitivity::{Sensitivity, Step, Varied, sensitivity, who_else_sizes};
use crate::metrics::{Entity, Metrics, PoolMetrics};
use crate::scenario::{Knob, Scenario};
use crate::trace::{Indicator, SpanKind, Statistic};

/// How many larger sizes of the pool are looked at.
const MORE_SIZES: i64 = 6;

/// They are this share of the pool apart, and at least a slot.
const APART: f64 = 0.1;

/// A pool holds work up if its tasks wait longer than this at p95, in seconds: the scheduler itself takes a few.
const NOTABLE_WAIT: f64 = 10.0;

/// What is asked: a scenario, what one run of it came to, and the knobs that may be turned.
#[derive(Clone, Debug)]
pub struct Advised<'a> {
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// The policy in use, by name.
    pub policy: Option<&'a str>,
    /// What a run of it came to, which tells the pool that holds work up.
    pub metrics: &'a Metrics,
    /// Its pools, as knobs.
    pub pools: Vec<Knob>,
    /// How often, and how surely.
    pub plan: Plan,
}

/// What was found out about other sizes and policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// What one slot more, or less, in each pool changes for the whole site.
    pub slots: Sensitivity,
    /// The pool that holds most work up, at larger sizes; none if no pool does whose size is nobody else's affair.
    pub sizes: Option<Sizes>,
    /// The policies of the scenario with the pools as they are, the one in use first; none if there is no choice.
    pub policies: Option<Comparison>,
}

/// A pool at its size and at larger ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// The pool.
    pub pool: String,
    /// Its sizes, as it is first.
    pub slots: Vec<i64>,
    /// An alternative for each of them.
    pub comparison: Comparison,
}

impl<'a> Advised<'a> {
    /// How many task instances it takes to find out, about: those of one run, times all that is replicated.
    pub fn effort(&self) -> u64 {
        let turns = self.pools.iter().filter(|knob| knob.idle.is_none()).count() * 2 + 1;
        let larger = self.binding().map_or(0, |_| 1 + MORE_SIZES as usize);
        let cases = (turns + larger + self.policies().len()) as u64;
        let tries = self.metrics.site.task_instances.started;
        tries * cases * u64::from(self.plan.replications())
    }

    /// The pool in which most is waited for its slots.
    fn binding(&self) -> Option<&Knob> {
        let pools = self.metrics.pools.iter();
        let held_up = pools.filter(|pool| is_notable(pool));
        let turned = held_up.filter_map(|pool| {
            let knob = self.pools.iter().find(|knob| knob.of == pool.pool)?;
            let is_free =
                knob.idle.is_none() && who_else_sizes(self.scenario, self.policy, knob).is_none();
            is_free.then_some((for_slots(pool), knob))
        });
        turned
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, knob)| knob)
    }

    /// The policies, the one in use first.
    fn policies(&self) -> Vec<Contender<'a>> {
        let contender = |(name, plan): (&'a String, _)| Contender {
            name,
            scenario: self.scenario,
            policy: Some(plan),
        };
        let mut all: Vec<_> = self.scenario.policies.iter().map(contender).collect();
        let in_use = all.iter().position(|one| Some(one.name) == self.policy);
        if let Some(at) = in_use {
            all[..=at].rotate_right(1);
        }
        if all.len() < 2 { Vec::new() } else { all }
    }
}

/// How long was waited for slots of a pool in all, in seconds.
fn for_slots(pool: &PoolMetrics) -> f64 {
    let waits = &pool.task_instances.waited_for;
    waits.pool + waits.pool_slots
}

fn is_notable(pool: &PoolMetrics) -> bool {
    let instances = &pool.task_instances;
    let wait = instances.pool_wait.map_or(0.0, |wait| wait.p95);
    for_slots(pool) > 0.0 && wait.max(instances.longest_open_wait) >= NOTABLE_WAIT
}

/// Simulates all that is needed; `turn` reads the scenario with a pool at another size, or says why that cannot be, and
/// `progress` is told what is simulated and how far it has come.
///
/// The outcome is the same to the last byte for any number of threads.
///
/// # Errors
/// A policy that cannot be attached to its pools.
pub fn advise(
    asked: &Advised<'_>,
    turn: &dyn Fn(&Knob, i64) -> Result<Scenario, String>,
    progress: &(dyn Fn(&'static str, Progress) + Sync),
) -> Result<Advice, PlanError> {
    let wait = Indicator::Span(SpanKind::PoolWait, Statistic::P95);
    let measure = Measure::of(wait, Entity::Site, asked.scenario);
    let varied = Varied {
        scenario: asked.scenario,
        policy: asked.policy,
        measure: &measure,
        knobs: asked.pools.clone(),
        step: Step::default(),
        replications: asked.plan.replications(),
        level: asked.plan.level(),
    };
    let slots = sensitivity(&varied, turn, &|it| progress("a slot more and less", it))?;
    let sizes = match asked.binding() {
        Some(knob) => sizes(asked, knob, turn, progress)?,
        None => None,
    };
    let policies = asked.policies();
    let tell = |it| progress("policies", it);
    let policies = (!policies.is_empty()).then(|| compare(&policies, &asked.plan, &tell));
    Ok(Advice {
        slots,
        sizes,
        policies: policies.transpose()?,
    })
}

/// The pool at its size and at larger ones, as far as they are possible.
fn sizes(
    asked: &Advised<'_>,
    knob: &Knob,
    turn: &dyn Fn(&Knob, i64) -> Result<Scenario, String>,
    progress: &(dyn Fn(&'static str, Progress) + Sync),
) -> Result<Option<Sizes>, PlanError> {
    let apart = ((knob.value as f64 * APART).round() as i64).max(1);
    let larger = (1..=MORE_SIZES).map(|more| knob.value.saturating_add(more * apart));
    let larger = larger.map_while(|slots| Some((slots, turn(knob, slots).ok()?)));
    let larger: Vec<(i64, Scenario)> = larger.collect();
    if larger.is_empty() {
        return Ok(None);
    }
    let slots: Vec<i64> = std::iter::once(knob.value)
        .chain(larger.iter().map(|(slots, _)| *slots))
        .collect();
    let names: Vec<String> = slots.iter().map(|slots| format!("{slots} slots")).collect();
    let scenarios = larger.iter().map(|(_, scenario)| scenario);
    let scenarios = std::iter::once(asked.scenario).chain(scenarios);
    let mut contenders = Vec::new();
    for (name, scenario) in names.iter().zip(scenarios) {
        let policy = asked.policy.and_then(|name| scenario.policies.get(name));
        contenders.push(Contender {
            name,
            scenario,
            policy,
        });
    }
    let comparison = compare(&contenders, &asked.plan, &|it| progress("larger sizes", it))?;
    Ok(Some(Sizes {
        pool: knob.of.clone(),
        slots,
        comparison,
    }))
}

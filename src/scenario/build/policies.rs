//! Sizing policies.

use indexmap::IndexMap;

use super::Builder;
use super::sizes::PolicyUser;
use crate::ids::PoolId;
use crate::policy::{GuardSpec, ManualChange, Stabilisation, StepLimit};
use crate::scenario::PolicyPlan;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{
    GuardSyntax, ManualChangeSyntax, PolicySyntax, StabilisationSyntax, StepLimitSyntax,
};
use crate::time::SimDuration;

/// How often a policy looks that does not say.
const DEFAULT_EVERY: SimDuration = SimDuration::from_seconds(60);

/// The time of a step limit that does not say.
const DEFAULT_STEP_TIME: SimDuration = SimDuration::from_seconds(60);

impl Builder<'_> {
    pub(super) fn policies(&mut self) -> IndexMap<String, PolicyPlan> {
        let syntax = self.syntax;
        let plans = syntax.policies.iter();
        plans
            .map(|(name, policy)| (name.value.clone(), self.policy(name, policy)))
            .collect()
    }

    fn policy(&mut self, name: &Located<String>, syntax: &PolicySyntax) -> PolicyPlan {
        let zone = self.zone(syntax.timezone.as_ref());
        let pools = self.governed(name, syntax);
        let user = PolicyUser {
            name: &name.value,
            zone,
            pools: &pools,
        };
        let size = syntax.size.as_ref();
        let size = size.and_then(|size| self.size(size, user));
        if syntax.size.is_some() && syntax.pools.is_none() {
            let message = format!(
                "policy `{}` does not say which pools it resizes",
                name.value
            );
            self.report(
                Diagnostic::error("policy::no_pools", message)
                    .label(name.span, "")
                    .help("write `pools: [database_pool]`"),
            );
        }
        let every = syntax.every.as_ref();
        PolicyPlan {
            pools,
            every: every.map_or(DEFAULT_EVERY, |every| {
                self.positive(every, "the rhythm of a policy")
            }),
            size,
            guard: self.guard(syntax.guard.as_ref()),
        }
    }

    fn governed(&mut self, policy: &Located<String>, syntax: &PolicySyntax) -> Vec<PoolId> {
        let mut pools = Vec::new();
        for name in syntax.pools.iter().flat_map(|names| &names.0) {
            let Some(pool) = self.pool(name, &format!("policy `{}`", policy.value)) else {
                continue;
            };
            if self.deployment.pools[pool.index()].slots == -1 {
                let message = format!(
                    "policy `{}` resizes pool `{}`, which is unlimited",
                    policy.value, name.value
                );
                self.report(
                    Diagnostic::error("policy::unlimited_pool", message)
                        .label(name.span, "")
                        .help("give the pool a number of slots to begin with"),
                );
            }
            if !pools.contains(&pool) {
                pools.push(pool);
            }
        }
        pools
    }

    fn guard(&mut self, syntax: Option<&Located<GuardSyntax>>) -> GuardSpec {
        let Some(syntax) = syntax else {
            return GuardSpec::default();
        };
        let default = GuardSpec::default();
        let min = syntax.min.as_ref().map_or(default.min, |min| min.value);
        if let Some(max) = &syntax.max
            && min > max.value
        {
            let message = format!(
                "the guard's `min` is {min}, above its `max`, which is {}",
                max.value
            );
            let problem = Diagnostic::error("guard::min_above_max", message);
            let problem = match &syntax.min {
                Some(min) => problem.label(min.span, "").label(max.span, "lower"),
                None => problem.label(max.span, "`min` is 1 unless it is given"),
            };
            self.report(problem);
        }
        let stabilisation = syntax.stabilisation.as_ref();
        let window = |of: fn(&StabilisationSyntax) -> Option<SimDuration>| {
            stabilisation.and_then(of).unwrap_or_default()
        };
        GuardSpec {
            min,
            max: syntax.max.as_ref().map(|max| max.value),
            cool_down: syntax.cool_down.unwrap_or(default.cool_down),
            stabilisation: Stabilisation {
                up: window(|windows| windows.up),
                down: window(|windows| windows.down),
            },
            step_up: self.step_limit(syntax.step_up.as_ref()),
            step_down: self.step_limit(syntax.step_down.as_ref()),
            budget: syntax.budget.as_ref().map(|budget| budget.value),
            on_manual_change: match syntax.on_manual_change {
                Some(ManualChangeSyntax::StandDown) | None => ManualChange::StandDown,
                Some(ManualChangeSyntax::TakeOver) => ManualChange::TakeOver,
            },
            observation_delay: syntax.observation_delay.unwrap_or_default(),
            actuation_delay: syntax.actuation_delay.unwrap_or_default(),
            loss: self.loss(syntax),
        }
    }

    /// The probability that a decision is lost.
    fn loss(&mut self, syntax: &GuardSyntax) -> f64 {
        let Some(failure) = &syntax.failure else {
            return 0.0;
        };
        let probability = &failure.probability;
        if !(0.0..=1.0).contains(&probability.value) {
            let message = format!(
                "`probability` is {}, it is a number from 0 to 1",
                probability.value
            );
            self.report(
                Diagnostic::error("guard::probability", message).label(probability.span, ""),
            );
            return 0.0;
        }
        probability.value
    }

    fn step_limit(&mut self, syntax: Option<&Located<StepLimitSyntax>>) -> StepLimit {
        let Some(syntax) = syntax else {
            return StepLimit::default();
        };
        if syntax.slots.is_none() && syntax.percent.is_none() {
            let message = "a step limit is of `slots`, of `percent`, or of both";
            self.report(Diagnostic::error("guard::step", message).label(syntax.span, ""));
        }
        if let Some(percent) = &syntax.percent
            && !(percent.value > 0.0 && percent.value <= 10_000.0)
        {
            let message = format!(
                "`percent` is {}, it is above 0 and up to 10000",
                percent.value
            );
            self.report(Diagnostic::error("guard::step", message).label(percent.span, ""));
        }
        StepLimit {
            slots: syntax.slots,
            percent: syntax.percent.as_ref().map(|percent| percent.value),
            per: syntax.per.unwrap_or(DEFAULT_STEP_TIME),
        }
    }
}

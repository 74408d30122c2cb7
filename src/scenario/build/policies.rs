//! Sizing policies.

use indexmap::IndexMap;

use super::Builder;
use crate::ids::PoolId;
use crate::policy::GuardSpec;
use crate::scenario::PolicyPlan;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{GuardSyntax, PolicySyntax};
use crate::time::SimDuration;

/// How often a policy looks that does not say.
const DEFAULT_EVERY: SimDuration = SimDuration::from_seconds(60);

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
        let size = syntax.size.as_ref().and_then(|size| self.size(size, zone));
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
        GuardSpec {
            min,
            max: syntax.max.as_ref().map(|max| max.value),
            cool_down: syntax.cool_down.unwrap_or(default.cool_down),
        }
    }
}

//! What pools protect: laws, limits, and which pools stand in front of what.

use super::Builder;
use crate::deployment::{Excess, LawError, RateLimit, Resource, Slowdown};
use crate::ids::ResourceId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{ExcessSyntax, RateLimitSyntax, SlowdownSyntax};

impl Builder<'_> {
    /// Puts up the resources; the pools stand already.
    pub(super) fn resources(&mut self) {
        let syntax = self.syntax;
        for (name, resource) in &syntax.resources {
            self.name(name, "resource");
            let slowdown = resource.slowdown.as_ref().map(|law| self.slowdown(law));
            let limit = resource.rate_limit.as_ref();
            let built = Resource {
                name: name.value.clone(),
                pools: Vec::new(),
                slowdown: slowdown.unwrap_or_default(),
                rate_limit: limit.map(|limit| self.rate_limit(limit)),
            };
            self.deployment.resources.push(built);
        }
        for (name, pool) in &syntax.pools {
            if let Some(given) = &pool.resource
                && let Some(id) = self.deployment.pool_named(name)
                && let Some(found) =
                    self.resource_named(given, &format!("pool `{}` protects", name.value))
            {
                self.deployment.resources[found.index()].pools.push(id);
            }
        }
    }

    /// The resource of that name; an unknown one is reported as what `user` wants.
    pub(super) fn resource_named(
        &mut self,
        given: &Located<String>,
        user: &str,
    ) -> Option<ResourceId> {
        let mut resources = self.deployment.resources.iter();
        let found = resources.position(|known| known.name == given.value);
        if found.is_none() {
            let message = format!("{user} resource `{}`, which is not declared", given.value);
            let help = self.did_you_mean(given, self.syntax.resources.keys(), &[]);
            self.report(
                Diagnostic::error("resource::unknown", message)
                    .label(given.span, "no such resource")
                    .help(help),
            );
        }
        found.map(ResourceId::new)
    }

    fn slowdown(&mut self, syntax: &Located<SlowdownSyntax>) -> Slowdown {
        let law = match &syntax.value {
            SlowdownSyntax::None => Ok(Slowdown::None),
            SlowdownSyntax::Linear(linear) => Slowdown::linear(linear.per_task),
            SlowdownSyntax::Usl(usl) => {
                Slowdown::universal_scalability(usl.contention, usl.coherency)
            }
            SlowdownSyntax::ProcessorSharing(server) => {
                Slowdown::processor_sharing(server.capacity)
            }
            SlowdownSyntax::Table(points) => {
                let points = points.iter().map(|at| (at.concurrency, at.slowdown));
                Slowdown::table(points.collect())
            }
        };
        law.unwrap_or_else(|problem| {
            let mut told =
                Diagnostic::error("resource::slowdown", problem.to_string()).label(syntax.span, "");
            if let LawError::NotAscending(_) | LawError::NoPoints = problem {
                told = told.help("write ascending points such as `[{concurrency: 4, slowdown: 1.5}, {concurrency: 8, slowdown: 3}]`");
            }
            self.report(told);
            Slowdown::None
        })
    }

    fn rate_limit(&mut self, syntax: &RateLimitSyntax) -> RateLimit {
        let mut given = syntax.calls_per_task.iter().chain(&syntax.tokens);
        if let Some(zero) = given.find(|given| given.value == 0) {
            let message = "a limit on calls needs at least one call and one token";
            self.report(Diagnostic::error("resource::no_calls", message).label(zero.span, ""));
        }
        let or_one = |given: &Option<Located<u32>>| given.as_ref().map_or(1, |given| given.value);
        RateLimit {
            calls_per_task: or_one(&syntax.calls_per_task).max(1),
            refill: syntax.refill.0,
            tokens: or_one(&syntax.tokens).max(1),
            excess: match syntax.when_exceeded {
                Some(ExcessSyntax::Fail) => Excess::Fail,
                Some(ExcessSyntax::Delay) | None => Excess::Delay,
            },
        }
    }
}

//! What pools protect: laws, limits, and which pools stand in front of what.

use super::Builder;
use crate::deployment::{Excess, LawError, RateLimit, Resource, Slowdown};
use crate::ids::PoolId;
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
            if let Some(resource) = &pool.resource
                && let Some(pool) = self.deployment.pool_named(name)
            {
                self.put_in_front(name, pool, resource);
            }
        }
    }

    fn put_in_front(&mut self, name: &str, pool: PoolId, resource: &Located<String>) {
        let mut resources = self.deployment.resources.iter_mut();
        if let Some(found) = resources.find(|known| known.name == resource.value) {
            found.pools.push(pool);
            return;
        }
        let message = format!(
            "pool `{name}` protects resource `{}`, which is not declared",
            resource.value
        );
        let help = self.did_you_mean(resource, self.syntax.resources.keys(), &[]);
        self.report(
            Diagnostic::error("resource::unknown", message)
                .label(resource.span, "no such resource")
                .help(help),
        );
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
        let mut given = syntax.calls_per_task.iter().chain(&syntax.burst);
        if let Some(zero) = given.find(|given| given.value == 0) {
            let message = "a limit on calls needs at least one call";
            self.report(Diagnostic::error("resource::no_calls", message).label(zero.span, ""));
        }
        let or = |given: &Option<Located<u32>>, default| {
            given.as_ref().map_or(default, |given| given.value).max(1)
        };
        let calls_per_task = or(&syntax.calls_per_task, 1);
        let burst = or(&syntax.burst, calls_per_task);
        let excess = match syntax.when_exceeded {
            Some(ExcessSyntax::Fail) => Excess::Fail,
            Some(ExcessSyntax::Delay) | None => Excess::Delay,
        };
        if let Some(given) = &syntax.burst
            && excess == Excess::Fail
            && burst < calls_per_task
        {
            let message = format!(
                "every try fails: it makes {calls_per_task} calls at once, and `burst` allows {burst}"
            );
            self.report(
                Diagnostic::error("resource::burst", message)
                    .label(given.span, "")
                    .help(
                        "give `burst` at least `calls_per_task`, or write `when_exceeded: delay`",
                    ),
            );
        }
        RateLimit {
            calls_per_task,
            rate: syntax.rate.0,
            burst,
            excess,
        }
    }
}

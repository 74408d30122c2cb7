//! Prices, and the budget of slots.

use indexmap::{IndexMap, IndexSet};

use super::Builder;
use crate::deployment::{Budget, Costs};
use crate::ids::PoolId;
use crate::scenario::PolicyPlan;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{BudgetSyntax, CostsSyntax};

impl Builder<'_> {
    pub(super) fn costs(&mut self, syntax: &Located<CostsSyntax>) -> Costs {
        let CostsSyntax {
            currency,
            slot_hour,
            slot_hour_of,
            waiting_hour,
            missed_deadline,
            resize,
        } = &syntax.value;
        let mut price =
            |given: &Option<Located<f64>>| given.as_ref().map_or(0.0, |given| self.price(given));
        let usual = price(slot_hour);
        let [waiting_hour, missed_deadline, resize] =
            [waiting_hour, missed_deadline, resize].map(&mut price);
        let mut slot_hour = vec![usual; self.deployment.pools.len()];
        for (name, given) in slot_hour_of {
            let price = self.price(given);
            if let Some(pool) = self.pool(name, "a price") {
                slot_hour[pool.index()] = price;
            }
        }
        let others = [waiting_hour, missed_deadline, resize];
        if slot_hour.iter().chain(&others).all(|&price| price == 0.0) {
            let message = "`costs` has no price above 0, so everything costs the same: nothing";
            let problem = Diagnostic::warning("costs::nothing", message).label(syntax.span, "");
            self.report(problem.help(
                "give `slot_hour`, `waiting_hour`, `missed_deadline` or `resize`, or leave `costs` out",
            ));
        }
        if missed_deadline > 0.0
            && self
                .deployment
                .dags
                .iter()
                .all(|dag| dag.deadline.is_none())
        {
            let span = syntax
                .value
                .missed_deadline
                .as_ref()
                .map(|given| given.span);
            let message = "a missed deadline has a price, and no DAG has a deadline";
            let problem = Diagnostic::warning("costs::no_deadline", message);
            self.report(
                problem
                    .label(span.unwrap_or(syntax.span), "")
                    .help("give a DAG a `deadline`"),
            );
        }
        Costs {
            currency: currency.clone(),
            slot_hour,
            waiting_hour,
            missed_deadline,
            resize,
        }
    }

    fn price(&mut self, given: &Located<f64>) -> f64 {
        if given.value.is_finite() && given.value >= 0.0 {
            return given.value;
        }
        let message = format!(
            "a price of {} is none: it is a number from 0 up",
            given.value
        );
        self.report(Diagnostic::error("costs::price", message).label(given.span, ""));
        0.0
    }

    /// The pools are those named, or else all that one of `policies` resizes.
    pub(super) fn budget(
        &mut self,
        syntax: &Located<BudgetSyntax>,
        policies: &IndexMap<String, PolicyPlan>,
    ) -> Budget {
        let named = syntax.value.pools.iter().flat_map(|names| &names.0);
        let mut pools: IndexSet<PoolId> = named
            .filter_map(|name| self.pool(name, "the budget"))
            .collect();
        if syntax.value.pools.is_none() {
            pools.extend(policies.values().flat_map(|policy| &policy.pools));
            if pools.is_empty() {
                let message = "a budget is of the pools that policies resize, and none resizes any";
                let problem = Diagnostic::error("budget::no_pools", message);
                self.report(
                    problem
                        .label(syntax.span, "")
                        .help("name them: `pools: [database_pool]`"),
                );
            }
        }
        let unlimited = pools
            .iter()
            .map(|pool| &self.deployment.pools[pool.index()])
            .find(|pool| pool.slots == -1);
        if let Some(pool) = unlimited {
            let message = format!(
                "pool `{}` is unlimited, so it is always over the budget",
                pool.name
            );
            let problem = Diagnostic::error("budget::unlimited_pool", message);
            self.report(problem.label(syntax.span, ""));
        }
        Budget {
            slots: syntax.value.slots,
            pools: pools.into_iter().collect(),
        }
    }
}

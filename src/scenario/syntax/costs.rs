//! Prices, and the slots that should be enough.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::super::document::Located;
use super::Names;

/// Prices, all in one currency; what has none costs nothing.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CostsSyntax {
    /// What the currency is called: any word.
    pub(crate) currency: Option<String>,
    /// Of a slot that a pool offers for an hour.
    pub(crate) slot_hour: Option<Located<f64>>,
    /// The same for some pools, by name.
    #[serde(default)]
    pub(crate) slot_hour_of: IndexMap<Located<String>, Located<f64>>,
    /// Of an hour that a task instance waits for its pool.
    pub(crate) waiting_hour: Option<Located<f64>>,
    /// Of a run that ends after its deadline, or is overdue at the horizon.
    pub(crate) missed_deadline: Option<Located<f64>>,
    /// Of a change of a pool's size.
    pub(crate) resize: Option<Located<f64>>,
}

/// The slots that some pools should have together at most. Nothing keeps to it (that would be the guard's `budget`);
/// `time_over_budget` tells how long they had more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetSyntax {
    /// The slots.
    pub(crate) slots: u32,
    /// The pools; the default is all that some policy resizes.
    pub(crate) pools: Option<Names>,
}

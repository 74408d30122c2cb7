//! Policies, or whole files, side by side: as tables for people, as one JSON document, or as one estimate a line.

mod answer;
mod blocks;
#[cfg(test)]
pub(super) mod busy_week;
mod notes;
mod objectives;
mod recommendation;
mod rows;
mod scoreboard;
mod table;

pub(super) use answer::{answer, plainly};
pub(super) use blocks::{Block, Telling, all, charted, most_different, name, short};
pub(super) use notes::{luck_text, outlook_text};
pub(super) use recommendation::{of_site, recommended};
pub(super) use rows::fields;
pub use rows::{comparison_csv, pairs_csv};
pub(super) use scoreboard::shown;
pub use table::comparison_table;

use serde::Serialize;

use super::OutputFormat;
use super::run::{WindowText, document, mode};
use crate::experiment::{Comparison, Replication, WarmUp};
use crate::scenario::Scenario;
use crate::trace::MeasurementWindow;

/// What a comparison is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The policies of one scenario.
    Policies,
    /// Scenarios, each a file of its own.
    Files,
    /// Sizes of a pool of one scenario.
    Sizes,
}

impl Compared {
    /// One of them in a word.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Policies => "policy",
            Self::Files => "file",
            Self::Sizes => "size",
        }
    }

    /// Several of them in a word.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::Files => "files",
            Self::Sizes => "sizes",
        }
    }
}

/// A comparison, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonReport {
    /// What is set side by side.
    pub compared: Compared,
    /// The scenario's name; of files that of the baseline.
    pub scenario: String,
    /// What the scenario is about.
    pub description: Option<String>,
    /// The seed of all randomness.
    pub seed: u64,
    /// How the scheduler of the baseline decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// What its currency is called, if it has prices and somebody has said so.
    pub currency: Option<String>,
    /// When each replication was measured, as RFC 3339.
    pub window: WindowText,
    /// How the warm-up was found, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// The outcome.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
    /// Whether each replication ends as soon as all is done, and not with the window.
    #[serde(skip)]
    pub until_done: bool,
}

impl ComparisonReport {
    /// The report of a comparison of policies of `scenario`, or of files of which that is the baseline.
    pub fn new(
        compared: Compared,
        scenario: &Scenario,
        warm_up: Option<WarmUp>,
        comparison: Comparison,
    ) -> Self {
        let replication = Replication {
            scenario,
            policy: None,
            number: 0,
        };
        let measured = replication.window();
        Self {
            compared,
            scenario: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
            mode: mode(&scenario.deployment),
            currency: scenario
                .deployment
                .costs
                .as_ref()
                .and_then(|costs| costs.currency.clone()),
            window: WindowText::of_scenario(scenario),
            until_done: scenario.until_done,
            warm_up,
            comparison,
            measured,
        }
    }
}

/// The comparison in that format; tables are at most `width` columns wide.
pub fn comparison(report: &ComparisonReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => comparison_table(report, width),
        OutputFormat::Json => comparison_json(report),
        OutputFormat::Plain => rows::comparison_plain(report),
    }
}

/// The comparison as one JSON document; what is not defined (the width of an interval of one value) is null.
pub fn comparison_json(report: &ComparisonReport) -> String {
    document(report)
}

//! What one more slot is worth: as sentences and a table for people, as one JSON document, or as one turn of a knob a line.

mod rows;
mod sentences;
mod table;

pub use rows::sensitivity_csv;
pub(super) use sentences::{indicator_text, knob_text, sentences};

use serde::Serialize;

use super::OutputFormat;
use super::run::{RunHeading, WindowText, document, mode};
use crate::experiment::{Case, Sensitivity, Step};
use crate::scenario::Scenario;
use crate::trace::MeasurementWindow;

/// How much each knob matters, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SensitivityReport {
    /// What was simulated.
    #[serde(flatten)]
    pub heading: RunHeading,
    /// How the scheduler decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// When each replication was measured, as RFC 3339.
    pub window: WindowText,
    /// By how much the knobs were turned, as it was asked for.
    pub step: String,
    /// The outcome.
    #[serde(flatten)]
    pub sensitivity: Sensitivity,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
}

impl SensitivityReport {
    /// The report of the knobs of `scenario`.
    pub fn new(
        heading: RunHeading,
        scenario: &Scenario,
        step: Step,
        sensitivity: Sensitivity,
    ) -> Self {
        let case = Case {
            scenario,
            policy: None,
        };
        Self {
            heading,
            mode: mode(&scenario.deployment),
            window: WindowText::of_scenario(scenario),
            step: step.to_string(),
            sensitivity,
            measured: case.replication(0).window(),
        }
    }
}

/// The report in that format; tables are at most `width` columns wide.
pub fn sensitivity(report: &SensitivityReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => table::sensitivity_table(report, width),
        OutputFormat::Json => sensitivity_json(report),
        OutputFormat::Plain => rows::sensitivity_plain(report),
    }
}

/// The report as one JSON document; what is not defined is null.
pub fn sensitivity_json(report: &SensitivityReport) -> String {
    document(report)
}

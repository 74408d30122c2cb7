//! Estimates from replications: as tables for people, as one JSON document, or as one estimate a line.

mod narrowing;
mod rows;
mod table;

pub use narrowing::{Narrowing, interval_width_csv};
pub use rows::estimation_csv;
pub(super) use rows::{COLUMNS, fields};
pub(super) use table::outstanding;

use serde::Serialize;

use super::OutputFormat;
use super::run::{RunHeading, WindowText, document, mode};
use crate::experiment::{Case, Estimation, Measure};
use crate::scenario::Scenario;
use crate::trace::MeasurementWindow;

/// The estimates of a site, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EstimationReport {
    /// What was simulated.
    #[serde(flatten)]
    pub heading: RunHeading,
    /// How the scheduler decided: `airflow` or `ideal`.
    pub mode: &'static str,
    /// When each replication was measured, as RFC 3339.
    pub window: WindowText,
    /// The outcome.
    #[serde(flatten)]
    pub estimation: Estimation,
    /// The window again, for arithmetic.
    #[serde(skip)]
    pub measured: MeasurementWindow,
    /// How what is waited for longest came to be known.
    #[serde(skip)]
    pub narrowing: Option<Narrowing>,
}

impl EstimationReport {
    /// The report of replications of `scenario`.
    pub fn new(heading: RunHeading, scenario: &Scenario, estimation: Estimation) -> Self {
        let case = Case {
            scenario,
            policy: None,
        };
        let measured = case.replication(0).window();
        Self {
            heading,
            mode: mode(&scenario.deployment),
            window: WindowText::of_scenario(scenario),
            narrowing: Narrowing::of(&estimation, &Measure::all(scenario)),
            estimation,
            measured,
        }
    }
}

/// The estimates in that format; tables are at most `width` columns wide.
pub fn estimation(report: &EstimationReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => table::estimation_table(report, width),
        OutputFormat::Json => estimation_json(report),
        OutputFormat::Plain => rows::estimation_plain(report),
    }
}

/// The estimates as one JSON document; what is not defined (the width of an interval of one value) is null.
pub fn estimation_json(report: &EstimationReport) -> String {
    document(report)
}

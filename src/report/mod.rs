//! Findings to bytes: the same facts as a table, JSON, comma-separated values, or charts.
//!
//! Nothing here knows a file or a terminal; whoever calls writes the bytes.

mod advice;
mod backtest;
mod calibration;
pub mod charts;
mod comparison;
mod csv;
pub mod document;
mod duration_text;
mod estimate_text;
mod estimation;
mod headline;
mod longest_run;
mod meaning;
mod number_text;
mod openmetrics;
mod overload;
mod pages;
mod run;
mod selection;
mod sensitivity;
mod story;
mod summary;
mod sweep;
mod table;
mod values;
mod warm_up;

pub use advice::{AdviceReport, SizesReport, advice_json, advice_text};
pub use backtest::{
    CoverageLine, DifferingTry, PredictionReport, ReplayReport, SetAsideTries, prediction_csv,
    prediction_json, prediction_text, replay_csv, replay_json, replay_text,
};
pub use calibration::calibration_csv;
pub use comparison::{
    Compared, ComparisonReport, comparison, comparison_csv, comparison_json, comparison_table,
    pairs_csv,
};
pub use csv::{hours_of_week_csv, pools_csv, resizes_csv, summary_csv, wait_distribution_csv};
pub use duration_text::duration_text;
pub use estimation::{
    EstimationReport, Narrowing, estimation, estimation_csv, estimation_json, interval_width_csv,
};
pub use headline::headline;
pub use longest_run::{LongestRunReport, RunTry, longest_run_csv};
pub use meaning::Meaning;
pub use openmetrics::pools_openmetrics;
pub use pages::{
    Assumptions, calibration_document, comparison_document, estimation_document,
    prediction_document, replay_document, run_document, selection_document, sensitivity_document,
    sweep_document,
};
pub use run::{PoolCourse, ResizeLine, RunHeading, RunReport, summary_json};
pub use selection::{Candidate, SelectionReport, selection, selection_csv, selection_json};
pub use sensitivity::{SensitivityReport, sensitivity, sensitivity_csv, sensitivity_json};
pub use story::story;
pub use summary::{summary, summary_table};
pub use sweep::{
    SweepFigure, SweepHeading, SweepLine, SweepReport, points_csv_header, points_csv_line,
    sweep_csv, sweep_csv_header, sweep_json_begin, sweep_json_end, sweep_json_point, sweep_plain,
    sweep_table,
};
pub use values::{ValuesOf, values_csv, values_header};
pub use warm_up::warm_up_csv;

/// How results are printed, as `airflow -o` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// Tables for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One value a line, separated by tabs.
    Plain,
}

//! A backtest: what a replay says of the scheduler model, and what a prediction says of the whole, as sentences, tables,
//! JSON, and one try or figure a line.

mod prediction;
mod prediction_text;
mod replay;
mod replay_rows;
mod replay_sentences;
mod replay_table;

pub use prediction::{CoverageLine, PredictionReport, prediction_json};
pub(super) use prediction_text::value_text;
pub use prediction_text::{prediction_csv, prediction_text};
pub use replay::{DifferingTry, ReplayReport, SetAsideTries, replay_json};
pub use replay_rows::replay_csv;

use super::OutputFormat;

/// The report of a replay in that format; tables are at most `width` columns wide.
pub fn replay_text(report: &ReplayReport, format: OutputFormat, width: u16) -> String {
    match format {
        OutputFormat::Table => replay_table::replay_table(report, width),
        OutputFormat::Json => replay_json(report),
        OutputFormat::Plain => replay_rows::replay_plain(report),
    }
}

/// A share in percent that is never rounded up, so that 100 % means all: `99.9 %`.
fn share_text(share: f64) -> String {
    let tenths = (share * 1_000.0 + 1e-9).floor() / 10.0;
    format!("{tenths} %")
}

#[cfg(test)]
mod tests {
    use super::share_text;

    #[test]
    fn only_all_is_a_hundred_percent() {
        assert_eq!(share_text(1.0), "100 %");
        assert_eq!(share_text(3_564.0 / 3_565.0), "99.9 %");
        assert_eq!(share_text(0.99), "99 %");
        assert_eq!(share_text(0.0), "0 %");
    }
}

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
pub(super) mod tests {
    use super::prediction::{PredictionReport, prediction_json};
    use super::share_text;
    use crate::experiment::{Coverage, PredictedFigure, Prediction, PredictionPlan};
    use crate::scenario::{NoFiles, read};
    use crate::time::SimTime;

    /// A wait, a makespan and a number of two days; one makespan is outside.
    pub(in crate::report) fn prediction() -> PredictionReport {
        let kinds = [
            ("pool", "warehouse", "pool_wait_p95", "s"),
            ("dag", "etl", "makespan_mean", "s"),
            ("dag", "etl", "deadline_misses", "1"),
        ];
        let figures = kinds.into_iter().flat_map(|(kind, name, figure, unit)| {
            [10, 11].map(|day| PredictedFigure {
                kind,
                name: name.into(),
                figure,
                unit,
                day: format!("2025-03-{day}T00:00:00.000000Z"),
                recorded: 60.0,
                low: 30.0,
                median: 50.0,
                high: if figure == "makespan_mean" && day == 11 {
                    59.0
                } else {
                    80.0
                },
                is_inside: !(figure == "makespan_mean" && day == 11),
                is_certain: false,
            })
        });
        let found = Prediction {
            plan: PredictionPlan {
                split: SimTime::parse("2025-03-10T00:00:00Z").unwrap(),
                replications: 99,
                level: 0.9,
            },
            claimed: 0.9,
            figures: figures.collect(),
            unpredicted: 0,
            coverage: Coverage {
                figures: 6,
                inside: 5,
                usual_low: 2.0 / 3.0,
                usual_high: 1.0,
                p_value: 0.4,
            },
            unknown: Vec::new(),
        };
        let text = "name: site\nstart: 2025-03-09T00:00:00Z\nhorizon: 3d\n\
                    dags: {etl: {schedule: null, tasks: {load: {duration: {constant: 1s}}}}}\n";
        let scenario = read(text, &NoFiles).unwrap().value;
        PredictionReport::new(&scenario, &found, Some(0.9))
    }

    #[test]
    fn the_verdict_says_how_narrow_it_is() {
        let report = prediction();
        assert_eq!(
            report.answer[0],
            "The prediction covers as it claims: 5 of 6 recorded daily figures (83.3 %) fall inside their 90 % intervals."
        );
        // Of six independent ones, P(B <= 3) = 1.6 % and P(B <= 4) = 11.4 %.
        for words in [
            "66.6 % to 100 % inside",
            "a share of 0.40",
            "66.6 % to 100 % if figures were independent",
        ] {
            assert!(report.answer[1].contains(words), "{}", report.answer[1]);
        }
        assert!(report.answer[2].starts_with("1 lie above their interval and 0 below"));
        assert_eq!(report.is_met, Some(false));
        let mut endless = report;
        endless.figures[2].high = f64::INFINITY;
        let json: serde_json::Value = serde_json::from_str(&prediction_json(&endless)).unwrap();
        assert!(json["figures"][2]["high"].is_null());
    }

    #[test]
    fn only_all_is_a_hundred_percent() {
        assert_eq!(share_text(1.0), "100 %");
        assert_eq!(share_text(3_564.0 / 3_565.0), "99.9 %");
        assert_eq!(share_text(0.99), "99 %");
        assert_eq!(share_text(0.0), "0 %");
    }
}

//! `slotwise backtest`: holds a scenario against the recorded history beside it.

use std::path::PathBuf;

use serde_json::json;

use super::import::read_history;
use super::output::{format, print, say, width};
use super::results::{RunFolder, Started, assumed_of, folder_name};
use super::scenario_file::{ScenarioArgs, ScenarioFile};
use super::{Failure, Output};
use crate::experiment::replay;
use crate::report::charts::{ImageFormat, draw_wait_quantiles};
use crate::report::{ReplayReport, replay_csv, replay_document, replay_json, replay_text};
use crate::trace::History;

/// The arguments of `slotwise backtest`.
#[derive(Debug, clap::Args)]
pub struct BacktestArgs {
    /// A folder with `scenario.yaml` and the recorded history of its site in `history/`, as `slotwise import airflow` writes it.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Replaces a value of the scenario, such as `--set pools.database_pool.slots=12`; may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,
    /// How many tries in a hundred must be queued within a loop of the recorded moment, such as `99`; if fewer are, the exit
    /// code is 3.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub tolerance: Option<f64>,
    /// Where results go: a folder, or `none`; the default is `backtest/` in the folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the verdict is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Replays, prints the verdict and writes the results.
pub(crate) fn run(args: &BacktestArgs) -> Result<(), Failure> {
    let started = Started::now();
    let scenario = ScenarioArgs {
        file: args.folder.join("scenario.yaml"),
        settings: args.settings.clone(),
    };
    let file = scenario.read(Vec::new())?;
    let history = read_history(&args.folder)?;
    let tolerance = args.tolerance.map(|percent| percent / 100.0);
    let report = replayed(&file, &history, tolerance);
    print(&replay_text(&report, format(args.output), width()))?;
    let usual = args.folder.join("backtest");
    if let Some(folder) = RunFolder::open(args.out.as_deref(), usual)? {
        write_replay(&folder, &file, &report)?;
        folder.write_log(&started, 1)?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    if report.is_met == Some(false) {
        return Err(Failure::ObjectiveMissed(
            "the replay misses the tolerance".into(),
        ));
    }
    Ok(())
}

fn replayed(file: &ScenarioFile, history: &History, tolerance: Option<f64>) -> ReplayReport {
    let found = replay(&file.scenario, history);
    ReplayReport::new(&file.scenario, history, &found, tolerance)
}

/// Writes all that is reported of a replay.
fn write_replay(
    folder: &RunFolder,
    file: &ScenarioFile,
    report: &ReplayReport,
) -> Result<(), Failure> {
    folder.put("backtest.json", replay_json(report).as_bytes())?;
    folder.put("tries.csv", &replay_csv(report))?;
    let drawn = draw_wait_quantiles(report, ImageFormat::Png)?;
    folder.put("wait_quantiles.png", &drawn)?;
    let words = report.tolerance.map(|share| {
        let percent = (share * 100.0).to_string();
        ["--tolerance".to_owned(), percent]
    });
    let more: Vec<String> = words.into_iter().flatten().collect();
    let given = folder_name(&file.scenario.name);
    let assumed = assumed_of("backtest", &given, ("scenario.yaml", file), &more);
    folder.put_document(&replay_document(report, &assumed)?)?;
    let design = json!({"backtest": report.backtest, "tolerance": report.tolerance});
    folder.write_manifest(file, &design)
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches(['%', ' ']).parse::<f64>();
    number
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "it is no number from 0 to 100".into())
}

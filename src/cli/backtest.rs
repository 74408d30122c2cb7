//! `slotwise backtest`: holds a scenario against the recorded history beside it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::import::read_history;
use super::output::{format, print, say, width};
use super::progress::Bar;
use super::replication_args::ReplicationArgs;
use super::results::{RunFolder, Started, assumed_of, folder_name, with_replications};
use super::scenario_file::{ScenarioArgs, ScenarioFile};
use super::{Failure, Output};
use crate::experiment::{PredictionPlan, Progress, predict, replay};
use crate::report::charts::{ImageFormat, draw_prediction_intervals, draw_wait_quantiles};
use crate::report::{
    Assumptions, PredictionReport, ReplayReport, prediction_csv, prediction_document,
    prediction_json, prediction_text, replay_csv, replay_document, replay_json, replay_text,
};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
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
    /// Predicts the second part of the history from the first, instead of replaying all of it.
    #[arg(long)]
    pub predict: bool,
    /// Where the second part begins, such as `2025-03-10T00:00:00Z`; the default is the day in the middle.
    #[arg(long, value_name = "MOMENT", requires = "predict", value_parser = SimTime::parse)]
    pub split: Option<SimTime>,
    /// How often the second part is simulated.
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        requires = "predict",
        default_value_t = 99
    )]
    pub replications: u32,
    /// How many recorded figures in a hundred should fall inside the predicted intervals.
    #[arg(
        long,
        value_name = "PERCENT",
        requires = "predict",
        default_value_t = 90.0
    )]
    pub level: f64,
    /// How many threads simulate; the default is one a core. The results are the same for any number.
    #[arg(long, value_name = "N", requires = "predict")]
    pub threads: Option<NonZeroUsize>,
    /// How many tries in a hundred must be queued within a loop of the recorded moment, or with `--predict` how many figures
    /// must fall inside; if fewer do, the exit code is 3.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub tolerance: Option<f64>,
    /// Where results go: a folder, or `none`; the default is `backtest/replay` or `backtest/predict` in the folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the verdict is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Replays or predicts, prints the verdict and writes the results.
pub(crate) fn run(args: &BacktestArgs) -> Result<(), Failure> {
    let started = Started::now();
    let scenario = ScenarioArgs {
        file: args.folder.join("scenario.yaml"),
        settings: args.settings.clone(),
    };
    let file = scenario.read(Vec::new())?;
    let history = read_history(&args.folder)?;
    let tolerance = args.tolerance.map(|percent| percent / 100.0);
    let folder = |usual: &str| {
        let usual = args.folder.join(usual);
        RunFolder::open(args.out.as_deref(), usual)
    };
    let (is_met, folder, threads) = if args.predict {
        let threads = threads(args)?;
        let report = predicted(args, &file, &history, tolerance, &threads)?;
        print(&prediction_text(&report, format(args.output), width()))?;
        let folder = folder("backtest/predict")?;
        if let Some(folder) = &folder {
            write_prediction(folder, args, &file, &report)?;
        }
        (report.is_met, folder, threads.current_num_threads())
    } else {
        let found = replay(&file.scenario, &history);
        let report = ReplayReport::new(&file.scenario, &history, &found, tolerance);
        print(&replay_text(&report, format(args.output), width()))?;
        let folder = folder("backtest/replay")?;
        if let Some(folder) = &folder {
            write_replay(folder, &file, &report)?;
        }
        (report.is_met, folder, 1)
    };
    if let Some(folder) = folder {
        folder.write_log(&started, threads)?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    if is_met == Some(false) {
        return Err(Failure::ObjectiveMissed(
            "the backtest misses the tolerance".into(),
        ));
    }
    Ok(())
}

fn threads(args: &BacktestArgs) -> Result<rayon::ThreadPool, Failure> {
    let threads = ReplicationArgs {
        replications: None,
        threads: args.threads,
        level: None,
    };
    threads.thread_pool()
}

fn predicted(
    args: &BacktestArgs,
    file: &ScenarioFile,
    history: &History,
    tolerance: Option<f64>,
    threads: &rayon::ThreadPool,
) -> Result<PredictionReport, Failure> {
    let scenario = &file.scenario;
    let plan = PredictionPlan {
        split: args.split.unwrap_or_else(|| day_in_the_middle(scenario)),
        replications: args.replications,
        level: args.level / 100.0,
    };
    let bar = Bar::new("replications");
    let total = args.replications as usize;
    let done = AtomicUsize::new(0);
    let one_more = || {
        let done = 1 + done.fetch_add(1, Ordering::Relaxed);
        bar.tell(Progress { done, total });
    };
    let found = threads.install(|| predict(scenario, history, plan, &one_more));
    drop(bar);
    let found = found.map_err(|error| Failure::Invalid(error.to_string()))?;
    Ok(PredictionReport::new(scenario, &found, tolerance))
}

/// Half of the time in whole days, or half of it if it is shorter than two.
fn day_in_the_middle(scenario: &Scenario) -> SimTime {
    const DAY: i64 = 86_400_000_000;
    let half = scenario.horizon.as_micros() / 2;
    let whole = half / DAY * DAY;
    let half = if whole > 0 { whole } else { half };
    scenario.start + SimDuration::from_micros(half)
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
    let more = with_tolerance(report.tolerance);
    let assumed = assumptions(file, &more);
    folder.put_document(&replay_document(report, &assumed)?)?;
    let design = json!({"backtest": report.backtest, "tolerance": report.tolerance});
    folder.write_manifest(file, &design)
}

/// Writes all that is reported of a prediction.
fn write_prediction(
    folder: &RunFolder,
    args: &BacktestArgs,
    file: &ScenarioFile,
    report: &PredictionReport,
) -> Result<(), Failure> {
    folder.put("backtest.json", prediction_json(report).as_bytes())?;
    folder.put("predictions.csv", &prediction_csv(report))?;
    if let Some(drawn) = draw_prediction_intervals(report, ImageFormat::Png)? {
        folder.put("prediction_intervals.png", &drawn)?;
    }
    let mut more = ["--predict", "--split", &report.split]
        .map(str::to_owned)
        .to_vec();
    more.extend(with_replications(args.replications, args.level / 100.0));
    more.extend(with_tolerance(report.tolerance));
    folder.put_document(&prediction_document(report, &assumptions(file, &more))?)?;
    let design = json!({
        "backtest": report.backtest,
        "split": report.split,
        "replications": report.replications,
        "level": args.level / 100.0,
        "tolerance": report.tolerance,
    });
    folder.write_manifest(file, &design)
}

fn assumptions(file: &ScenarioFile, more: &[String]) -> Assumptions {
    let given = folder_name(&file.scenario.name);
    assumed_of("backtest", &given, ("scenario.yaml", file), more)
}

/// The words that state a tolerance.
fn with_tolerance(tolerance: Option<f64>) -> Vec<String> {
    let words = tolerance.map(|share| ["--tolerance".to_owned(), (share * 100.0).to_string()]);
    words.into_iter().flatten().collect()
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches(['%', ' ']).parse::<f64>();
    number
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "it is no number from 0 to 100".into())
}

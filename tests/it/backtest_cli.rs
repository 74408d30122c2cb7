//! `slotwise backtest`: the recorded site is reproduced to the microsecond, and a scenario that is not the site is refused.
#![cfg(feature = "sqlite")]

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use serde_json::Value;

/// A folder with an imported site.
struct Site(tempfile::TempDir);

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

impl Site {
    fn of_airflow_3() -> Self {
        Self::imported("airflow/metadata-3x.db.gz")
    }

    /// The site of a committed database.
    fn imported(recorded: &str) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let packed = File::open(data.join(recorded)).unwrap();
        let mut database = File::create(site.path().join("airflow.db")).unwrap();
        io::copy(&mut GzDecoder::new(packed), &mut database).unwrap();
        let import = [
            "import",
            "airflow",
            "--db",
            "sqlite:airflow.db",
            "--out",
            "site",
        ];
        let (code, _, stderr) = site.run(&import);
        assert_eq!(code, 0, "{stderr}");
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(arguments)
            .env_remove("COLUMNS")
            .current_dir(self.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    fn backtest(&self, arguments: &[&str]) -> Answer {
        let command = ["backtest", "site"].iter().chain(arguments);
        self.run(&command.copied().collect::<Vec<_>>())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let json = ["--out", "none", "-o", "json"].iter().chain(arguments);
        let (_, stdout, stderr) = self.backtest(&json.copied().collect::<Vec<_>>());
        serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join("site/backtest/replay").join(name)).unwrap()
    }
}

#[test]
fn the_recorded_site_is_reproduced_to_the_microsecond() {
    let site = Site::of_airflow_3();
    let (code, stdout, stderr) = site.backtest(&["--tolerance", "100"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let says = |text: &str| assert!(stdout.contains(text), "{text}\n{stdout}");
    says("Of 3565 recorded tries the replay queues and starts 3565 at the very moment");
    says("906 of 906 runs begin and end at the recorded moments.");
    says("5 of the tries had not ended when the history ends");
    says("At least 100 % within a loop were wanted, and 100 % are.");
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    let tries = site.read("tries.csv");
    assert_eq!(tries.lines().count(), 1 + 3565);
    assert_eq!(tries.matches(",exact,").count(), 3565);
    let found: Value = serde_json::from_str(&site.read("backtest.json")).unwrap();
    assert_eq!(found["agreements"][0]["exact"], 3565);
    assert_eq!(found["agreements"][0]["not_recorded"], 0);
    assert_eq!(found["never_executed"], 37);
    assert_eq!(found["is_met"], true);
    assert!(site.read("report.md").contains("906 of 906 runs"));
    assert!(site.read("wait_quantiles.svg").contains("database_pool"));
    let (_, again, _) = site.run(&["report", "site/backtest/replay", "--out", "none"]);
    assert!(again.contains("Of 3565 recorded tries"), "{again}");
}

#[test]
fn a_smaller_pool_is_found_out_and_named() {
    let site = Site::of_airflow_3();
    let smaller = ["--set", "pools.database_pool.slots=2", "--tolerance", "99%"];
    let (code, stdout, stderr) = site.backtest(&smaller);
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(
        stderr.contains("the backtest misses the tolerance"),
        "{stderr}"
    );
    let told = stdout.replace("\n  ", " ");
    assert!(told.contains("and only 84.7 % are"), "{stdout}");
    assert!(
        told.contains("Pool `database_pool` differs most"),
        "{stdout}"
    );
    assert!(
        told.contains("The first to differ is `quality_checks.check_dupes`"),
        "{stdout}"
    );
}

#[test]
fn what_the_scenario_does_not_know_is_counted_and_named() {
    let site = Site::of_airflow_3();
    let path = site.path().join("site/scenario.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let without = without_task(&text, "sign_off");
    fs::write(&path, without).unwrap();
    let found = site.json(&[]);
    assert_eq!(found["set_aside"][0]["tries"], 10);
    let first = found["set_aside"][0]["named"][0].as_str().unwrap();
    assert!(
        first.starts_with("`finance_close.sign_off` of `scheduled__"),
        "{first}"
    );
    assert_eq!(found["agreements"][0]["tries"], 3555);
    let answer = found["answer"].to_string();
    assert!(
        answer.contains("Not compared: 10 tries of tasks that the scenario does not have"),
        "{answer}"
    );
    assert_eq!(found["is_met"], Value::Null);
}

/// A scenario without a task that nothing comes after: neither its line nor those that are further in.
fn without_task(text: &str, task: &str) -> String {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut lines = Vec::new();
    let mut cut = None;
    for line in text.lines() {
        cut = cut.filter(|&at| depth(line) > at);
        if line.trim_start().starts_with(&format!("{task}:")) {
            cut = Some(depth(line));
        }
        if cut.is_none() {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_site_of_airflow_2_is_reproduced_too() {
    let site = Site::imported("airflow2/metadata-2x.db.gz");
    let found = site.json(&["--tolerance", "100"]);
    let all = &found["agreements"][0];
    assert_eq!((&all["tries"], &all["exact"]), (&617.into(), &617.into()));
    assert_eq!(all["not_recorded"], 0);
    // It does not keep when tasks were scheduled.
    assert_eq!(all["recorded"], Value::Null);
    assert_eq!(found["runs"]["exact"], found["runs"]["ended"]);
}

#[test]
fn the_second_week_is_predicted_from_the_first() {
    let site = Site::of_airflow_3();
    let words = ["--predict", "--tolerance", "50"];
    let (code, stdout, stderr) = site.backtest(&words);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout.contains("The prediction covers as it claims"),
        "{stdout}"
    );
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    let read =
        |name: &str| fs::read_to_string(site.path().join("site/backtest/predict").join(name));
    let found: Value = serde_json::from_str(&read("backtest.json").unwrap()).unwrap();
    assert_eq!(found["split"], "2025-03-10T00:00:00.000000Z");
    assert_eq!(found["covers"], true);
    let csv = read("predictions.csv").unwrap();
    assert!(
        csv.contains("pool,database_pool,pool_wait_p95,s,2025-03-10T"),
        "{csv}"
    );
    assert!(
        read("prediction_intervals.svg")
            .unwrap()
            .contains("api_sync, mean makespan")
    );
    assert!(
        read("report.md")
            .unwrap()
            .contains("All figures, day by day")
    );
    let strict = [
        "--predict",
        "-n",
        "39",
        "--tolerance",
        "100",
        "--out",
        "none",
    ];
    let (code, _, stderr) = site.backtest(&strict);
    assert_eq!(code, 3, "{stderr}");
    let (code, _, stderr) = site.backtest(&["--predict", "-n", "9", "--out", "none"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("at least 19 replications, not 9"),
        "{stderr}"
    );
}

#[test]
fn plain_output_has_a_figure_a_line() {
    let site = Site::of_airflow_3();
    let (code, stdout, _) = site.backtest(&["-o", "plain", "--out", "none"]);
    assert_eq!(code, 0);
    assert!(
        stdout.starts_with("kind\tname\tfigure\tvalue\nsite\timported\ttries\t3565\n"),
        "{stdout}"
    );
    assert!(stdout.contains("pool\tapi_pool\texact\t1038\n"), "{stdout}");
}

#[test]
fn what_is_not_there_is_named() {
    let site = Site::of_airflow_3();
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let (found, _, stderr) = site.run(arguments);
        assert_eq!(found, code, "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    };
    refused(&["backtest", "nowhere"], 1, "nowhere/scenario.yaml");
    refused(
        &["backtest", "site", "--tolerance", "101"],
        2,
        "no number from 0 to 100",
    );
    fs::write(site.path().join("site/history/pokes.csv"), "dag_id\n").unwrap();
    refused(&["backtest", "site"], 2, "pokes.csv:1: there is no column");
    fs::remove_file(site.path().join("site/history/dag_runs.csv")).unwrap();
    refused(&["backtest", "site"], 1, "site/history/dag_runs.csv");
}

#[test]
fn the_guide_leads_from_a_database_to_a_changed_pools_file() {
    let guide = include_str!("../../docs/guides/from-your-airflow.md");
    let commands = guide
        .lines()
        .filter_map(|line| line.strip_prefix("$ slotwise "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 10);
    // The first one has been carried out.
    let site = Site::of_airflow_3();
    assert!(commands[0].starts_with("import airflow --db sqlite:airflow.db --out site"));
    for command in &commands[1..] {
        let words: Vec<&str> = command.split_whitespace().collect();
        let (code, stdout, stderr) = site.run(&words);
        assert_eq!(code, 0, "{command}\n{stdout}{stderr}");
    }
    let pools = fs::read_to_string(site.path().join("site/pools.json")).unwrap();
    let pools: Value = serde_json::from_str(&pools).unwrap();
    assert_eq!(pools["api_pool"]["slots"], 3);
    assert_eq!(pools["compute_pool"]["slots"], 4, "the others stay");
}

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
    /// The site of Airflow 3 whose database is committed, with the scenario that its DAGs declare.
    fn of_airflow_3() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/airflow");
        let packed = File::open(data.join("metadata-3x.db.gz")).unwrap();
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
        let scenario = fs::read(data.join("metadata-3x.yaml")).unwrap();
        fs::write(site.path().join("site/scenario.yaml"), scenario).unwrap();
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
        fs::read_to_string(self.path().join("site/backtest").join(name)).unwrap()
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
    let (_, again, _) = site.run(&["report", "site/backtest", "--out", "none"]);
    assert!(again.contains("Of 3565 recorded tries"), "{again}");
}

#[test]
fn a_smaller_pool_is_found_out_and_named() {
    let site = Site::of_airflow_3();
    let smaller = ["--set", "pools.database_pool=2", "--tolerance", "99%"];
    let (code, stdout, stderr) = site.backtest(&smaller);
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(
        stderr.contains("the replay misses the tolerance"),
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
    let task = text
        .lines()
        .find(|line| line.contains("sign_off:"))
        .unwrap();
    fs::write(&path, text.replace(task, "")).unwrap();
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
    // Nobody else waits for it or is kept waiting by it, but for its own pool.
    assert_eq!(found["is_met"], Value::Null);
}

#[test]
fn plain_output_has_a_figure_a_line() {
    let site = Site::of_airflow_3();
    let (code, stdout, _) = site.backtest(&["-o", "plain", "--out", "none"]);
    assert_eq!(code, 0);
    assert!(
        stdout.starts_with("kind\tname\tfigure\tvalue\nsite\tsite\ttries\t3565\n"),
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

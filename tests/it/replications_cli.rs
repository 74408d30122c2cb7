//! `slotwise run` with replications: what it prints, the files it leaves, and when it stops.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCENARIO: &str = r"
name: reports
horizon: 6h
pools: {warehouse: 2}
dags:
  reports:
    schedule: {poisson: {rate: 30 per hour}}
    tasks: {serve: {pool: warehouse, duration: {exponential: {mean: 3m}}}}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 1m}
";

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

/// A folder of its own with a scenario, in which `slotwise` runs.
struct Site(tempfile::TempDir);

impl Site {
    fn new(more: &str) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::write(
            site.path().join("scenario.yaml"),
            format!("{SCENARIO}{more}"),
        )
        .unwrap();
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn slotwise(&self, command: &str, arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args([command, "scenario.yaml"])
            .args(arguments)
            .env_remove("COLUMNS")
            .current_dir(self.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        (code, text(output.stdout), text(output.stderr))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

/// The fields of a line of comma-separated values that begins so.
fn line<'t>(csv: &'t str, beginning: &str) -> Vec<&'t str> {
    let found = csv.lines().find(|line| line.starts_with(beginning));
    found
        .unwrap_or_else(|| panic!("{csv}"))
        .split(',')
        .collect()
}

#[test]
fn every_number_of_threads_leaves_the_same_bytes() {
    let site = Site::new("replications: 7\n");
    let results = |threads: &str| {
        let (code, stdout, stderr) = site.slotwise("run", &["-o", "json", "--threads", threads]);
        assert_eq!(code, 3, "{stderr}");
        assert!(!stderr.contains('\r'), "no bar where nobody watches");
        let files = [
            "estimates.json",
            "estimates.csv",
            "values.csv",
            "manifest.json",
        ];
        let files = files.map(|name| site.read(&format!("output/reports/{name}")));
        assert_eq!(files[0], stdout);
        files
    };
    let alone = results("1");
    assert_eq!(results("2"), alone);
    assert_eq!(results("8"), alone);
    assert!(
        site.read("output/reports/run.log.json")
            .contains("\"threads\": 8")
    );
}

#[test]
fn an_estimate_is_the_mean_of_the_values_with_its_interval() {
    let site = Site::new("");
    let arguments = ["-n", "4", "--level", "90", "--out", "results"];
    let (_, stdout, _) = site.slotwise("run", &arguments);
    assert!(stdout.starts_with("reports: 4 replications, each 6h measured after 0s of warm-up"));
    assert!(
        stdout.contains("± is a 90 % confidence interval"),
        "{stdout}"
    );
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    let (values, estimates) = (
        site.read("results/values.csv"),
        site.read("results/estimates.csv"),
    );
    assert!(values.starts_with("point,policy,replication,kind,name,indicator,value,unit\n"));
    let of = |number| {
        let beginning = format!("0,,{number},pool,warehouse,pool_wait_mean,");
        line(&values, &beginning)[6].parse::<f64>().unwrap()
    };
    let waits = [0, 1, 2, 3].map(of);
    let mean = waits.iter().sum::<f64>() / 4.0;
    let variance = waits
        .iter()
        .map(|wait| (wait - mean) * (wait - mean))
        .sum::<f64>()
        / 3.0;
    let estimate = line(&estimates, "pool,warehouse,pool_wait_mean,");
    let number = |at: usize| estimate[at].parse::<f64>().unwrap();
    assert!((number(4) / mean - 1.0).abs() < 1e-12);
    // Student's t with 3 degrees of freedom, 95 % quantile, from a printed table.
    assert!((number(5) / (2.353_363 * (variance / 4.0).sqrt()) - 1.0).abs() < 1e-6);
    assert_eq!(estimate[6], "4");
    let (_, once, _) = site.slotwise("run", &["--out", "none", "-o", "plain"]);
    let first = format!("pool\twarehouse\tpool_wait_mean\t{}\t", waits[0]);
    assert!(once.contains(&first), "replication 0 is the single run");
}

#[test]
fn replications_go_on_until_the_estimate_is_precise_or_there_are_too_many() {
    let precision = "precision: {pool: warehouse, indicator: utilisation, relative: 4%}\n";
    let site = Site::new(precision);
    let precision = |arguments: &[&str]| {
        let arguments = [&["-o", "json", "--out", "none"], arguments].concat();
        let document: serde_json::Value =
            serde_json::from_str(&site.slotwise("run", &arguments).1).unwrap();
        let n = document["replications"].as_u64().unwrap();
        (n, document["precision"].clone())
    };
    let (n, reached) = precision(&["--threads", "1"]);
    assert!(n > 10 && reached["is_reached"] == true, "{n}, {reached}");
    assert!(
        reached["half_width"].as_f64() <= Some(0.04 / 1.04),
        "{reached}"
    );
    assert_eq!(precision(&["--threads", "2"]).0, n);
    let (n, capped) = precision(&["--set", "precision.max_replications=12"]);
    assert!(n == 12 && capped["is_reached"] == false, "{n}, {capped}");
    assert_eq!(precision(&["-n", "5"]), (5, serde_json::Value::Null));
    let (_, stdout, _) = site.slotwise("compare", &["--out", "none"]);
    assert!(
        stdout.contains("pool warehouse, utilisation is known to ± 3."),
        "{stdout}"
    );
}

#[test]
fn what_cannot_be_replicated_is_refused() {
    let site = Site::new("");
    let refused = |arguments: &[&str], message: &str| {
        let answer = (2, String::new(), format!("error: {message}\n"));
        assert_eq!(site.slotwise("run", arguments), answer);
    };
    refused(
        &["-n", "0"],
        "an interval takes 2 to 100000 replications, not 0",
    );
    refused(
        &["-n", "3", "--trace", "csv"],
        "`--trace` writes one run: add `--replications 1`",
    );
    let level = "a confidence level lies between 0 % and 100 %, not at 100 %";
    refused(&["-n", "3", "--level", "100"], level);
}

#[test]
fn a_warm_up_is_found_explained_and_kept() {
    let site = Site::new("warm_up: auto\n");
    let arguments = [
        "--horizon",
        "2d",
        "-n",
        "3",
        "--set",
        "objectives=[]",
        "--threads",
    ];
    let run = |threads| {
        let (code, stdout, stderr) = site.slotwise("run", &[&arguments[..], &[threads]].concat());
        assert_eq!(code, 0, "{stderr}");
        let course = site.read("output/reports/warm_up.csv");
        (stdout, course, site.read("output/reports/estimates.json"))
    };
    let (stdout, course, json) = run("1");
    assert_eq!(run("2"), (stdout.clone(), course.clone(), json.clone()));
    assert!(
        stdout.contains("MSER-5 over 10 replications, in batches"),
        "{stdout}"
    );
    assert!(course.starts_with("time,pool,mean,moving_average\n"));
    assert!(
        site.read("output/reports/warm_up.svg")
            .contains("When has the site settled?")
    );
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let seconds = document["warm_up"]["seconds"].as_f64().unwrap();
    assert_eq!(document["warm_up"]["is_settled"], true);
    assert!(seconds < 86_400.0, "{seconds}");
    // The same warm-up given by hand measures the same.
    let given = format!("warm_up={seconds}s");
    let by_hand = site.slotwise(
        "run",
        &[&arguments[..6], &["--set", &given, "-o", "plain"]].concat(),
    );
    let found = site.slotwise("run", &[&arguments[..6], &["-o", "plain"]].concat());
    assert_eq!(by_hand.1, found.1);
}

#[test]
fn a_run_too_short_to_settle_is_refused() {
    let site = Site::new("warm_up: auto\n");
    let daily = "dags.reports.schedule=\"@daily\"";
    let (code, _, stderr) = site.slotwise("run", &["--set", daily, "--horizon", "2d"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("the load repeats every day, and the run has fewer than four"),
        "{stderr}"
    );
}

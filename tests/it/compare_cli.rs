//! `slotwise compare`: what it prints, the files it leaves, and how it exits.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A pool that is too small, and a policy that enlarges it.
const SCENARIO: &str = r#"
name: two sizes
horizon: 6h
replications: 4
pools: {warehouse: 2}
dags:
  reports:
    schedule: {poisson: {rate: 36 per hour}}
    tasks: {serve: {pool: warehouse, duration: {exponential: {mean: 3m}}}}
policies:
  as_is: {}
  larger: {pools: [warehouse], size: {schedule: [{cron: "0 0 * * *", slots: 9}]}}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 1m}
"#;

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

/// A folder of its own with a scenario, in which `slotwise compare` runs.
struct Site(tempfile::TempDir);

impl Site {
    fn new(scenario: &str) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::write(site.path().join("scenario.yaml"), scenario).unwrap();
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn compare(&self, arguments: &[&str]) -> Answer {
        self.compare_files(&["scenario.yaml"], arguments)
    }

    /// The scenario in a second file, with one text replaced by another.
    fn with_variant(&self, name: &str, from: &str, to: &str) {
        let text = self.read("scenario.yaml");
        assert!(text.contains(from));
        fs::write(self.path().join(name), text.replace(from, to)).unwrap();
    }

    fn compare_files(&self, files: &[&str], arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .arg("compare")
            .args(files)
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

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

#[test]
fn an_objective_that_the_first_policy_misses_is_an_exit_code_of_its_own() {
    let site = Site::new(SCENARIO);
    let (code, stdout, stderr) = site.compare(&["--out", "none"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stdout.starts_with("two sizes: 2 policies, 4 replications"));
    assert!(stdout.contains("Only `larger` meets every objective."));
    assert!(stdout.contains("\nwarehouse    p95 "), "{stdout}");
    assert!(
        stderr.starts_with("as_is: objective NOT met: pool warehouse, pool_wait_p95 is "),
        "{stderr}"
    );
    assert!(stderr.ends_with("error: 1 of 1 objectives not met\n"));
    assert!(!stderr.contains('\r'), "no counter where nobody watches");
    let (code, _, stderr) = site.compare(&["--out", "none", "--policy", "larger"]);
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn the_folder_holds_all_that_it_takes_to_repeat_it() {
    let site = Site::new(SCENARIO);
    let files = ["comparison.json", "comparison.csv", "manifest.json"];
    let folder = "output/two_sizes/compare";
    let read = || files.map(|name| site.read(&format!("{folder}/{name}")));
    let (_, stdout, _) = site.compare(&["-o", "json", "--threads", "1"]);
    let one_thread = read();
    site.compare(&["-o", "json", "--threads", "2"]);
    assert_eq!(one_thread, read());
    let [json, csv, manifest] = one_thread;
    assert_eq!(stdout, json);
    assert!(csv.starts_with("alternative,kind,name,indicator,unit,mean,half_width,n,difference,"));
    assert!(csv.contains("\nas_is,site,two sizes,slot_hours_offered,slot-hours,12,0,4,,,,,,,\n"));
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let design = serde_json::json!({
        "replications": 4,
        "level": 0.95,
        "policies": ["as_is", "larger"],
    });
    assert_eq!(manifest["design"], design);
    let log: serde_json::Value =
        serde_json::from_str(&site.read(&format!("{folder}/run.log.json"))).unwrap();
    assert_eq!(log["threads"], 2);
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_written() {
    let site = Site::new(SCENARIO);
    let refused = |arguments: &[&str], message: &str| {
        let answer = (2, String::new(), format!("error: {message}\n"));
        assert_eq!(site.compare(arguments), answer);
    };
    refused(
        &["--replications", "1"],
        "an interval takes 2 to 100000 replications, not 1",
    );
    refused(
        &["--level", "100"],
        "a confidence level lies between 0 % and 100 %, not at 100 %",
    );
    refused(
        &["--policy", "larger", "--policy", "smaller"],
        "there is no policy `smaller`: the scenario has `as_is`, `larger`",
    );
    assert!(!site.path().join("output").exists());
}

#[test]
fn without_policies_the_pools_are_estimated_as_they_are() {
    let (head, tail) = SCENARIO.split_once("policies:").unwrap();
    let objectives = tail.split_once("objectives:").unwrap().1;
    let site = Site::new(&format!("{head}objectives:{objectives}"));
    let (code, stdout, stderr) = site.compare(&["--out", "none", "-o", "plain"]);
    assert_eq!(code, 3);
    assert!(stderr.starts_with("the scenario has no `policies` to compare"));
    assert!(
        stdout
            .lines()
            .skip(1)
            .all(|line| line.starts_with("as_is\t"))
    );
}

#[test]
fn files_are_compared_with_the_first_on_the_same_luck() {
    let site = Site::new(SCENARIO);
    site.with_variant("wide.yaml", "{warehouse: 2}", "{warehouse: 9}");
    site.with_variant("same.yaml", "two sizes", "another name");
    let files = ["scenario.yaml", "wide.yaml", "same.yaml"];
    let (code, stdout, stderr) = site.compare_files(&files, &["--out", "results", "-n", "20"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stdout.starts_with("scenario, wide, same: 3 files, 20 replications"));
    assert!(stdout.contains("Only `wide` meets every objective."));
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    let csv = site.read("results/comparison.csv");
    let verdict = |alternative: &str| {
        let begin = format!("{alternative},pool,warehouse,pool_wait_mean,");
        let line = csv.lines().find(|line| line.starts_with(&begin)).unwrap();
        line.split(',').nth(10).unwrap().to_owned()
    };
    assert_eq!(
        ["scenario", "wide", "same"].map(verdict),
        ["", "better", "the same"]
    );
    let pairs = site.read("results/pairs.csv");
    assert!(
        pairs.contains("\nsame,wide,pool,warehouse,pool_wait_mean,s,20,"),
        "{pairs}"
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&site.read("results/manifest.json")).unwrap();
    assert_eq!(manifest.as_array().map(Vec::len), Some(3));
    assert_eq!(manifest[1]["design"]["files"][1], "wide");
}

#[test]
fn another_baseline_may_be_named() {
    let site = Site::new(SCENARIO);
    let (code, stdout, stderr) = site.compare(&["--out", "none", "--baseline", "larger"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("Differences are from larger"), "{stdout}");
    let (code, _, stderr) = site.compare(&["--out", "none", "--baseline", "smaller"]);
    let message = "there is no `smaller` to be the baseline: compared are `as_is`, `larger`";
    assert_eq!((code, stderr), (2, format!("error: {message}\n")));
}

#[test]
fn files_with_other_luck_are_refused_unless_they_are_given_the_same() {
    let site = Site::new(SCENARIO);
    site.with_variant("other.yaml", "horizon: 6h", "horizon: 7h\nseed: 5");
    let files = ["scenario.yaml", "other.yaml"];
    let (code, stdout, stderr) = site.compare_files(&files, &["--out", "none"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("error[compare::seed]"), "{stderr}");
    assert!(stderr.contains("other.yaml:3:10"), "{stderr}");
    let same = [
        "--out",
        "none",
        "--seed",
        "3",
        "--horizon",
        "6h",
        "-o",
        "plain",
    ];
    let (code, stdout, stderr) = site.compare_files(&files, &same);
    assert_eq!(code, 3, "{stderr}");
    assert!(!stdout.contains("better") && !stdout.contains("no difference shown"));
}

#[test]
fn what_has_no_counterpart_is_named() {
    let site = Site::new(SCENARIO);
    site.with_variant(
        "split.yaml",
        "pools: {warehouse: 2}",
        "pools: {warehouse: 2, api: 3}",
    );
    let files = ["scenario.yaml", "split.yaml"];
    let (_, _, stderr) = site.compare_files(&files, &["--out", "none"]);
    assert!(
        stderr.contains("note: pool api of `split.yaml` has no counterpart in `scenario.yaml`"),
        "{stderr}"
    );
}

//! `slotwise select`: what it prints, the files it leaves, and what it refuses.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A pool that is too small, and policies that enlarge it more and more.
const SCENARIO: &str = r#"
name: sizes
horizon: 6h
replications: 4
pools: {warehouse: 2}
dags:
  reports:
    schedule: {poisson: {rate: 36 per hour}}
    tasks: {serve: {pool: warehouse, duration: {exponential: {mean: 3m}}}}
policies:
  as_is: {}
  more: {pools: [warehouse], size: {schedule: [{cron: "0 0 * * *", slots: 3}]}}
  most: {pools: [warehouse], size: {schedule: [{cron: "0 0 * * *", slots: 12}]}}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 1m}
"#;

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

/// Runs `slotwise select` in a folder.
fn select(folder: &Path, arguments: &[&str]) -> Answer {
    fs::write(folder.join("scenario.yaml"), SCENARIO).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["select", "scenario.yaml"])
        .args(arguments)
        .env_remove("COLUMNS")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_best_policy_is_found_by_the_first_objective() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = select(folder.path(), &["--out", "none", "--indifference", "1m"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.starts_with("sizes: the best of 3 policies by pool warehouse, pool_wait_p95\n"),
        "{stdout}"
    );
    assert!(stdout.contains("\n`most` is the best.\n"), "{stdout}");
    assert!(!stderr.contains('\r'), "no counter where nobody watches");
    let (code, stdout, _) = select(
        folder.path(),
        &[
            "--out",
            "none",
            "--indicator",
            "slot_hours_offered",
            "-o",
            "plain",
        ],
    );
    assert_eq!(code, 0);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        lines[1],
        "as_is\tyes\tsite\tsizes\tslot_hours_offered\tslot-hours\t12\t0\t4"
    );
    assert!(
        lines[2..].iter().all(|line| line.contains("\tno\t")),
        "{stdout}"
    );
}

#[test]
fn the_folder_is_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let read = |threads| {
        let (code, stdout, stderr) = select(
            folder.path(),
            &["--indifference", "1m", "-o", "json", "--threads", threads],
        );
        assert_eq!(
            (code, stderr.as_str()),
            (0, "results are in `output/sizes/select`\n")
        );
        let files = ["selection.json", "selection.csv", "manifest.json"];
        let texts = files.map(|name| {
            fs::read_to_string(folder.path().join("output/sizes/select").join(name)).unwrap()
        });
        assert_eq!(stdout, texts[0]);
        texts
    };
    let alone = read("1");
    assert_eq!(alone, read("2"));
    let json: serde_json::Value = serde_json::from_str(&alone[0]).unwrap();
    assert_eq!(json["cases"][2]["is_left"], true);
    assert_eq!(json["procedure"]["kim_nelson"]["first_replications"], 4);
    assert!(
        alone[2]
            .contains("\"policies\": [\n      \"as_is\",\n      \"more\",\n      \"most\"\n    ]"),
        "{}",
        alone[2]
    );
}

#[test]
fn what_cannot_be_selected_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], message: &str| {
        let (code, stdout, stderr) = select(folder.path(), arguments);
        assert_eq!(
            (code, stdout.as_str(), stderr.as_str()),
            (2, "", format!("error: {message}\n").as_str())
        );
    };
    refused(
        &["--policy", "most"],
        "a selection takes two policies or more, not 1",
    );
    refused(
        &["--indicator", "pool_wait_p95", "--pool", "api"],
        "there is no indicator `pool_wait_p95` of pool `api`",
    );
    refused(
        &["--indifference", "0s"],
        "an indifference zone is a positive number, not 0",
    );
    refused(
        &["--replications", "1"],
        "a selection begins with 2 rounds or more, not with 1",
    );
    refused(
        &["--level", "20"],
        "the best of 3 can be promised with a confidence between 33.33 % and 100 %, not at 20 %",
    );
    refused(
        &["--indicator", "utilisation", "--pool", "warehouse"],
        "`utilisation` has no better direction to select by",
    );
    assert!(!folder.path().join("output").exists());
}

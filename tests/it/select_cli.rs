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
        alone[2].contains("\"candidates\": [\n      {\n        \"policy\": \"as_is\"\n      }"),
        "{}",
        alone[2]
    );
}

#[test]
fn the_best_point_of_a_sweep_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let sweep = "sweep={pools.warehouse.slots: [2, 12, 3], scale.durations: [1, 0.5]}";
    let points = ["--set", sweep, "--indifference", "1m", "--out", "none"];
    let (code, stdout, stderr) = select(folder.path(), &points);
    assert_eq!(code, 0, "{stderr}");
    let first = "sizes: the best of 6 points by pool warehouse, pool_wait_p95\n";
    assert!(stdout.starts_with(first), "{stdout}");
    assert!(
        stdout.contains("\nPoint 2 under `as_is` is the best.\n"),
        "{stdout}"
    );
    let policies = ["--policy", "as_is", "--policy", "most", "-o", "plain"];
    let (code, stdout, _) = select(folder.path(), &[&points[..], &policies].concat());
    assert_eq!(code, 0);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 1 + 6 * 2);
    assert!(
        lines[0].starts_with("point\tpools.warehouse.slots\tscale.durations\tpolicy\tleft\t"),
        "{stdout}"
    );
    assert!(lines[12].starts_with("5\t3\t0.5\tmost\t"), "{stdout}");
    let (code, _, stderr) = select(
        folder.path(),
        &["--set", "sweep={pools.warehouse.slots: [2, many]}"],
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("at point 1: expected"), "{stderr}");
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
        "a selection takes two policies or points of a sweep or more, not 1",
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

//! `slotwise explain`: the story of one instance, and what is said when there is none.

use serde_json::Value;
use std::fs;
use std::process::Command;

/// One slot, for which an urgent task, an older run and a wide task compete with the one that is asked about.
const SCENARIO: &str = r#"
start: 2026-03-02T00:00:00Z
horizon: 1h
pools: {warehouse: 2}
dags:
  etl:
    schedule: "*/10 * * * *"
    tasks:
      extract: {duration: {constant: 30s}}
      load: {pool: warehouse, pool_slots: 2, upstream: extract, duration: {constant: 4m}}
  urgent:
    schedule: "*/10 * * * *"
    tasks:
      refresh: {pool: warehouse, map: 3, priority_weight: 10, duration: {constant: 2m}}
  late:
    schedule: "59 * * * *"
    tasks: {never: {duration: {constant: 30m}}}
"#;

/// Exit code, stdout and stderr.
fn explain(arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.yaml"), SCENARIO).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["explain", "scenario.yaml"])
        .args(arguments)
        .current_dir(folder.path())
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
fn the_story_names_causes_and_rivals() {
    let (code, story, _) = explain(&[
        "--dag",
        "etl",
        "--task",
        "load",
        "--run",
        "2026-03-02 00:10",
    ]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(story);
}

#[test]
fn the_longest_wait_is_told_if_no_run_is_asked_for() {
    let (code, document, _) = explain(&["--dag", "urgent", "--task", "refresh", "-o", "json"]);
    assert_eq!(code, 0);
    let document: Value = serde_json::from_str(&document).unwrap();
    let segment = &document["segments"][0];
    let wait: f64 = segment["waited_for"]
        .as_object()
        .unwrap()
        .values()
        .map(|part| part.as_f64().unwrap())
        .sum();
    let moment = |name: &str| -> jiff::Timestamp {
        segment["instance"][name].as_str().unwrap().parse().unwrap()
    };
    let whole = moment("queued_at").duration_since(moment("scheduled_at"));
    assert!((wait - whole.as_secs_f64()).abs() < 1e-6 && wait > 60.0);
    assert_eq!(segment["instance"]["map_index"], 2, "the last of three");
    let holders = segment["holders"].as_array().unwrap();
    assert!(holders.iter().all(|row| row["pool"] == "warehouse"));
    assert!(!holders.is_empty());
}

#[test]
fn what_did_not_happen_is_said_to_have_not() {
    let cases = [
        (
            vec!["--dag", "elt", "--task", "load"],
            "there is no DAG `elt`: the scenario has `etl`, `urgent`, `late`",
        ),
        (
            vec!["--dag", "etl", "--task", "laod"],
            "there is no task `laod`: `etl` has `extract`, `load`",
        ),
        (
            vec!["--dag", "etl", "--task", "load", "--run", "2027"],
            "no run of `etl` is called `2027` or was due then; it has 6, from \
             `scheduled__2026-03-02T00:00:00+00:00` to `scheduled__2026-03-02T00:50:00+00:00`",
        ),
        (
            vec!["--dag", "late", "--task", "never", "--horizon", "30m"],
            "`late` has no run in this simulation",
        ),
        (
            vec!["--dag", "urgent", "--task", "refresh", "--map-index", "3"],
            "`urgent.refresh` has no such instance in that run",
        ),
    ];
    for (arguments, message) in cases {
        let (code, stdout, stderr) = explain(&arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(stderr, format!("error: {message}\n"), "{arguments:?}");
    }
}

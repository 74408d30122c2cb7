//! `slotwise import pools`: what `airflow pools export` has written, as the section of a scenario.

use std::fs;
use std::process::{Command, Output};

use slotwise::deployment::PoolsFile;
use slotwise::scenario::{self, NoFiles};

/// What `airflow pools export` of Airflow 3.3.2 wrote.
const EXPORTED: &str = include_str!("../../src/deployment/pools_file_exported.json");

fn import(folder: &tempfile::TempDir, content: &str, arguments: &[&str]) -> Output {
    fs::write(folder.path().join("pools.json"), content).unwrap();
    Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["import", "pools", "pools.json"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_pools_of_an_export_are_those_of_the_scenario() {
    let folder = tempfile::tempdir().unwrap();
    // A scenario takes what Airflow can use: no number below -1.
    let exported = EXPORTED.replace("\"slots\": -7", "\"slots\": -1");
    let output = import(&folder, &exported, &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let scenario = format!(
        "horizon: 1h\n{}dags:\n  etl: {{ schedule: \"@hourly\", tasks: {{ load: {{ duration: {{ constant: 1s }} }} }} }}\n",
        text(&output.stdout)
    );
    let scenario = scenario::read(&scenario, &NoFiles).unwrap_or_else(|bad| panic!("{bad}"));
    let (file, _) = PoolsFile::parse(&exported).unwrap();
    assert!(file.pools().len() > 3);
    for mut pool in file.pools() {
        // No words are as good as empty ones.
        pool.description = pool.description.filter(|words| !words.is_empty());
        assert!(
            scenario.value.deployment.pools.contains(&pool),
            "{pool:?}\n{}",
            text(&output.stdout)
        );
    }
}

#[test]
fn a_section_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let content = r#"{"api": {"slots": 4, "description": ""}}"#;
    let output = import(&folder, content, &["--out", "pools.yaml"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
    let written = || fs::read_to_string(folder.path().join("pools.yaml")).unwrap();
    assert_eq!(written(), "pools:\n  api: { slots: 4 }\n");
    let output = import(&folder, "{}", &["--out", "pools.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`pools.yaml` exists already"));
    assert_eq!(written(), "pools:\n  api: { slots: 4 }\n");
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for (content, told) in [
        (
            "{\"api\": {\"slots\": 4,\n  \"description\": }}",
            "not a pools file: expected value at line 2 column 18",
        ),
        ("[]", "not a pools file: "),
        (
            r#"{"a": {"slots": "many", "description": ""}, "b": {"slots": 1}, "c": {"slots": 1, "description": ""}}"#,
            "not a pool in `pools.json`: `a` (invalid type: string \"many\", expected i64), \
             `b` (missing field `description`)",
        ),
    ] {
        let output = import(&folder, content, &["--out", "pools.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{content}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(told), "{stderr}");
        assert!(!folder.path().join("pools.yaml").exists());
    }
}

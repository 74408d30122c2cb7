//! `slotwise report`: what is made again from the results on disk is what was made with them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SCENARIO: &str = "\
name: a site | with *signs*
horizon: 1d
pools: { warehouse: 2, api: 4 }
dags:
  reports:
    schedule: { poisson: { rate: 10 per hour } }
    tasks:
      ask: { pool: api, duration: { lognormal: { mean: 1m, sd: 30s } } }
      serve: { pool: warehouse, upstream: ask, duration: { exponential: { mean: 8m } } }
objectives:
  - { pool: warehouse, indicator: pool_wait_p95, at_most: 1h }
policies:
  as_is: {}
  three: { pools: [warehouse], size: { fixed: { slots: 3 } } }
sweep:
  pools.warehouse.slots: [2, 3]
";

/// The forms of a report that are made again.
const FORMS: [&str; 3] = ["report.html", "report.md", "report.json"];

fn slotwise(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.yaml"), SCENARIO).unwrap();
    folder
}

/// All files of a folder that a report consists of, by name.
fn report_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| {
            FORMS.contains(&name.as_str()) || Path::new(name).extension() == Some("svg".as_ref())
        })
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).unwrap();
            (name, bytes)
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_report_is_made_again_to_the_last_byte() {
    let site = site();
    let commands: [&[&str]; 6] = [
        &["run", "scenario.yaml"],
        &["run", "scenario.yaml", "-n", "3"],
        &["compare", "scenario.yaml", "-n", "3"],
        &["sweep", "scenario.yaml", "-n", "3"],
        &["select", "scenario.yaml", "-n", "3"],
        &[
            "sensitivity",
            "scenario.yaml",
            "-n",
            "3",
            "--indicator",
            "pool_wait_p95",
        ],
    ];
    for (at, command) in commands.into_iter().enumerate() {
        let out = format!("out{at}");
        let made = slotwise(site.path(), &[command, &["--out", &out]].concat());
        assert!(matches!(made.0, Some(0 | 3)), "{made:?}");
        let folder = site.path().join(&out);
        let before = report_in(&folder);
        assert!(before.len() >= FORMS.len(), "{command:?}");
        for (name, _) in before.iter().filter(|(name, _)| name != "report.json") {
            fs::remove_file(folder.join(name)).unwrap();
        }
        let (code, stdout, stderr) = slotwise(site.path(), &["report", &out]);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.starts_with("a site | with *signs*"), "{stdout}");
        assert!(report_in(&folder) == before, "{command:?}");
    }
}

#[test]
fn the_document_is_as_its_schema_says() {
    let site = site();
    slotwise(site.path(), &["run", "scenario.yaml", "--out", "out"]);
    let text = fs::read_to_string(site.path().join("out/report.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let (_, schema, _) = slotwise(site.path(), &["schema", "report"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let kinds = schema["$defs"]["Block"]["oneOf"].as_array().unwrap();
    let kinds: Vec<&Value> = kinds
        .iter()
        .map(|kind| &kind["properties"]["block"]["const"])
        .collect();
    let blocks = document["blocks"].as_array().unwrap();
    assert!(blocks.len() > 8);
    for block in blocks {
        assert!(kinds.contains(&&block["block"]), "{}", block["block"]);
    }
    for field in schema["required"].as_array().unwrap() {
        assert!(document.get(field.as_str().unwrap()).is_some(), "{field}");
    }
}

#[test]
fn two_results_stand_side_by_side() {
    let site = site();
    slotwise(site.path(), &["run", "scenario.yaml", "--out", "as_is"]);
    let more = [
        "run",
        "scenario.yaml",
        "--set",
        "pools.warehouse=3",
        "--out",
        "three",
    ];
    slotwise(site.path(), &more);
    let (code, stdout, stderr) = slotwise(site.path(), &["report", "as_is", "three"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.starts_with("as_is: a site") && stdout.contains("\n\nthree: a site"),
        "{stdout}"
    );
    let folder = site.path().join("output/side_by_side");
    let text = fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(
        text.contains("| warehouse | slots | 2 | 3 | +50 % |"),
        "{text}"
    );
    assert!(text.contains("(pool_occupancy_1.svg)"), "{text}");
    for chart in ["pool_occupancy_1.svg", "pool_occupancy_2.svg"] {
        assert!(folder.join(chart).exists(), "{chart}");
    }
}

#[test]
fn what_is_no_report_is_said_and_nothing_is_written() {
    let site = site();
    let (code, _, stderr) = slotwise(site.path(), &["report", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("cannot read `nowhere/report.json`"),
        "{stderr}"
    );
    fs::create_dir(site.path().join("odd")).unwrap();
    let file = site.path().join("odd/report.json");
    for (text, told) in [
        (
            "{\"version\": 99}",
            "a report of version 99, and this slotwise reads version 1",
        ),
        ("[1", "is not a report of slotwise: EOF while parsing"),
        ("{\"version\": 1}", "missing field `slotwise`"),
        (
            r#"{"version": 1, "slotwise": "", "title": "", "about": null, "blocks": [{"block": "table", "caption": "Pools",
                "columns": [{"name": "pool", "meaning": ""}], "rows": [[]]}]}"#,
            "a row of the table `Pools` has not a cell for each column",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let (code, _, stderr) = slotwise(site.path(), &["report", "odd"]);
        assert_eq!(code, Some(2), "{text}");
        assert!(stderr.contains(told), "{stderr}");
    }
    assert_eq!(fs::read_dir(site.path().join("odd")).unwrap().count(), 1);
}

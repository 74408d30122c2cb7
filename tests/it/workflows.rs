//! Recorded workflows become scenarios: what the text says, what it simulates to, and what is wrong with broken files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use slotwise::experiment::{Replication, replicate};
use slotwise::import::workflow::Workflow;
use slotwise::scenario::{self, NoFiles, Setting};
use slotwise::time::SimDuration;
use slotwise::trace::{DagRunRecord, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord};

fn data(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.join("tests/data/workflows").join(name)
}

fn read(name: &str) -> Workflow {
    let text = fs::read_to_string(data(name)).unwrap();
    Workflow::read(&text, name).unwrap_or_else(|problems| panic!("{problems}"))
}

/// From when each run was due until it ended.
#[derive(Default)]
struct Makespans(Vec<SimDuration>);

impl Recorder for Makespans {
    fn dag_run(&mut self, row: &DagRunRecord) {
        self.0.extend(row.ended_at.map(|end| end - row.due_at()));
    }
    fn task_instance(&mut self, _: &TaskInstanceRecord) {}
    fn pool(&mut self, _: &PoolSample) {}
    fn resize(&mut self, _: ResizeRecord) {}
}

/// How long the imported workflow takes in so many slots.
fn makespan(text: &str, slots: &str) -> SimDuration {
    let setting = Setting {
        path: "pools.workflow.slots",
        value: slots,
    };
    let scenario = scenario::read_with(text, "imported.yaml", &[setting], &NoFiles).unwrap();
    let replication = Replication {
        scenario: &scenario.value,
        policy: None,
        number: 0,
    };
    let Makespans(runs) = replicate(&replication, Makespans::default()).unwrap();
    assert_eq!(runs.len(), 1, "it runs once, to its end");
    runs[0]
}

/// Layers of three to five tasks, each after about half of the layer before it; runtimes of whole microseconds.
fn layered() -> String {
    let mut tasks = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for layer in 0..12_u64 {
        let names: Vec<String> = (0..3 + layer % 3)
            .map(|at| format!("t{layer}_{at}"))
            .collect();
        for (at, name) in names.iter().enumerate() {
            let runtime = ((layer * 7_919 + at as u64 * 104_729) % 1_299_709) as f64 / 1e4;
            let parents: Vec<&String> = before.iter().skip(at % 2).step_by(2).collect();
            tasks.push(serde_json::json!({"id": name, "runtime_s": runtime, "parents": parents}));
        }
        before = names;
    }
    serde_json::json!({"instance": "layered", "tasks": tasks}).to_string()
}

#[test]
fn both_forms_say_the_same() {
    let survey = read("survey.wfformat.json");
    assert_eq!(survey, read("survey.compact.json"));
    assert_eq!(survey.total_work.as_micros(), 441_804_024);
    assert_eq!(survey.critical_path.as_micros(), 380_554_024);
    insta::assert_snapshot!("imported_survey", survey.to_scenario());
}

#[test]
fn unlimited_slots_take_the_critical_path_and_one_slot_the_total_work() {
    let layered = Workflow::read(&layered(), "layered.json").unwrap();
    assert!(layered.critical_path < layered.total_work);
    for workflow in [read("survey.wfformat.json"), layered] {
        let text = workflow.to_scenario();
        let checked = scenario::read(&text, &NoFiles).unwrap();
        assert!(checked.warnings.list.is_empty(), "{}", checked.warnings);
        assert_eq!(makespan(&text, "-1"), workflow.critical_path);
        assert_eq!(makespan(&text, "1"), workflow.total_work);
        // Graham's bound on any list schedule: T1 / c + (1 - 1 / c) times the critical path.
        let four = makespan(&text, "4").as_seconds();
        let (work, path) = (
            workflow.total_work.as_seconds(),
            workflow.critical_path.as_seconds(),
        );
        assert!(four >= path.max(work / 4.0) - 1e-6);
        assert!(four <= work / 4.0 + 0.75 * path + 1e-6);
    }
}

#[test]
fn every_broken_recording_is_told_what_is_wrong_and_where() {
    let mut files: Vec<_> = fs::read_dir(data("broken"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert!(files.len() >= 8);
    for file in files {
        let text = fs::read_to_string(data("broken").join(&file)).unwrap();
        let problems = Workflow::read(&text, &file).unwrap_err();
        let stem = file.trim_end_matches(".json");
        insta::assert_snapshot!(format!("broken_workflow_{stem}"), problems.to_string());
    }
}

fn slotwise(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["import", "workflow"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_command_writes_the_whole_scenario_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let survey = data("survey.wfformat.json");
    let survey = survey.to_str().unwrap();
    let expected = read("survey.wfformat.json").to_scenario();
    let printed = slotwise(folder.path(), &[survey]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), expected);

    let out = folder.path().join("survey.yaml");
    let written = slotwise(folder.path(), &[survey, "--out", "survey.yaml"]);
    assert_eq!((written.status.code(), written.stdout.len()), (Some(0), 0));
    assert_eq!(fs::read_to_string(&out).unwrap(), expected);

    fs::write(&out, "mine").unwrap();
    let refused = slotwise(folder.path(), &[survey, "--out", "survey.yaml"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");

    let cycle = data("broken/cycle.json");
    let broken = slotwise(
        folder.path(),
        &[cycle.to_str().unwrap(), "--out", "cycle.yaml"],
    );
    let told = String::from_utf8(broken.stderr).unwrap();
    assert_eq!(broken.status.code(), Some(2));
    assert!(
        told.contains("cycle.json:5:10") && told.contains("`a` after `c`"),
        "{told}"
    );
    let missing = slotwise(folder.path(), &["missing.json", "--out", "missing.yaml"]);
    assert_eq!(missing.status.code(), Some(1));
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "only what was whole is there");
}

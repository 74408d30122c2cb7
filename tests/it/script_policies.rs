//! Policies as scripts: what they remember, that every thread says the same, and where a failing one is shown.

use std::fs;
use std::path::Path;
use std::process::Command;

use slotwise::experiment::{Case, Plan, Replication, estimate, replicate};
use slotwise::scenario::{self, Files, NoFiles, Scenario, Setting};
use slotwise::trace::FullTrace;

use crate::scenarios::{folder, scenarios};

/// A site whose pool is too small for what comes every hour.
const SITE: &str = r#"
name: own
horizon: 6h
pools: {warehouse: 3}
dags:
  etl:
    schedule: "@hourly"
    tasks: {load: {pool: warehouse, map: 8, duration: {lognormal: {mean: 4m, sd: 2m}}}}
policies:
  mine:
    pools: [warehouse]
    size:
      script:
"#;

fn with_text(script: &str) -> String {
    let lines: Vec<&str> = script.lines().collect();
    let lines = lines.join("\n          ");
    format!("{SITE}        text: |\n          {lines}\n")
}

fn with_file(name: &str) -> String {
    format!("{SITE}        file: {name}\n")
}

fn read(text: &str) -> Scenario {
    let read = scenario::read(text, &NoFiles);
    read.unwrap_or_else(|problems| panic!("{problems}")).value
}

/// One file beside the scenario.
struct OneFile(&'static str, &'static str);

impl Files for OneFile {
    fn read(&self, relative: &str) -> Result<String, String> {
        if relative == self.0 {
            return Ok(self.1.to_owned());
        }
        Err("no such file".into())
    }
}

fn trace(scenario: &Scenario) -> FullTrace {
    let replication = Replication {
        scenario,
        policy: Some(&scenario.policies[0]),
        number: 0,
    };
    replicate(&replication, FullTrace::default()).unwrap()
}

fn sizes(trace: &FullTrace) -> Vec<(i64, i64, &str)> {
    let rows = trace.resizes.iter();
    rows.map(|row| (row.from, row.to, row.reason.as_str()))
        .collect()
}

#[test]
fn a_script_remembers_and_says_why() {
    let script = "\
state.looks = (state.looks ?? 0) + 1;
if state.looks == 3 { #{slots: 5, reason: `look ${state.looks}`} }
else if state.looks == 5 { 7 }";
    let scenario = read(&with_text(script));
    assert_eq!(
        sizes(&trace(&scenario)),
        [(3, 5, "look 3"), (5, 7, "scenario.yaml")]
    );
    // Each run begins with no memories.
    assert_eq!(trace(&scenario).resizes, trace(&scenario).resizes);
}

#[test]
fn each_pool_has_memories_of_its_own() {
    let text = with_text("state.n = (state.n ?? 0) + 1; if state.n == 2 { load.slots + 1.0 }")
        .replace("{warehouse: 3}", "{warehouse: 3, api: 5}")
        .replace("[warehouse]", "[warehouse, api]")
        .replace(
            "tasks: {load",
            "tasks: {call: {pool: api, duration: {constant: 1m}}, load",
        );
    let scenario = read(&text);
    let trace = trace(&scenario);
    let resized: Vec<_> = trace.resizes.iter().map(|row| (row.from, row.to)).collect();
    assert_eq!(resized, [(3, 4), (5, 6)]);
    assert_eq!(trace.resizes[0].at, trace.resizes[1].at);
}

#[test]
fn any_number_of_threads_says_the_same_to_the_last_byte() {
    let script = "\
state.seen = state.seen ?? [];
state.seen.push(load.demand);
if state.seen.len() > 10 { state.seen.shift(); }
ceil(state.seen.mean() / 0.7)";
    let scenario = read(&with_text(script));
    let estimated = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let case = Case {
            scenario: &scenario,
            policy: Some(&scenario.policies[0]),
        };
        let plan = Plan::new(6, 0.95).unwrap();
        let estimated = pool
            .build()
            .unwrap()
            .install(|| estimate(case, &plan, &|_| {}));
        format!("{:?}", estimated.unwrap())
    };
    assert_eq!(estimated(1), estimated(4));
}

#[test]
fn a_script_in_a_file_says_the_same_as_one_in_the_scenario() {
    let script = "ceil(load.demand / 0.8)";
    let files = OneFile("policies/mine.rhai", "ceil(load.demand / 0.8)");
    let beside = scenario::read(&with_file("policies/mine.rhai"), &files).unwrap();
    let within = read(&with_text(script));
    assert!(!trace(&within).resizes.is_empty());
    let of = |scenario| -> Vec<_> {
        let trace: FullTrace = trace(scenario);
        trace.resizes.iter().map(|row| (row.at, row.to)).collect()
    };
    assert_eq!(of(&beside.value), of(&within));
}

/// A text that comes from a setting is shown there.
#[test]
fn a_script_may_be_set() {
    let text = with_text("1");
    let set = |value| {
        let settings = [Setting {
            path: "policies.mine.size.script.text",
            value,
        }];
        scenario::read_with(&text, "scenario.yaml", &settings, &NoFiles)
    };
    assert!(set("load.demand").is_ok());
    let problems = set("load.demnd").unwrap_err().to_string();
    assert!(problems.contains("--set:1:37"), "{problems}");
}

/// What a command says of a scenario beside which `mine.rhai` lies: exit code and stderr.
fn said(command: &[&str], scenario: &str, script: &str) -> (i32, String) {
    let site = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(Path::join(site.path(), name), text).unwrap();
    write("scenario.yaml", scenario);
    write("mine.rhai", script);
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(command)
        .current_dir(site.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr)
}

/// Fails once more than two instances run, which no run begins with.
const FAILS_LATER: &str = "let wanted = load.demand;\nif load.running > 2.0 {\n    wanted += load.mean_wait.slots;\n}\nwanted\n";

#[test]
fn a_failure_while_it_runs_ends_the_run_and_points_into_the_script() {
    for command in [
        &["run", "scenario.yaml", "--out", "none"][..],
        &[
            "run",
            "scenario.yaml",
            "--out",
            "none",
            "--replications",
            "3",
        ],
        &["compare", "scenario.yaml", "--out", "none"],
    ] {
        let (code, stderr) = said(command, &with_file("mine.rhai"), FAILS_LATER);
        assert_eq!(code, 2, "{stderr}");
        let said = [
            "error[script::failed]: policy `mine` cannot size pool `warehouse` at 2026-01-05T00:0",
            " --> mine.rhai:3:",
            "wanted += load.mean_wait.slots;",
        ];
        for said in said {
            assert!(stderr.contains(said), "{command:?}\n{stderr}");
        }
    }
}

#[test]
fn check_runs_a_script_once_as_the_run_would_begin() {
    let check = ["check", "scenario.yaml"];
    assert_eq!(said(&check, &with_file("mine.rhai"), FAILS_LATER).0, 0);
    let at_once = "// The first look knows no waits.\nload.mean_wait * 2.0\n";
    let (code, stderr) = said(&check, &with_file("mine.rhai"), at_once);
    assert_eq!(code, 2);
    assert!(stderr.contains("mine.rhai:2:"), "{stderr}");
    assert!(stderr.contains("load.mean_wait ?? 0.0"), "{stderr}");
}

#[test]
fn a_script_is_hashed_with_the_inputs_of_a_run() {
    let site = tempfile::tempdir().unwrap();
    fs::write(site.path().join("scenario.yaml"), with_file("mine.rhai")).unwrap();
    fs::write(site.path().join("mine.rhai"), "4\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["run", "scenario.yaml", "--out", "results"])
        .current_dir(site.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    let manifest = fs::read_to_string(site.path().join("results/manifest.json")).unwrap();
    assert!(manifest.contains("mine.rhai"), "{manifest}");
}

/// The example of the guide is one that pays.
#[test]
fn the_scenario_with_a_script_is_read_and_acts() {
    let (name, text) = scenarios("scenarios")
        .into_iter()
        .find(|(name, _)| name == "own_policy.yaml")
        .unwrap();
    let checked = scenario::read_with(&text, &name, &[], &folder()).unwrap();
    for (name, policy) in &checked.value.policies {
        let replication = Replication {
            scenario: &checked.value,
            policy: Some(policy),
            number: 0,
        };
        let trace = replicate(&replication, FullTrace::default()).unwrap();
        assert_eq!(trace.resizes.is_empty(), name == "as_is", "{name}");
    }
}

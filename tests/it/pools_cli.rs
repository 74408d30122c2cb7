//! `slotwise pools`: what it prints, the file it leaves, and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What `airflow pools export` of Airflow 3.3.2 wrote.
const EXPORTED: &str = include_str!("../../src/deployment/pools_file_exported.json");

/// A folder of its own for a test, in which `slotwise` runs.
struct Site(tempfile::TempDir);

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

impl Site {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(name: &str, content: &str) -> Self {
        let site = Self::new();
        fs::write(site.path().join(name), content).unwrap();
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotwise"));
        command
            .arg("pools")
            .args(arguments)
            .current_dir(self.path());
        command
    }

    fn pools(&self, arguments: &[&str]) -> Answer {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

fn ok(stdout: &str) -> Answer {
    (0, stdout.into(), String::new())
}

fn failed(code: i32, message: &str) -> Answer {
    (code, String::new(), format!("error: {message}\n"))
}

#[test]
fn pools_are_created_updated_and_deleted() {
    let site = Site::new();
    let create = ["create", "database", "8", "Warehouse", "--include-deferred"];
    assert_eq!(site.pools(&create), ok("Pool database created\n"));
    assert_eq!(
        site.pools(&["set", "database", "-1", "Warehouse"]),
        ok("Pool database updated\n")
    );
    assert_eq!(
        site.read("pools.json"),
        "{\n    \"database\": {\n        \"description\": \"Warehouse\",\n        \
         \"include_deferred\": true,\n        \"slots\": -1\n    }\n}"
    );
    assert_eq!(
        site.pools(&["create", "database", "1", "", "--include-deferred=false"]),
        ok("Pool database updated\n")
    );
    assert!(
        site.read("pools.json")
            .contains("\"include_deferred\": false")
    );
    assert_eq!(
        site.pools(&["delete", "database"]),
        ok("Pool database deleted\n")
    );
    assert_eq!(site.read("pools.json"), "{}");
}

#[test]
fn an_export_of_airflow_passes_through_byte_for_byte() {
    let site = Site::with("airflow.json", EXPORTED);
    assert_eq!(
        site.pools(&["import", "airflow.json"]),
        ok("Imported 7 pool(s) from airflow.json\n")
    );
    assert_eq!(
        site.pools(&["export", "again.json"]),
        (
            0,
            String::new(),
            "Exported 7 pool(s) to again.json\n".into()
        )
    );
    assert_eq!(site.read("again.json"), EXPORTED);
}

#[test]
fn lists_have_three_forms() {
    let site = Site::with(
        "p.json",
        r#"{"api": {"slots": 4, "description": null, "include_deferred": true}}"#,
    );
    let list = |form| site.pools(&["list", "--file", "p.json", "-o", form]);
    assert_eq!(
        list("table"),
        ok("pool | slots | description | include_deferred\n\
            =====+=======+=============+==================\n\
            api  | 4     |             | true\n")
    );
    assert_eq!(
        list("json"),
        ok("[{\"pool\":\"api\",\"slots\":4,\"description\":null,\"include_deferred\":true}]\n")
    );
    assert_eq!(
        list("plain"),
        ok("pool  slots  description  include_deferred\napi   4                   true\n")
    );
    assert_eq!(
        site.pools(&["get", "api", "--file", "p.json"]).1,
        list("table").1
    );
}

#[test]
fn an_import_takes_the_good_and_names_the_bad() {
    let site = Site::with(
        "mixed.json",
        r#"{"good": {"slots": -7, "description": null}, "bad": {"slots": 1}}"#,
    );
    let (code, stdout, stderr) = site.pools(&["import", "mixed.json"]);
    assert_eq!(code, 4);
    assert_eq!(stdout, "Imported 1 pool(s) from mixed.json\n");
    assert_eq!(
        stderr,
        "error: not a pool in `mixed.json`: `bad` (missing field `description`)\n"
    );
    assert!(site.read("pools.json").contains("-7"));
}

#[test]
fn a_refusal_leaves_the_file_as_it_was() {
    let site = Site::with("pools.json", EXPORTED);
    let refusals = [
        (
            vec!["create", "a", "-2", ""],
            "pool `a` cannot have -2 slots: the fewest are 0, and -1 is unlimited",
        ),
        (
            vec!["delete", "default_pool"],
            "`default_pool` cannot be deleted",
        ),
        (vec!["delete", "nope"], "pool `nope` does not exist"),
        (vec!["get", "nope"], "pool `nope` does not exist"),
    ];
    for (arguments, message) in refusals {
        assert_eq!(site.pools(&arguments), failed(2, message));
    }
    assert_eq!(site.read("pools.json"), EXPORTED);
}

#[test]
fn a_file_that_is_not_understood_is_not_rewritten() {
    for broken in ["[]", r#"{"bad": {"slots": 1}}"#] {
        let site = Site::with("pools.json", broken);
        assert_eq!(site.pools(&["create", "a", "1", ""]).0, 2);
        assert_eq!(site.read("pools.json"), broken);
    }
}

#[test]
fn what_fails_outside_exits_with_one_and_names_the_path() {
    let site = Site::new();
    let (code, _, stderr) = site.pools(&["list", "--file", "missing.json"]);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("error: cannot read `missing.json`: "),
        "{stderr}"
    );
}

#[test]
fn wrong_usage_exits_with_two() {
    let site = Site::new();
    assert_eq!(site.pools(&["create", "a", "many", ""]).0, 2);
    assert_eq!(site.pools(&["frobnicate"]).0, 2);
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let pools: Vec<_> = (0..20_000)
        .map(|at| format!(r#""{at}": {{"slots": 1, "description": ""}}"#))
        .collect();
    let site = Site::with("pools.json", &format!("{{{}}}", pools.join(",")));
    let mut list = site
        .command(&["list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(list.stdout.take());
    let output = list.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

//! What `slotwise run` says of other sizes and policies: which pool to change, by how much, how sure that is, and why.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A pool that is too small beside one that is not; three policies, of which one does.
const SCENARIO: &str = "\
name: clinic
horizon: 12h
pools: { narrow: 2, wide: 20 }
defaults: { task: { duration: { exponential: { mean: 3m } } } }
dags:
  requests:
    schedule: { poisson: { rate: 32 per hour } }
    tasks: { serve: { pool: narrow }, log: { pool: wide, duration: { constant: 1s } } }
policies:
  as_is: {}
  four: { pools: [narrow], size: { fixed: { slots: 4 } } }
";

const OBJECTIVE: &str = "objectives=[{pool: narrow, indicator: pool_wait_p95, at_most: 2m}]";

struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::write(site.path().join("scenario.yaml"), SCENARIO).unwrap();
        site
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What a run prints.
    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(["run", "scenario.yaml"])
            .args(arguments)
            .env("COLUMNS", "300")
            .current_dir(self.path())
            .output()
            .unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 3)), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join("output/clinic").join(name)).unwrap()
    }
}

/// The least size in `advice.json` whose objectives are all met.
fn least_that_meets(advice: &Value) -> Option<i64> {
    let sizes = &advice["sizes"];
    let alternatives = sizes["report"]["alternatives"].as_array().unwrap();
    let meets = |one: &Value| {
        let mut objectives = one["objectives"].as_array().unwrap().iter();
        objectives.all(|one| one["met"] == true)
    };
    let at = alternatives.iter().position(meets)?;
    sizes["slots"][at].as_i64()
}

#[test]
fn a_run_says_which_pool_to_change_by_how_much_how_surely_and_why() {
    let site = Site::new();
    let printed = site.run(&["--set", OBJECTIVE]);
    let advice: Value = serde_json::from_str(&site.read("advice.json")).unwrap();
    assert_eq!(advice["sizes"]["pool"], "narrow");
    let enough = least_that_meets(&advice).unwrap();
    assert!(enough > 2, "two slots are not enough");
    let answer = format!("Give `narrow` {enough} slots instead of 2: every objective is then met");
    let sure = format!(
        "How sure: met with the whole interval, while {} slots are not enough: pool narrow, pool_wait_p95 is",
        enough - 1
    );
    let told = [
        answer.as_str(),
        sure.as_str(),
        "wanted at most 2m; ± is the 95 % confidence interval over 10 replications",
        "Why: `narrow` is full ",
        "Or leave the size to a policy: `four` meets every objective with ",
    ];
    let page = site.read("report.md").replace('\\', "");
    for one in told {
        assert!(printed.contains(one), "{one}\n{printed}");
        assert!(page.contains(one), "{one}\n{page}");
    }
    let first = page.find("- Give").unwrap();
    assert!(first < page.find("## ").unwrap(), "the answer comes first");
    let sizes = site.read("sizes.csv");
    for slots in [2, 8] {
        let row = format!("{slots} slots,pool,narrow,pool_wait_p95,s,");
        assert!(sizes.contains(&row), "{sizes}");
    }
    assert!(
        site.read("policies.csv")
            .contains("\nfour,pool,narrow,pool_wait_p95,s,")
    );
}

#[test]
fn without_objectives_the_wait_is_halved() {
    let site = Site::new();
    let printed = site.run(&[]);
    assert!(
        printed.contains("slots instead of 2 to halve its waits: ")
            && printed.contains("only `objectives` in the scenario can say"),
        "{printed}"
    );
}

#[test]
fn a_site_that_does_what_is_asked_need_not_change() {
    let site = Site::new();
    let printed = site.run(&["--set", OBJECTIVE, "--set", "pools.narrow=4"]);
    assert!(
        !printed.contains("Give ")
            && printed.contains("No pool has to change: every objective is met as it is"),
        "{printed}"
    );
}

#[test]
fn a_size_that_a_policy_sets_is_left_to_it() {
    let site = Site::new();
    let printed = site.run(&["--policy", "four"]);
    assert!(!printed.contains("Give "), "{printed}");
    let advice: Value = serde_json::from_str(&site.read("advice.json")).unwrap();
    assert_eq!(advice["sizes"], Value::Null);
}

#[test]
fn advice_is_the_same_for_any_number_of_threads_and_can_be_left_out() {
    let site = Site::new();
    site.run(&["--threads", "1"]);
    let alone = (site.read("advice.json"), site.read("report.html"));
    site.run(&["--threads", "3"]);
    assert!((site.read("advice.json"), site.read("report.html")) == alone);
    let printed = site.run(&["--advice", "never", "--out", "bare"]);
    assert!(!printed.contains("slots instead of"), "{printed}");
    assert!(!site.path().join("bare/advice.json").exists());
}

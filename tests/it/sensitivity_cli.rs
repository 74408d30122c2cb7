//! `slotwise sensitivity`: what it prints, the files it leaves, and what it refuses.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A pool that is too small, one that is not, one of one slot, and one that has no end.
const SCENARIO: &str = r"
name: knobs
horizon: 6h
replications: 12
pools: {narrow: 3, wide: 40, single: 1, free: -1}
defaults: {task: {duration: {exponential: {mean: 3m}}}}
dags:
  requests:
    schedule: {poisson: {rate: 40 per hour}}
    max_active_tasks: 9
    tasks:
      serve: {pool: narrow}
      log: {pool: wide, duration: {constant: 1s}}
      mark: {pool: single, duration: {constant: 1s}}
      free: {pool: free, duration: {constant: 1s}}
      pair: {pool: narrow, pool_slots: 3, duration: {constant: 5s}}
";

/// Exit code, stdout and stderr.
type Answer = (i32, String, String);

/// A folder of its own with a scenario, in which `slotwise sensitivity` runs.
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

    fn run(&self, arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(["sensitivity", "scenario.yaml"])
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
        fs::read_to_string(self.path().join("output/knobs/sensitivity").join(name)).unwrap()
    }
}

#[test]
fn the_narrow_pool_is_told_first_and_the_edges_are_guarded() {
    let site = Site::new(SCENARIO);
    let (code, stdout, stderr) = site.run(&[]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.lines().all(|line| line.chars().count() <= 80),
        "{stdout}"
    );
    let says = |text: &str| assert!(stdout.contains(text), "{text}\n{stdout}");
    says("One more slot in `narrow` cuts the p95 pool wait by ");
    says("  narrow: 2 is not possible: ");
    says("  single: 1 is the least it can be\n");
    says("  free: it is unlimited\n");
    let csv = site.read("sensitivity.csv");
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("path,counts,of,value,turn,to,kind,name,indicator,unit,n,"));
    assert!(
        lines[1].starts_with(
            "pools.narrow.slots,slots,narrow,3,more,4,site,knobs,pool_wait_p95,s,12,-"
        )
    );
    assert!(csv.contains("\ndags.requests.max_active_tasks,max_active_tasks,requests,9,less,8,"));
    assert!(!csv.contains(",-1,") && !csv.contains("pools.narrow.slots,slots,narrow,3,less"));
    let json: serde_json::Value = serde_json::from_str(&site.read("sensitivity.json")).unwrap();
    assert_eq!(json["knobs"][0]["more"]["verdict"], "better");
    let manifest: serde_json::Value = serde_json::from_str(&site.read("manifest.json")).unwrap();
    assert_eq!(manifest["design"]["step"], "1");
}

#[test]
fn every_number_of_threads_leaves_the_same_bytes() {
    let site = Site::new(SCENARIO);
    let files = ["sensitivity.csv", "sensitivity.json", "manifest.json"];
    let with = |threads| {
        let (code, ..) = site.run(&["--threads", threads, "--knob", "pools", "--step", "50%"]);
        assert_eq!(code, 0);
        files.map(|name| site.read(name))
    };
    let alone = with("1");
    assert_eq!(alone, with("2"));
    assert_eq!(alone, with("8"));
    assert!(alone[0].contains(",wide,40,less,20,") && !alone[0].contains("parallelism"));
}

#[test]
fn any_indicator_of_anything_can_be_asked_for() {
    let site = Site::new(SCENARIO);
    let few = ["--out", "none", "-n", "2", "--knob", "pools.narrow"];
    let answer = |arguments: &[&str]| site.run(&[&few, arguments].concat());
    let (code, stdout, _) = answer(&["--indicator", "makespan_mean"]);
    assert_eq!(code, 0, "the only DAG need not be named");
    assert!(
        stdout.contains("the mean makespan of `requests` is"),
        "{stdout}"
    );
    let (_, stdout, _) = answer(&["--indicator", "utilisation", "--pool", "narrow"]);
    assert!(
        stdout.contains("the utilisation of `narrow` is"),
        "{stdout}"
    );
    let refused = |arguments: &[&str], message: &str| {
        let (code, stdout, stderr) = answer(arguments);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.contains(message), "{stderr}");
    };
    refused(
        &["--indicator", "p95_wait"],
        "there is no indicator `p95_wait`",
    );
    refused(
        &["--indicator", "pool_wait_95"],
        "did you mean `pool_wait_p95`?",
    );
    refused(
        &["--indicator", "utilisation"],
        "a site has no indicator `utilisation`",
    );
    refused(&["--pool", "narow"], "there is no pool `narow`");
    refused(&["--step", "0"], "a step is a whole number from 1 on");
    refused(
        &["--knob", "pool.narrow"],
        "no knob begins with `pool.narrow`",
    );
    let (code, _, stderr) = site.run(&["--out", "none", "-n", "1"]);
    let message = "error: an interval takes 2 to 100000 replications, not 1\n";
    assert_eq!((code, stderr.as_str()), (2, message));
}

//! `slotwise sweep`: all points meet the same luck, and the same bytes come out whatever happens on the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SCENARIO: &str = r"
name: reports
horizon: 6h
pools: {warehouse: 2}
dags:
  reports:
    schedule: {poisson: {rate: 30 per hour}}
    tasks: {serve: {pool: warehouse, duration: {exponential: {mean: 3m}}}}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 1m}
policies:
  as_is: {}
  larger: {pools: [warehouse], size: {schedule: [{cron: '0 0 * * *', slots: 5}]}}
";

pub(crate) const SWEEP: &str = "sweep: {pools.warehouse.slots: [2, 4], scale.durations: [1, 2]}\n";

/// Exit code, stdout and stderr.
pub(crate) type Answer = (i32, String, String);

/// A folder of its own with a scenario, in which `slotwise` runs.
pub(crate) struct Site(tempfile::TempDir);

impl Site {
    pub(crate) fn new(more: &str) -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        fs::write(
            site.path().join("scenario.yaml"),
            format!("{SCENARIO}{more}"),
        )
        .unwrap();
        site
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slotwise"));
        command
            .args(arguments)
            .env_remove("COLUMNS")
            .current_dir(self.path());
        command
    }

    pub(crate) fn slotwise(&self, arguments: &[&str]) -> Answer {
        answer(&mut self.command(arguments))
    }

    /// Runs a command that must end well, and gives what it prints.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.slotwise(arguments);
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        stdout
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// All files of a folder but the log, which may differ between two runs of the same.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.path().join(folder)).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        files
            .filter(|path| !path.ends_with("run.log.json"))
            .map(|path| (path.file_name().unwrap().into(), fs::read(path).unwrap()))
            .collect()
    }
}

pub(crate) fn answer(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap_or(-1);
    (code, text(output.stdout), text(output.stderr))
}

/// The value of `indicator` of the pool in a line of `values.csv` that begins so.
fn value(csv: &str, beginning: &str, indicator: &str) -> f64 {
    let beginning = format!("{beginning},pool,warehouse,{indicator},");
    let line = csv.lines().find_map(|line| line.strip_prefix(&beginning));
    let value = line.unwrap_or_else(|| panic!("no {beginning} in {csv}"));
    value.split(',').next().unwrap().parse().unwrap()
}

#[test]
fn every_number_of_threads_leaves_the_same_bytes() {
    let site = Site::new(SWEEP);
    let arguments = [
        "sweep",
        "scenario.yaml",
        "-n",
        "3",
        "-o",
        "json",
        "--threads",
    ];
    let results = |threads: &str| {
        let stdout = site.done(&[&arguments[..], &[threads, "--out", threads]].concat());
        assert_eq!(stdout, site.read(&format!("{threads}/sweep.json")));
        site.files(threads)
    };
    let alone = results("1");
    let names: Vec<_> = alone.keys().map(|name| name.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "estimates.csv",
            "manifest.json",
            "plan.json",
            "points.csv",
            "report.html",
            "report.json",
            "report.md",
            "response.png",
            "response.svg",
            "sweep.json",
            "sweep_map.png",
            "sweep_map.svg",
            "values.csv"
        ]
    );
    assert_eq!(results("2"), alone);
    assert_eq!(results("8"), alone);
}

#[test]
fn all_points_meet_the_luck_of_the_scenario_itself() {
    let site = Site::new(SWEEP);
    let policies = ["--policy", "as_is", "--policy", "larger"];
    let arguments = ["sweep", "scenario.yaml", "-n", "2", "--out", "all"];
    site.done(&[&arguments[..], &policies].concat());
    let values = site.read("all/values.csv");
    assert_eq!(
        site.read("all/points.csv"),
        "point,pools.warehouse.slots,scale.durations\n0,2,1\n1,2,2\n2,4,1\n3,4,2\n"
    );
    // A point is what `--set` makes of the scenario, replication by replication.
    let set = [
        "--set",
        "pools.warehouse.slots=4",
        "--set",
        "scale.durations=2",
    ];
    let run = ["run", "scenario.yaml", "-n", "2", "--out", "run"];
    site.slotwise(&[&run[..], &set, &["--policy", "larger"]].concat());
    let of = |name: &str, point: &str| -> Vec<String> {
        let beginning = format!("{point},larger,");
        let lines = site.read(name);
        let lines = lines
            .lines()
            .filter_map(|line| line.strip_prefix(&beginning));
        lines.map(String::from).collect()
    };
    assert!(of("run/values.csv", "0").len() > 100);
    assert_eq!(of("all/values.csv", "3"), of("run/values.csv", "0"));
    // Where nothing waits, a task of twice the length takes exactly twice as long.
    let mean = |point| value(&values, &format!("{point},larger,1"), "duration_max");
    assert!(
        (mean(3) / mean(2) - 2.0).abs() < 1e-6,
        "{} {}",
        mean(2),
        mean(3)
    );
    let started = |point| value(&values, &format!("{point},as_is,0"), "started");
    assert!(started(2) > 50.0);
}

#[test]
fn the_table_says_which_point_will_do() {
    let site = Site::new(
        "sweep: [{pools.warehouse.slots: 2}, {pools.warehouse: 6}, {scale.durations: 3}]\n",
    );
    let table = site.done(&["sweep", "scenario.yaml", "-n", "4"]);
    assert!(
        table
            .starts_with("reports: 3 points, 4 replications of each on the same luck\n6h measured")
    );
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    assert!(
        table.contains("Point 1 (`pools.warehouse` 6) meets every objective with the fewest"),
        "{table}"
    );
    assert!(site.path().join("output/reports/sweep/sweep.json").exists());
    let plain = site.done(&["sweep", "scenario.yaml", "-n", "4", "-o", "plain"]);
    assert!(plain.starts_with(
        "point\tpools.warehouse.slots\tpools.warehouse\tscale.durations\tpolicy\tkind\t"
    ));
    assert!(
        plain.contains("\n1\t\t6\t\tas_is\tpool\twarehouse\tutilisation\tshare\t"),
        "{plain}"
    );
}

/// Begins a sweep of many cells, lets it finish a few, and ends it by that signal.
#[cfg(unix)]
fn interrupt(site: &Site, arguments: &[&str], signal: &str) {
    let mut child = site
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let journal = site.path().join("broken/cells-1-of-1.txt");
    let lines = || fs::read_to_string(&journal).map_or(0, |text| text.lines().count());
    let before = lines();
    while lines() < before + 5 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    let killed = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(
        child.wait().unwrap().code(),
        None,
        "it was ended by the signal"
    );
    assert!(journal.exists());
}

#[cfg(unix)]
#[test]
fn a_killed_sweep_goes_on_where_it_was() {
    let site = Site::new(SWEEP);
    let sweep = [
        "sweep",
        "scenario.yaml",
        "-n",
        "40",
        "--horizon",
        "5d",
        "--threads",
        "1",
        "--out",
    ];
    let broken = [&sweep[..], &["broken"]].concat();
    let resumed = [&broken[..], &["--resume"]].concat();
    interrupt(&site, &broken, "-KILL");
    let (code, _, stderr) = site.slotwise(&broken);
    assert_eq!(code, 2, "work is not thrown away unasked: {stderr}");
    assert!(stderr.contains("`--resume` goes on with it"), "{stderr}");
    // Processes in the background of a shell ignore what Ctrl-C sends, and so would this one if the tests were there.
    interrupt(&site, &resumed, "-TERM");
    // What a process was about to write when it ended.
    let journal = site.path().join("broken/cells-1-of-1.txt");
    let whole = fs::read(&journal).unwrap();
    fs::write(&journal, &whole[..whole.len() - 9]).unwrap();
    fs::write(site.path().join("broken/.slotwise-left"), "half a file").unwrap();
    let (code, stdout, stderr) = site.slotwise(&resumed);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains("of 160 replications are there already"),
        "{stderr}"
    );
    assert_eq!(stdout, site.done(&[&sweep[..], &["undisturbed"]].concat()));
    assert_eq!(site.files("broken"), site.files("undisturbed"));
    let (code, _, stderr) = site.slotwise(&resumed);
    assert_eq!(
        (code, stderr.as_str()),
        (0, "`broken` is finished already\n")
    );
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_nothing_but_time() {
    let site = Site::new(SWEEP);
    let sweep = ["sweep", "scenario.yaml", "-n", "5", "--out"];
    // No file may grow beyond 32 blocks, which holds a few cells; the signal that comes with it is not taken.
    let limited = "trap '' XFSZ; ulimit -f 32; exec \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", limited, "sh", env!("CARGO_BIN_EXE_slotwise")])
        .args([&sweep[..], &["full"]].concat())
        .current_dir(site.path());
    let (code, stdout, stderr) = answer(&mut command);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(
        stderr.contains("error: cannot write `full/cells-1-of-1.txt`: "),
        "{stderr}"
    );
    assert!(stderr.contains("`--resume` goes on from there"), "{stderr}");
    let kept = site.read("full/cells-1-of-1.txt").lines().count();
    assert!((2..20).contains(&kept), "{kept} lines are kept");
    site.done(&[&sweep[..], &["full", "--resume"]].concat());
    site.done(&[&sweep[..], &["undisturbed"]].concat());
    assert_eq!(site.files("full"), site.files("undisturbed"));
}

#[test]
fn the_folder_of_another_plan_is_not_gone_on_with() {
    let site = Site::new(SWEEP);
    let part = [
        "sweep",
        "scenario.yaml",
        "--part",
        "1/8",
        "--out",
        "one",
        "--resume",
        "-n",
    ];
    site.done(&[&part[..], &["3"]].concat());
    let refused = |more: &[&str], message: &str| {
        let (code, _, stderr) = site.slotwise(&[&part[..], more].concat());
        assert_eq!((code, stderr), (2, format!("error: {message}\n")));
    };
    let differs = "`one` holds another plan, which differs in: ";
    refused(&["4"], &format!("{differs}replications"));
    refused(&["3", "--seed", "5"], &format!("{differs}settings"));
    refused(&["3", "--policy", "larger"], &format!("{differs}policies"));
    site.done(&[&part[..], &["3"]].concat());
}

#[test]
fn a_point_that_is_no_scenario_is_shown_before_anything_runs() {
    let site = Site::new("sweep: {pools.warehouse.slots: [2, 0.5]}\n");
    for command in ["check", "sweep"] {
        let (code, _, stderr) = site.slotwise(&[command, "scenario.yaml"]);
        assert_eq!(code, 2);
        assert!(
            stderr.contains("at point 1: expected a whole number"),
            "{stderr}"
        );
        assert!(
            stderr.contains("sweep: {pools.warehouse.slots: [2, 0.5]}"),
            "{stderr}"
        );
    }
}

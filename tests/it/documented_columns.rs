//! Every column of every CSV file that an experiment leaves is explained in the documentation.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;

use crate::sweep_cli::{SWEEP, Site};

#[test]
fn every_column_is_explained() {
    let results = fs::read_to_string("docs/reference/results.md").unwrap();
    let explained: BTreeSet<&str> = results.split('`').skip(1).step_by(2).collect();
    let site = Site::new(&format!("{SWEEP}warm_up: 10m\n"));
    let mut files_seen = BTreeSet::new();
    for command in [
        "run scenario.yaml --trace csv --horizon 2d",
        "run scenario.yaml --set warm_up=auto --horizon 30d -n 5",
        "compare scenario.yaml --baseline larger -n 2",
        "compare scenario.yaml scenario.yaml scenario.yaml -n 2",
        "select scenario.yaml -n 3",
        "sweep scenario.yaml -n 2",
        "sensitivity scenario.yaml -n 2",
    ] {
        let arguments: Vec<&str> = command.split(' ').chain(["--out", "results"]).collect();
        // Some of them miss the objective, which is not what matters here.
        let (code, _, stderr) = site.slotwise(&arguments);
        assert!(code == 0 || code == 3, "{command}: {stderr}");
        for (name, content) in site.files("results") {
            if name.extension() != Some(OsStr::new("csv")) {
                continue;
            }
            let name = name.to_str().unwrap();
            assert!(explained.contains(name), "{name} of `{command}`");
            let content = String::from_utf8(content).unwrap();
            let header = content.lines().next().unwrap();
            // The columns of a sweep's factors bear their paths.
            for column in header.split(',').filter(|column| !column.contains('.')) {
                let is_explained = explained.iter().any(|word| {
                    let open = word.strip_suffix('*').filter(|stem| !stem.is_empty());
                    *word == column || open.is_some_and(|stem| column.starts_with(stem))
                });
                assert!(is_explained, "{column} in {name} of `{command}`: {header}");
            }
            files_seen.insert(name.to_owned());
        }
        fs::remove_dir_all(site.path().join("results")).unwrap();
    }
    let seen: Vec<&str> = files_seen.iter().map(String::as_str).collect();
    assert_eq!(
        seen,
        [
            "comparison.csv",
            "estimates.csv",
            "hours_of_week.csv",
            "interval_width.csv",
            "longest_run.csv",
            "pairs.csv",
            "points.csv",
            "policies.csv",
            "pools.csv",
            "resizes.csv",
            "selection.csv",
            "sensitivity.csv",
            "sizes.csv",
            "summary.csv",
            "task_instances.csv",
            "values.csv",
            "wait_distribution.csv",
            "warm_up.csv",
        ]
    );
}

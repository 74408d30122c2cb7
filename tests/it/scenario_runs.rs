//! Every scenario runs, and its summary is what it was: the scenarios double as regression tests.

use crate::scenarios::folder;
use anstream::adapter::strip_str;
use slotwise::experiment::{Replication, summarise};
use slotwise::report::{RunHeading, RunReport, summary_table};
use slotwise::scenario;
use slotwise::time::SimDuration;
use std::path::Path;

/// No scenario is simulated for longer than this, so that the tests stay quick.
const LONGEST: SimDuration = SimDuration::from_seconds(2 * 86_400);

#[test]
fn every_scenario_runs_as_it_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    files.sort();
    assert!(files.len() >= 7);
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        insta::assert_snapshot!(format!("run_{name}"), table(&path));
    }
}

fn table(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let mut scenario = scenario::read(&text, &folder()).unwrap().value;
    scenario.horizon = scenario.horizon.min(scenario.warm_up + LONGEST);
    let policy = scenario.policies.first();
    let replication = Replication {
        scenario: &scenario,
        policy: policy.map(|(_, plan)| plan),
        number: 0,
    };
    let summary = summarise(&replication).unwrap();
    let heading = RunHeading {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        policy: policy.map(|(name, _)| name.clone()),
        seed: scenario.seed,
        until_done: scenario.until_done,
        warm_up: None,
    };
    let report = RunReport::new(heading, &scenario.deployment, &summary);
    strip_str(&summary_table(&report, 80)).to_string()
}

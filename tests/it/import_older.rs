//! Airflow 2 before 2.10 keeps no earlier tries, only when they failed: that is imported all the same.
#![cfg(feature = "sqlite")]

use std::fs;

use slotwise::deployment::TaskInstanceState;
use slotwise::trace::History;

use crate::import_airflow::Site;

/// Where, from when and until when tries failed that were followed by others.
fn earlier_failures(history: &History) -> Vec<(String, String, String, u32)> {
    let earlier = history.tries.iter().filter(|attempt| attempt.is_earlier);
    let told = earlier.map(|attempt| {
        assert_eq!(attempt.state, TaskInstanceState::Failed);
        let run = &history.runs[attempt.run];
        let times = format!("{:?} {:?}", attempt.started_at, attempt.ended_at);
        let task = format!("{}/{}", run.run_id, attempt.task_id);
        (run.dag_id.clone(), task, times, attempt.try_number)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

fn failure_rates(site: &Site) -> Vec<String> {
    let text = fs::read_to_string(site.out().join("scenario.yaml")).unwrap();
    let lines = text.lines().filter(|line| line.contains("failure_rate: "));
    lines.map(str::to_owned).collect()
}

#[test]
fn earlier_failures_are_the_same_without_a_history_of_tries() {
    let newer = Site::new("airflow2/metadata-2x.db.gz");
    let known = newer.import(&[]);
    let older = Site::new("airflow2/metadata-2x.db.gz");
    older.execute("DROP TABLE task_instance_history");
    let found = older.import(&[]);
    assert_eq!(found.tries.len(), 620 + 19);
    let failures = earlier_failures(&found);
    assert_eq!(failures.len(), 19);
    assert_eq!(failures, earlier_failures(&known));
    // When they were queued is not kept, so the delays of their starts are not known, and nothing else is missed.
    let unqueued = found.tries.iter().filter(|attempt| attempt.is_earlier);
    assert!(unqueued.clone().all(|attempt| attempt.queued_at.is_none()));
    assert!(failure_rates(&older).len() > 5);
    assert_eq!(failure_rates(&older), failure_rates(&newer));
}

#[test]
fn failures_of_what_is_not_there_are_counted() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    site.execute(
        "DROP TABLE task_instance_history; PRAGMA foreign_keys = OFF;
         UPDATE task_fail SET run_id = 'gone' WHERE id = 1;
         UPDATE task_fail SET task_id = 'gone' WHERE id IN (2, 3);
         UPDATE task_fail SET end_date = NULL WHERE id = 4;",
    );
    let history = site.import(&[]);
    assert_eq!(history.tries.len(), 620 + 19 - 4);
    assert_eq!(site.excluded("tries whose run is not there"), 1);
    assert_eq!(
        site.excluded("failures whose task instance is not there"),
        2
    );
    assert_eq!(site.excluded("tries that are over and lack"), 1);
}

//! Databases that are broken, or of which only a part is there: a located error, or a counted and listed exclusion.
#![cfg(feature = "sqlite")]

use std::fs;

use rusqlite::Connection;
use slotwise::deployment::TaskInstanceState;

use crate::import_airflow::Site;

impl Site {
    /// Changes the database before it is imported.
    fn broken(sql: &str) -> Self {
        let site = Self::of_airflow_3();
        site.execute(sql);
        site
    }

    pub(crate) fn execute(&self, sql: &str) {
        let database = Connection::open(self.database()).unwrap();
        database.execute_batch(sql).unwrap();
    }

    /// What is said of an import that fails.
    fn refused(&self) -> String {
        let output = self.run(&[]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(!self.out().join("scenario.yaml").exists());
        told
    }

    /// How often something was excluded, by the beginning of its words.
    pub(crate) fn excluded(&self, words: &str) -> u64 {
        let text = fs::read_to_string(self.out().join("import.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let excluded = manifest["excluded"].as_array().unwrap();
        let found = excluded
            .iter()
            .find(|found| found["what"].as_str().unwrap().starts_with(words));
        found.map_or(0, |found| {
            assert!(!found["examples"].as_array().unwrap().is_empty(), "{found}");
            found["count"].as_u64().unwrap()
        })
    }
}

#[test]
fn what_is_no_metadata_database_is_refused_with_the_reason() {
    for (sql, told) in [
        ("DROP TABLE task_instance", "no table `task_instance`"),
        (
            "ALTER TABLE task_instance RENAME COLUMN scheduled_dttm TO planned",
            "`task_instance` has no column `scheduled_dttm`",
        ),
        (
            "ALTER TABLE dag_run ADD COLUMN execution_date TIMESTAMP",
            "half a migration",
        ),
        (
            "ALTER TABLE dag_run RENAME COLUMN run_after TO due",
            "`dag_run` has neither",
        ),
        ("ALTER TABLE dag_run RENAME TO runs", "no table `dag_run`"),
    ] {
        let refused = Site::broken(sql).refused();
        assert!(refused.contains(told), "{sql}: {refused}");
        assert!(refused.contains("airflow.db"), "{refused}");
    }
}

#[test]
fn a_selection_that_leaves_nothing_is_told() {
    let site = Site::of_airflow_3();
    for (arguments, code, told) in [
        (
            &["--dags", "nope*", "--dags", "neither"][..],
            1,
            "no DAG has a name that fits `nope*` or `neither`",
        ),
        (
            &["--since", "2030-01-01T00:00:00Z"],
            1,
            "no run of these DAGs was due in the time that was asked for",
        ),
        (
            &[
                "--since",
                "2025-03-09T00:00:00Z",
                "--until",
                "2025-03-09T00:00:00Z",
            ],
            2,
            "`--until` must be after `--since`",
        ),
    ] {
        let output = site.run(arguments);
        let refused = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{refused}");
        assert!(refused.contains(told), "{refused}");
        assert!(!site.out().exists());
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let site = Site::of_airflow_3();
    fs::write(
        site.database(),
        "this is no database, only a text that is long enough",
    )
    .unwrap();
    assert!(site.refused().contains("not a database"));
    fs::remove_file(site.database()).unwrap();
    assert!(site.refused().contains("there is no such file"));
    assert!(!site.database().exists(), "it was not created");
}

#[test]
fn a_truncated_file_is_told_and_nothing_is_written() {
    let site = Site::of_airflow_3();
    let whole = fs::read(site.database()).unwrap();
    fs::write(site.database(), &whole[..whole.len() / 2]).unwrap();
    let told = site.refused();
    assert!(told.contains("malformed"), "{told}");
    let files = fs::read_dir(site.out().join("history")).map_or(0, Iterator::count);
    assert_eq!(files, 0, "no part of a history is left");
}

#[test]
fn a_locked_file_is_waited_for_and_then_told() {
    let site = Site::of_airflow_3();
    let other = Connection::open(site.database()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(site.refused().contains("locked"));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        site.import(&[]).runs.len(),
        909,
        "an import that failed can be done again"
    );
}

#[test]
fn impossible_times_are_counted_and_not_used() {
    let site = Site::broken(
        "CREATE TEMP TABLE some AS SELECT rowid AS at FROM task_instance
             WHERE state = 'success' AND queued_dttm IS NOT NULL ORDER BY rowid LIMIT 9;
         UPDATE task_instance SET end_date = NULL
             WHERE rowid IN (SELECT at FROM some ORDER BY at LIMIT 3);
         UPDATE task_instance SET end_date = '2025-03-01 00:00:00.000000'
             WHERE rowid IN (SELECT at FROM some ORDER BY at LIMIT 2 OFFSET 3);
         UPDATE task_instance SET start_date = datetime(queued_dttm, '-2 seconds')
             WHERE rowid IN (SELECT at FROM some ORDER BY at LIMIT 4 OFFSET 5);
         UPDATE dag_run SET end_date = '2025-03-01 00:00:00' WHERE id IN (5, 6);
         UPDATE dag_run SET queued_at = 'yesterday' WHERE id = 9;",
    );
    let history = site.import(&[]);
    assert_eq!(
        (history.runs.len(), history.tries.len()),
        (909, 3602),
        "no row is dropped"
    );
    assert_eq!(site.excluded("tries that are over and lack"), 3);
    assert_eq!(site.excluded("tries that ended before they began"), 2);
    assert_eq!(site.excluded("tries that began before they were queued"), 4);
    assert_eq!(site.excluded("runs that ended before they began"), 2);
    assert_eq!(site.excluded("moments that cannot be read"), 1);
    let ended = history.tries.iter().filter(|attempt| {
        attempt.state == TaskInstanceState::Success && attempt.ended_at.is_none()
    });
    assert_eq!(ended.count(), 5);
}

#[test]
fn clocks_that_disagree_are_counted_and_their_times_kept() {
    let site = Site::broken(
        "CREATE TEMP TABLE some AS SELECT rowid AS at FROM task_instance
             WHERE state = 'success' AND queued_dttm IS NOT NULL ORDER BY rowid LIMIT 3;
         UPDATE task_instance SET scheduled_dttm = datetime(queued_dttm, '+2 seconds')
             WHERE rowid IN (SELECT at FROM some);
         UPDATE dag_run SET queued_at = datetime(start_date, '+1 seconds') WHERE id IN (7, 8);
         UPDATE task_reschedule SET end_date = datetime(end_date, '+1 day') WHERE id = 5;",
    );
    let history = site.import(&[]);
    assert_eq!(
        site.excluded("tries that were queued before they were scheduled"),
        3
    );
    assert_eq!(site.excluded("runs that began before they were queued"), 2);
    assert_eq!(
        site.excluded("pokes in vain that were over after their try"),
        1
    );
    let skewed = history
        .tries
        .iter()
        .filter(|attempt| attempt.queued_at < attempt.scheduled_at && attempt.was_executed());
    assert_eq!(skewed.count(), 3);
    assert_eq!(history.pokes.len(), 496);
}

#[test]
fn rows_without_their_counterpart_are_counted() {
    let site = Site::broken(
        "PRAGMA foreign_keys = OFF;
         DELETE FROM dag_run WHERE id = 2;
         DELETE FROM dag WHERE dag_id = 'reporting';
         UPDATE dag_run SET state = 'paused' WHERE id = 3;
         UPDATE task_instance SET state = 'shutting_down' WHERE rowid = 1;
         UPDATE task_reschedule SET ti_id = '00000000000000000000000000000001' WHERE id IN (3, 4);
         UPDATE serialized_dag SET data = '{\"dag\": {}}' WHERE dag_id = 'finance_close';",
    );
    let history = site.import(&[]);
    assert_eq!(history.runs.len(), 907);
    assert_eq!(site.excluded("tries whose run is not there"), 4);
    assert_eq!(site.excluded("runs in an unknown state"), 1);
    assert_eq!(site.excluded("tries in an unknown state"), 1);
    // The poke of the run that is gone, and the two of a try that never was.
    assert_eq!(site.excluded("pokes of sensors whose try is not there"), 3);
    assert_eq!(site.excluded("serialized DAGs that cannot be read"), 1);
    assert_eq!(site.excluded("DAGs that have runs and no description"), 2);
}

#[test]
fn a_task_that_is_gone_is_counted() {
    let site = Site::broken(
        "UPDATE task_instance SET task_id = 'old_export' WHERE task_id = 'export_a'
             AND run_id < 'scheduled__2025-03-10'",
    );
    site.import(&[]);
    assert_eq!(
        site.excluded("tasks that have tries and are not in their DAG"),
        1
    );
}

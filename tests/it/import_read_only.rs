//! SQLite files with a write-ahead log in folders in which nobody may write: what is whole is read, what is not is told.
#![cfg(all(feature = "sqlite", feature = "postgres", unix))]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use rusqlite::Connection;

use crate::import_airflow::Site;
use crate::postgres_server::as_somebody;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// An import by somebody who is not root, of a folder that nobody may change.
fn import(folder: &Path) -> (Output, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    set_mode(out.path(), 0o777);
    // Where the program lies, somebody else may not be allowed to look.
    let program = out.path().join("slotwise");
    fs::copy(env!("CARGO_BIN_EXE_slotwise"), &program).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        set_mode(&entry.unwrap().path(), 0o444);
    }
    set_mode(folder, 0o555);
    let mut command: Command = as_somebody(&program);
    let output = command
        .args(["import", "airflow", "--no-calibration", "--db"])
        .arg(format!("sqlite:{}", folder.join("airflow.db").display()))
        .arg("--out")
        .arg(out.path().join("site"))
        .output()
        .unwrap();
    set_mode(folder, 0o755);
    (output, out)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_file_whose_log_is_empty_is_read_without_its_index() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    site.execute("PRAGMA journal_mode = WAL");
    let (output, out) = import(site.folder());
    assert!(output.status.success(), "{}", told(&output));
    let tries = out.path().join("site/history/task_instances.csv");
    let tries = fs::read_to_string(tries).unwrap();
    assert_eq!(tries.lines().count(), 1 + 620 + 19);
    let beside = fs::read_dir(site.folder()).unwrap().count();
    assert_eq!(beside, 1, "nothing is left beside the database");
}

#[test]
fn a_file_whose_log_would_be_missed_is_refused() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    let scheduler = Connection::open(site.database()).unwrap();
    scheduler
        .execute_batch("PRAGMA journal_mode = WAL; UPDATE slot_pool SET slots = slots + 1")
        .unwrap();
    // As a backup might have it: the file and its log, without the index.
    let copy = tempfile::tempdir().unwrap();
    for name in ["airflow.db", "airflow.db-wal"] {
        fs::copy(site.folder().join(name), copy.path().join(name)).unwrap();
    }
    assert!(
        File::open(copy.path().join("airflow.db-wal"))
            .unwrap()
            .metadata()
            .unwrap()
            .len()
            > 0
    );
    let (output, out) = import(copy.path());
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("its write-ahead log can only be read where"),
        "{}",
        told(&output)
    );
    assert!(!out.path().join("site").exists());
    // Where the folder can be written to, the log is read.
    set_mode(&copy.path().join("airflow.db-wal"), 0o644);
    set_mode(&copy.path().join("airflow.db"), 0o644);
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["import", "airflow", "--no-calibration", "--db"])
        .arg(format!(
            "sqlite:{}",
            copy.path().join("airflow.db").display()
        ))
        .arg("--out")
        .arg(out.path().join("site"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let pools = fs::read_to_string(out.path().join("site/pools.json")).unwrap();
    let before: i64 = scheduler
        .query_row(
            "SELECT slots FROM slot_pool WHERE pool = 'database_pool'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let (pools, _) = slotwise::deployment::PoolsFile::parse(&pools).unwrap();
    assert_eq!(pools.get("database_pool").unwrap().slots, before);
}

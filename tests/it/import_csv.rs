//! The tables of a site as CSV files: what is imported is what the database gives, and a broken file is told by its line.
#![cfg(feature = "sqlite")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rusqlite::types::ValueRef;

use crate::import_airflow::Site;

/// Writes the tables as the shells of SQLite and PostgreSQL do: nothing for NULL, and everything else as text.
fn export(site: &Site) -> PathBuf {
    let folder = site.folder().join("csv");
    fs::create_dir(&folder).unwrap();
    let sqlite = rusqlite::Connection::open(site.database()).unwrap();
    for table in [
        "slot_pool",
        "dag",
        "serialized_dag",
        "dag_run",
        "task_instance",
        "task_instance_history",
        "task_reschedule",
    ] {
        let mut file = csv::Writer::from_path(folder.join(format!("{table}.csv"))).unwrap();
        let mut statement = sqlite.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        file.write_record(statement.column_names()).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let field = |at| match row.get_ref(at).unwrap() {
                ValueRef::Null => String::new(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                ValueRef::Blob(bytes) => {
                    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
                    format!("\\x{}", digits.collect::<String>())
                }
            };
            file.write_record((0..columns).map(field)).unwrap();
        }
        file.flush().unwrap();
    }
    folder
}

fn run(folder: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["import", "airflow", "--csv"])
        .arg(folder)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

/// What is told of an import that fails, and leaves nothing behind.
fn failure(folder: &Path, out: &Path) -> String {
    let output = run(folder, out);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(!out.exists(), "something is left");
    told
}

#[test]
fn a_site_in_csv_files_is_the_same_site() {
    for recorded in ["airflow/metadata-3x.db.gz", "airflow2/metadata-2x.db.gz"] {
        let site = Site::new(recorded);
        site.import(&[]);
        let out = site.folder().join("from_csv");
        let output = run(&export(&site), &out);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        for file in [
            "scenario.yaml",
            "pools.json",
            "history/dag_runs.csv",
            "history/task_instances.csv",
            "history/pokes.csv",
        ] {
            let (expected, found) = (site.out().join(file), out.join(file));
            assert!(
                fs::read(expected).unwrap() == fs::read(found).unwrap(),
                "{recorded}: {file}"
            );
        }
    }
}

#[test]
fn tables_that_older_versions_lack_may_be_missing() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    let folder = export(&site);
    for table in ["task_instance_history", "task_reschedule"] {
        fs::remove_file(folder.join(format!("{table}.csv"))).unwrap();
    }
    let out = site.folder().join("from_csv");
    assert!(run(&folder, &out).status.success());
    let tries = fs::read_to_string(out.join("history/task_instances.csv")).unwrap();
    assert_eq!(tries.lines().count(), 1 + 620);
}

#[test]
fn the_order_of_lines_is_that_of_the_table() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    site.import(&[]);
    let folder = export(&site);
    for table in [
        "dag_run",
        "task_reschedule",
        "serialized_dag",
        "slot_pool",
        "dag",
    ] {
        let path = folder.join(format!("{table}.csv"));
        let mut reader = csv::Reader::from_path(&path).unwrap();
        let header = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let mut file = csv::Writer::from_path(&path).unwrap();
        file.write_record(&header).unwrap();
        for row in rows.iter().rev() {
            file.write_record(row).unwrap();
        }
        file.flush().unwrap();
    }
    let out = site.folder().join("from_csv");
    assert!(run(&folder, &out).status.success());
    for file in [
        "scenario.yaml",
        "pools.json",
        "history/dag_runs.csv",
        "history/pokes.csv",
    ] {
        let (expected, found) = (site.out().join(file), out.join(file));
        assert!(
            fs::read(expected).unwrap() == fs::read(found).unwrap(),
            "{file}"
        );
    }
}

#[test]
fn a_broken_file_is_told_by_its_line() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    let folder = export(&site);
    let out = site.folder().join("from_csv");
    let runs = folder.join("dag_run.csv");
    let whole = fs::read(&runs).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|&byte| byte == b'\n').collect();
    let broken = |at: usize, line: &[u8]| {
        let mut lines = lines.clone();
        lines[at] = line;
        fs::write(&runs, lines.concat()).unwrap();
        failure(&folder, &out)
    };
    let short = broken(2, b"1,2,3\n");
    assert!(short.contains("`dag_run.csv`, line 3: 3 fields"), "{short}");
    let latin: Vec<u8> = lines[4]
        .iter()
        .map(|&byte| if byte == b'a' { 0xe4 } else { byte })
        .collect();
    let latin = broken(4, &latin);
    assert!(latin.contains("`dag_run.csv`, line 5: column `"), "{latin}");
    assert!(latin.contains("no text in UTF-8"), "{latin}");
    let half = broken(0, b"id,dag_id\n");
    assert!(
        half.contains("table `dag_run` has no column `run_id`"),
        "{half}"
    );
    fs::remove_file(&runs).unwrap();
    let missing = failure(&folder, &out);
    assert!(missing.contains("there is no table `dag_run`"), "{missing}");
    let nowhere = failure(&folder.join("nowhere"), &out);
    assert!(nowhere.contains("there is no such folder"), "{nowhere}");
}

//! Where the recordings of the real scheduler lie, and how to read them.
//!
//! The folder is the committed copy, or the one that `SLOTWISE_ORACLE_DIR` names. Files may be gzipped.

use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of the recordings.
pub(crate) fn folder() -> PathBuf {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/airflow");
    std::env::var_os("SLOTWISE_ORACLE_DIR").map_or(committed, PathBuf::from)
}

/// The text of a recording, plain or gzipped; none if the folder has no such file.
pub(crate) fn read(relative: &str) -> Option<String> {
    let path = folder().join(relative);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Some(text);
    }
    let packed = std::fs::File::open(folder().join(format!("{relative}.gz"))).ok()?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("a recording is readable gzip");
    Some(text)
}

/// The lines of a recording; none if the folder has no such file.
pub(crate) fn lines(relative: &str) -> Option<Vec<String>> {
    Some(
        read(relative)?
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

/// The names of all recorded traces, in order.
pub(crate) fn traces() -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder().join("traces")) else {
        return Vec::new();
    };
    let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter_map(|name| {
            Some(
                name.strip_suffix(".gz")
                    .unwrap_or(&name)
                    .strip_suffix(".scenario.json")?
                    .to_owned(),
            )
        })
        .collect();
    names.sort();
    names
}

/// The cases of a recording, one JSON object a line. Only another folder than the committed one may lack the file.
pub(crate) fn cases(relative: &str) -> Vec<serde_json::Value> {
    let lines = lines(relative).unwrap_or_else(|| {
        assert!(
            std::env::var_os("SLOTWISE_ORACLE_DIR").is_some(),
            "the committed {relative} is missing"
        );
        println!("no {relative} in {}", folder().display());
        Vec::new()
    });
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("a recorded case is JSON"))
        .collect()
}

/// Fails with every difference, after saying how many cases were replayed.
pub(crate) fn conclude(kind: &str, cases: usize, differences: &[String]) {
    println!("{kind}: {cases} cases, {} mismatches", differences.len());
    assert!(
        differences.is_empty(),
        "{} of {cases} {kind} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

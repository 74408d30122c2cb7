//! The recordings of the real Airflow: where they lie, and how they are read.
//!
//! `SLOTWISE_ORACLE_DIR` names another folder of the same layout; without it the committed copy is read. A file may
//! be plain or compressed (`.gz` after its name).

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/airflow");

/// The folder of the recordings.
pub(crate) fn folder() -> PathBuf {
    named_folder().unwrap_or_else(|| COMMITTED.into())
}

/// The lines of a recording; none if a folder named by the environment has no such file.
pub(crate) fn lines(relative: &str) -> Option<Vec<String>> {
    let text = read(relative)?;
    Some(text.lines().map(str::to_owned).collect())
}

/// The text of a recording; none if a folder named by the environment has no such file.
pub(crate) fn read(relative: &str) -> Option<String> {
    let path = folder().join(relative);
    let mut compressed = path.clone().into_os_string();
    compressed.push(".gz");
    let text = read_plain(&path).or_else(|| read_compressed(Path::new(&compressed)));
    assert!(
        text.is_some() || named_folder().is_some(),
        "the committed recordings lack `{relative}`"
    );
    text
}

/// Whether there is such a recording.
pub(crate) fn has(relative: &str) -> bool {
    folder().join(relative).exists() || folder().join(format!("{relative}.gz")).exists()
}

/// The cases of a recording, one JSON object a line.
pub(crate) fn cases(relative: &str) -> Vec<serde_json::Value> {
    let lines = lines(relative).unwrap_or_default();
    let parse = |line: &String| serde_json::from_str(line).expect("a recorded case is JSON");
    lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(parse)
        .collect()
}

/// The names of all recorded traces, in order.
pub(crate) fn traces() -> Vec<String> {
    let Ok(files) = std::fs::read_dir(folder().join("traces")) else {
        return Vec::new();
    };
    let scenario = |name: String| {
        let name = name
            .strip_suffix(".gz")
            .unwrap_or(&name)
            .strip_suffix(".scenario.json")?;
        Some(name.to_owned())
    };
    let mut names: Vec<String> = files
        .filter_map(|file| scenario(file.ok()?.file_name().into_string().ok()?))
        .collect();
    names.sort();
    names
}

/// Says how many cases were replayed, and fails with every difference.
#[expect(
    clippy::print_stdout,
    reason = "a replay says how many cases it compared"
)]
pub(crate) fn conclude(kind: &str, cases: usize, differences: &[String]) {
    println!("{kind}: {cases} cases, {} mismatches", differences.len());
    let all = differences.join("\n");
    assert!(
        differences.is_empty(),
        "{} of {cases} {kind} differ:\n{all}",
        differences.len()
    );
}

fn named_folder() -> Option<PathBuf> {
    std::env::var_os("SLOTWISE_ORACLE_DIR")
        .filter(|name: &OsString| !name.is_empty())
        .map(PathBuf::from)
}

fn read_plain(path: &Path) -> Option<String> {
    Some(text_of(open(path)?, path))
}

fn read_compressed(path: &Path) -> Option<String> {
    Some(text_of(GzDecoder::new(open(path)?), path))
}

/// A missing file is an answer, any other trouble is not.
fn open(path: &Path) -> Option<File> {
    match File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => panic!("cannot open {}: {error}", path.display()),
    }
}

fn text_of(mut source: impl Read, path: &Path) -> String {
    let mut text = String::new();
    source
        .read_to_string(&mut text)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    text
}

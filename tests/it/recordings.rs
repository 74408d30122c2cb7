//! The recordings of the real Airflow: where they lie, of which version they are, and how they are read.
//!
//! `SLOTWISE_ORACLE_DIR` names another folder of the same layout, of either version; without it the committed copies of
//! both are read. A file may be plain or compressed (`.gz` after its name).
//!
//! A folder tells its version by what is in it: recordings of Airflow 2 have traces whose table of runs lacks the column
//! `run_after`, decisions of categories that begin with `v2_`, and retry delays with a backoff that is true or false.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use slotwise::deployment::Rules;

const COMMITTED: [&str; 2] = ["tests/data/airflow", "tests/data/airflow2"];

/// A folder of recordings.
pub(crate) struct Recordings {
    folder: PathBuf,
    /// The rules of the version that was recorded.
    pub(crate) rules: Rules,
    /// Whether files may be missing: not in the committed copies.
    partial: bool,
}

/// All folders of recordings.
pub(crate) fn all() -> Vec<Recordings> {
    let named = std::env::var_os("SLOTWISE_ORACLE_DIR").filter(|name: &OsString| !name.is_empty());
    if let Some(folder) = named {
        return vec![Recordings::at(folder.into(), true)];
    }
    let committed = |folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    COMMITTED
        .map(|folder| Recordings::at(committed(folder), false))
        .into()
}

impl Recordings {
    fn at(folder: PathBuf, partial: bool) -> Self {
        let mut found = Self {
            folder,
            rules: Rules::AIRFLOW_3,
            partial: true,
        };
        if found.are_of_version_2() {
            found.rules = Rules::AIRFLOW_2;
        }
        Self { partial, ..found }
    }

    fn are_of_version_2(&self) -> bool {
        if let Some(trace) = self.traces().first() {
            let runs = self.read(&format!("traces/{trace}.runs.csv"));
            let header = runs.unwrap_or_default();
            let mut lines = header.lines();
            return lines
                .next()
                .is_some_and(|header| !header.contains("run_after"));
        }
        let any = |relative: &str, is_of_2: &dyn Fn(&serde_json::Value) -> bool| {
            self.cases(relative).iter().any(is_of_2)
        };
        any("decisions/decisions.jsonl", &|case| {
            let category = case["category"].as_str();
            category.is_some_and(|category| category.starts_with("v2_"))
        }) || any("units/retry_delays.jsonl", &|case| {
            case["retry_exponential_backoff"].is_boolean()
        })
    }

    /// The lines of a recording; none if a folder named by the environment has no such file.
    pub(crate) fn lines(&self, relative: &str) -> Option<Vec<String>> {
        let text = self.read(relative)?;
        Some(text.lines().map(str::to_owned).collect())
    }

    /// The text of a recording; none if a folder named by the environment has no such file.
    pub(crate) fn read(&self, relative: &str) -> Option<String> {
        let path = self.folder.join(relative);
        let mut compressed = path.clone().into_os_string();
        compressed.push(".gz");
        let text = read_plain(&path).or_else(|| read_compressed(Path::new(&compressed)));
        assert!(
            text.is_some() || self.partial,
            "the committed recordings lack `{}`",
            path.display()
        );
        text
    }

    /// Whether there is such a recording.
    pub(crate) fn has(&self, relative: &str) -> bool {
        self.folder.join(relative).exists() || self.folder.join(format!("{relative}.gz")).exists()
    }

    /// The cases of a recording, one JSON object a line.
    pub(crate) fn cases(&self, relative: &str) -> Vec<serde_json::Value> {
        let lines = self.lines(relative).unwrap_or_default();
        let parse = |line: &String| serde_json::from_str(line).expect("a recorded case is JSON");
        lines
            .iter()
            .filter(|line| !line.is_empty())
            .map(parse)
            .collect()
    }

    /// The names of all recorded traces, in order.
    pub(crate) fn traces(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.folder.join("traces")) else {
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

    /// What these recordings of some kind are called in what is said of them.
    pub(crate) fn called(&self, kind: &str) -> String {
        let version = if self.rules == Rules::AIRFLOW_2 { 2 } else { 3 };
        format!("{kind} of Airflow {version}")
    }
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

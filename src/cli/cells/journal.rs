//! Finished cells on disk: a file that grows by a line a cell, each with a checksum.
//!
//! A line counts if it is whole, so whatever ends the process between two bytes costs one cell. The first line says which
//! part of which plan it belongs to. Docs: `docs/decisions/0015-cells-on-disk.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cli::scenario_file::sha1;
use crate::cli::{Failure, files};
use crate::experiment::{CellStore, KeptCells, Part, StoreError};

/// The name and version of the format.
const FORMAT: &str = "slotwise-cells 1";
/// Letters of a checksum: 64 bits.
const CHECK: usize = 16;
/// What stands for no value.
const NO_VALUE: &str = "-";

/// The cells of a part that are finished.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    part: Part,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// Where the whole lines end.
    end: u64,
    /// By cell.
    lines: BTreeMap<u64, Line>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    start: u64,
    length: u32,
}

impl Journal {
    /// The name of the file of a part.
    pub(crate) fn file_name(part: Part) -> String {
        format!("cells-{}-of-{}.txt", part.number(), part.of())
    }

    /// The journals in a folder.
    pub(crate) fn all_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let mut found = files::names_in(folder)?;
        found.retain(|name| is_journal(name));
        Ok(found.into_iter().map(|name| folder.join(name)).collect())
    }

    /// Opens the journal of a part to go on with it, or begins it; `plan` is the plan's fingerprint. What an interrupted
    /// process left of a line is cut off.
    pub(crate) fn open(folder: &Path, plan: &str, part: Part) -> Result<Self, Failure> {
        let path = folder.join(Self::file_name(part));
        if !path.exists() {
            files::write(&path, &header(plan, part))?;
        }
        let file = OpenOptions::new().read(true).append(true).open(&path);
        let file = file.map_err(|error| files::cannot("open", &path, &error))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let path = path.display();
            let message = format!("another process is at work on `{path}`");
            return Err(Failure::Outside(message));
        }
        let journal = Self::index(path, file, plan)?;
        let inner = journal.inner();
        let cut = inner.file.set_len(inner.end);
        drop(inner);
        cut.map_err(|error| files::cannot("write", &journal.path, &error))?;
        Ok(journal)
    }

    /// Reads a journal of whatever part of the plan.
    pub(crate) fn read(path: PathBuf, plan: &str) -> Result<Self, Failure> {
        let file = File::open(&path).map_err(|error| files::cannot("open", &path, &error))?;
        Self::index(path, file, plan)
    }

    /// Which part it holds.
    pub(crate) const fn part(&self) -> Part {
        self.part
    }

    /// Whether a cell is finished.
    pub(crate) fn has(&self, cell: u64) -> bool {
        self.inner().lines.contains_key(&cell)
    }

    /// Sees to it that it is on the disk.
    pub(crate) fn sync(&self) -> Result<(), Failure> {
        let synced = self.inner().file.sync_data();
        synced.map_err(|error| files::cannot("write", &self.path, &error))
    }

    /// Removes the file.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        files::remove(&self.path)
    }

    /// Finds all whole lines.
    fn index(path: PathBuf, file: File, plan: &str) -> Result<Self, Failure> {
        let mut inner = Inner {
            file,
            end: 0,
            lines: BTreeMap::new(),
        };
        let part = inner.find_lines(plan).map_err(|error| match error {
            NoJournal::Io(error) => files::cannot("read", &path, &error),
            NoJournal::Other(what) => Failure::Invalid(format!("`{}` {what}", path.display())),
        })?;
        Ok(Self {
            path,
            part,
            inner: Mutex::new(inner),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic of another thread ends the process anyway.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, verb: &str, error: &std::io::Error) -> StoreError {
        StoreError(format!("cannot {verb} `{}`: {error}", self.path.display()))
    }
}

/// Why a file is not the journal that is looked for.
enum NoJournal {
    Io(std::io::Error),
    Other(&'static str),
}

impl From<std::io::Error> for NoJournal {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Inner {
    fn find_lines(&mut self, plan: &str) -> Result<Part, NoJournal> {
        let mut text = BufReader::with_capacity(1 << 16, &self.file);
        let mut line = Vec::new();
        self.end = text.read_until(b'\n', &mut line)? as u64;
        let first = String::from_utf8_lossy(&line);
        let of_plan = first.strip_prefix(FORMAT).ok_or(NoJournal::Other(
            "holds no cells, or those of another version",
        ))?;
        let part = of_plan.strip_prefix(&format!(" plan {plan} part "));
        let part = part.ok_or(NoJournal::Other("holds the cells of another plan"))?;
        let part = part.trim_end().parse();
        let part = part.map_err(|_| NoJournal::Other("does not say which part it holds"))?;
        loop {
            line.clear();
            let length = text.read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                return Ok(part);
            }
            let start = self.end;
            self.end += length as u64;
            // A line that is not what was written is as good as none.
            if let Some((cell, _)) = std::str::from_utf8(&line).ok().and_then(verified) {
                let length = length as u32;
                self.lines.insert(cell, Line { start, length });
            }
        }
    }
}

impl CellStore for Journal {
    fn keep(&self, cell: u64, values: &[Option<f64>]) -> Result<(), StoreError> {
        let text = line(cell, values);
        let mut inner = self.inner();
        if let Err(error) = inner.file.write_all(text.as_bytes()) {
            // Should that fail as well, whoever opens the file cuts the rest off.
            let _ = inner.file.set_len(inner.end);
            return Err(self.error("write", &error));
        }
        let start = inner.end;
        inner.end += text.len() as u64;
        let length = text.len() as u32;
        inner.lines.insert(cell, Line { start, length });
        Ok(())
    }
}

impl KeptCells for Journal {
    fn values(&self, cell: u64) -> Result<Option<Vec<Option<f64>>>, StoreError> {
        let mut inner = self.inner();
        let Some(Line { start, length }) = inner.lines.get(&cell).copied() else {
            return Ok(None);
        };
        let mut text = vec![0; length as usize];
        let file = &mut inner.file;
        file.seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(&mut text))
            .map_err(|error| self.error("read", &error))?;
        let text = String::from_utf8_lossy(&text);
        match verified(text.trim_end_matches('\n')).and_then(|(_, values)| read_values(values)) {
            Some(values) => Ok(Some(values)),
            None => Err(StoreError(format!(
                "`{}` has changed while it was read",
                self.path.display()
            ))),
        }
    }
}

fn is_journal(name: &str) -> bool {
    let middle = name.strip_prefix("cells-");
    let middle = middle.and_then(|rest| rest.strip_suffix(".txt"));
    middle.is_some_and(|numbers| numbers.contains("-of-"))
}

fn header(plan: &str, part: Part) -> String {
    format!("{FORMAT} plan {plan} part {part}\n")
}

/// The number of the cell, its values, and the checksum of both.
fn line(cell: u64, values: &[Option<f64>]) -> String {
    let mut text = cell.to_string();
    for value in values {
        // Writing to a string cannot fail; a number is written such that the same one is read.
        let _ = match value {
            Some(value) => write!(text, " {value}"),
            None => write!(text, " {NO_VALUE}"),
        };
    }
    let check = &sha1(&text)[..CHECK];
    text + " " + check + "\n"
}

/// The cell of a line without its end, and its values as text; none unless the checksum is right.
fn verified(line: &str) -> Option<(u64, &str)> {
    let (text, check) = line.rsplit_once(' ')?;
    if sha1(text)[..CHECK] != *check {
        return None;
    }
    let (cell, values) = text.split_once(' ').unwrap_or((text, ""));
    Some((cell.parse().ok()?, values))
}

fn read_values(text: &str) -> Option<Vec<Option<f64>>> {
    let value = |word: &str| match word {
        NO_VALUE => Some(None),
        number => number.parse().ok().map(Some),
    };
    text.split_ascii_whitespace().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "2/3";

    fn journal(folder: &Path) -> Journal {
        Journal::open(folder, "abc", PART.parse().unwrap()).unwrap()
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join("cells-2-of-3.txt")
    }

    #[test]
    fn cells_come_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let values = [Some(0.1 + 0.2), None, Some(-0.0), Some(1e-300), Some(1e21)];
        journal(folder.path()).keep(7, &values).unwrap();
        let again = journal(folder.path());
        assert!(again.has(7) && !again.has(8));
        let bits = |values: &[Option<f64>]| {
            values
                .iter()
                .map(|v| v.map(f64::to_bits))
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&again.values(7).unwrap().unwrap()), bits(&values));
        assert_eq!(again.values(8).unwrap(), None);
    }

    #[test]
    fn a_torn_line_is_cut_off_and_a_changed_one_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let all = journal(folder.path());
        for cell in 0..4 {
            all.keep(cell, &[Some(cell as f64 + 0.5)]).unwrap();
        }
        drop(all);
        let whole = files::read(&path(folder.path())).unwrap();
        let changed = whole.replace("1 1.5 ", "1 1.6 ");
        for cut in 1..20 {
            files::write(&path(folder.path()), &changed[..changed.len() - cut]).unwrap();
            let found = journal(folder.path());
            let has: Vec<_> = (0..4).map(|cell| found.has(cell)).collect();
            assert_eq!(has, [true, false, true, false], "{cut} bytes are missing");
            found.keep(3, &[Some(3.5)]).unwrap();
            drop(found);
            assert_eq!(files::read(&path(folder.path())).unwrap(), changed);
        }
    }

    #[test]
    fn one_process_at_a_time_works_on_a_part() {
        let folder = tempfile::tempdir().unwrap();
        let first = journal(folder.path());
        let second = Journal::open(folder.path(), "abc", PART.parse().unwrap());
        assert!(second.unwrap_err().to_string().contains("another process"));
        drop(first);
        journal(folder.path());
    }

    #[test]
    fn the_cells_of_another_plan_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(journal(folder.path()));
        let read = |plan| Journal::read(path(folder.path()), plan);
        assert_eq!(read("abc").unwrap().part().to_string(), PART);
        let told = read("abd").unwrap_err().to_string();
        assert!(told.ends_with("holds the cells of another plan"), "{told}");
        files::write(&path(folder.path()), "point,policy\n").unwrap();
        assert!(
            read("abc")
                .unwrap_err()
                .to_string()
                .contains("holds no cells")
        );
    }
}

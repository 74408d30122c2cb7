//! What happened to tries, in the order of time however many there are: sorted piece by piece, and the pieces in a temporary
//! file, which nobody but this process sees and which is gone with it. Memory grows by a quarter of a byte a try.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::calibrate::{Change, What};

/// Changes in any order, to be read in that of time.
#[derive(Debug, Default)]
pub(super) struct SortedChanges {
    /// Not in the file yet.
    pending: Vec<Change>,
    file: Option<File>,
    /// Where each piece of the file ends, in changes.
    ends: Vec<u64>,
}

/// Changes of a piece, a mebibyte and a half in memory.
const PIECE: usize = 1 << 16;
/// Changes of a piece that are read at a time.
const READ: usize = 1 << 8;
/// What a change takes in the file.
const BYTES: usize = 16;

impl SortedChanges {
    pub(super) fn push(&mut self, change: Change) -> io::Result<()> {
        self.pending.push(change);
        if self.pending.len() < PIECE {
            return Ok(());
        }
        self.put_away().map_err(|error| told(&error))
    }

    /// Hands over all of them, in the order of time.
    pub(super) fn each(&mut self, see: &mut dyn FnMut(Change)) -> io::Result<()> {
        self.pending.sort_unstable();
        let Some(file) = &mut self.file else {
            self.pending.iter().copied().for_each(see);
            return Ok(());
        };
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let mut pieces: Vec<Piece> = begins.zip(&self.ends).map(Piece::new).collect();
        // What is pending is one more piece, which is never read on.
        pieces.push(Piece {
            next: self.pending.clone(),
            ..Piece::default()
        });
        pieces[self.ends.len()].next.reverse();
        let mut first = BinaryHeap::new();
        for (at, piece) in pieces.iter_mut().enumerate() {
            first.extend(
                piece
                    .take(file)
                    .map_err(|error| told(&error))?
                    .map(|change| Reverse((change, at))),
            );
        }
        while let Some(Reverse((change, at))) = first.pop() {
            see(change);
            let next = pieces[at].take(file).map_err(|error| told(&error))?;
            first.extend(next.map(|change| Reverse((change, at))));
        }
        Ok(())
    }

    fn put_away(&mut self) -> io::Result<()> {
        self.pending.sort_unstable();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let mut bytes = Vec::with_capacity(PIECE * BYTES);
        for change in self.pending.drain(..) {
            bytes.extend(change.at.to_le_bytes());
            bytes.extend(number(change.what).to_le_bytes());
        }
        file.write_all(&bytes)?;
        self.ends
            .push(self.ends.last().unwrap_or(&0) + PIECE as u64);
        Ok(())
    }
}

/// Where a temporary file fails, its folder matters.
fn told(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::new(
        error.kind(),
        format!("a temporary file in {}: {error}", folder.display()),
    )
}

/// A piece, as far as it was not handed over.
#[derive(Default)]
struct Piece {
    /// In the file, in changes.
    begin: u64,
    end: u64,
    /// What was read of it, the first last.
    next: Vec<Change>,
}

impl Piece {
    fn new((begin, end): (u64, &u64)) -> Self {
        Self {
            begin,
            end: *end,
            next: Vec::new(),
        }
    }

    fn take(&mut self, file: &mut File) -> io::Result<Option<Change>> {
        if self.next.is_empty() && self.begin < self.end {
            let count = (self.end - self.begin).min(READ as u64);
            let mut bytes = [0; READ * BYTES];
            let bytes = &mut bytes[..count as usize * BYTES];
            file.seek(SeekFrom::Start(self.begin * BYTES as u64))?;
            file.read_exact(bytes)?;
            self.next
                .extend(bytes.chunks_exact(BYTES).rev().map(change));
            self.begin += count;
        }
        Ok(self.next.pop())
    }
}

/// A delay is no less than nothing.
fn number(what: What) -> i64 {
    match what {
        What::Ended => -2,
        What::Queued => -1,
        What::Began { after } => after,
    }
}

fn change(bytes: &[u8]) -> Change {
    let number = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[at..at + 8]);
        i64::from_le_bytes(eight)
    };
    let what = match number(8) {
        -2 => What::Ended,
        -1 => What::Queued,
        after => What::Began { after },
    };
    Change {
        at: number(0),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_come_in_the_order_of_time() {
        for n in [0, 10, PIECE, 3 * PIECE + 7] {
            let mut changes = SortedChanges::default();
            let mut expected = Vec::new();
            for k in 0..n as i64 {
                let what = match k % 3 {
                    0 => What::Ended,
                    1 => What::Queued,
                    _ => What::Began { after: k % 7 },
                };
                let change = Change {
                    at: k * 48_271 % 65_537 - 1_000,
                    what,
                };
                changes.push(change).unwrap();
                expected.push(change);
            }
            expected.sort_unstable();
            for _ in 0..2 {
                let mut found = Vec::new();
                changes.each(&mut |change| found.push(change)).unwrap();
                assert!(found == expected, "{n}");
            }
            assert_eq!(changes.file.is_some(), n >= PIECE);
        }
    }
}

//! The runs of a table by 128 bits of the hash of their names: 24 bytes a run, however long names are and however many tries name
//! them.
//!
//! Two names with the same 128 bits would be taken for one run; among a thousand million runs there are such in one of 10^20
//! databases.

use sha1::{Digest, Sha1};

use crate::trace::RecordedRunName;

/// Places of runs count from 0 in the order in which runs are added.
#[derive(Debug, Default)]
pub(super) struct RunPlaces {
    runs: Vec<Run>,
    /// What was found last: tries of a run mostly stand together.
    last: Option<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    hash: [u64; 2],
    place: u32,
    is_imported: bool,
}

/// What is known of a run that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It is imported, and this is its place.
    Imported(usize),
    /// It is not imported, and neither is what names it.
    LeftOut,
    /// There is no such run.
    Nowhere,
}

impl RunPlaces {
    /// The place that the next run will have.
    pub(super) fn next(&self) -> usize {
        self.runs.len()
    }

    /// Adds a run, which cannot be found before [`Self::sort`].
    pub(super) fn add(&mut self, name: RecordedRunName<'_>, is_imported: bool) {
        self.runs.push(Run {
            hash: hash(name),
            place: self.runs.len() as u32,
            is_imported,
        });
    }

    /// To be called when all runs are there.
    pub(super) fn sort(&mut self) {
        self.runs.shrink_to_fit();
        self.runs.sort_unstable();
    }

    /// The run of this name; of several the one that was added last.
    pub(super) fn find(&mut self, name: RecordedRunName<'_>) -> Named {
        let hash = hash(name);
        if self.last.is_none_or(|last| last.hash != hash) {
            let after = self.runs.partition_point(|run| run.hash <= hash);
            let found = after.checked_sub(1).map(|at| self.runs[at]);
            self.last = found.filter(|run| run.hash == hash);
        }
        match self.last {
            Some(run) if run.is_imported => Named::Imported(run.place as usize),
            Some(_) => Named::LeftOut,
            None => Named::Nowhere,
        }
    }
}

/// A zero between the names, which no name holds, keeps them apart.
fn hash(name: RecordedRunName<'_>) -> [u64; 2] {
    let hash = Sha1::new()
        .chain_update(name.dag_id)
        .chain_update([0])
        .chain_update(name.run_id)
        .finalize();
    [0, 8].map(|at| {
        hash[at..at + 8]
            .iter()
            .fold(0, |all, &byte| all << 8 | u64::from(byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_by_dag_and_name() {
        let name = |dag_id, run_id| RecordedRunName { dag_id, run_id };
        let mut runs = RunPlaces::default();
        assert_eq!(runs.find(name("a", "1")), Named::Nowhere);
        for (dag, run, is_imported) in [
            ("b", "2", true),
            ("a", "1", true),
            ("b", "1", false),
            ("a", "", true),
            ("a", "1", true),
        ] {
            runs.add(name(dag, run), is_imported);
        }
        runs.sort();
        for _ in 0..2 {
            assert_eq!(runs.find(name("b", "2")), Named::Imported(0));
            assert_eq!(runs.find(name("b", "1")), Named::LeftOut);
            assert_eq!(runs.find(name("a", "")), Named::Imported(3));
            assert_eq!(runs.find(name("a", "1")), Named::Imported(4), "the last");
            assert_eq!(runs.find(name("a", "2")), Named::Nowhere);
            assert_eq!(runs.find(name("c", "1")), Named::Nowhere);
            assert_eq!(runs.find(name("a1", "")), Named::Nowhere);
        }
    }
}

//! The runs of a table by their names, packed: their text and some twenty-five bytes a run, however many tries name them.

use std::cmp::Ordering;

use indexmap::IndexSet;

use crate::trace::RecordedRunName;

/// Names of runs; places count from 0 in the order in which runs are added.
#[derive(Debug, Default)]
pub(super) struct RunNames {
    dags: IndexSet<String>,
    /// All names of runs, one after the other.
    text: String,
    runs: Vec<Packed>,
    /// Places in the order of names, for as many runs as there were when it was made.
    sorted: Vec<u32>,
    /// What was found last: tries of a run mostly stand together.
    last: usize,
}

#[derive(Clone, Copy, Debug)]
struct Packed {
    /// Where its name ends; it begins where that of the run before ends.
    end: usize,
    dag: u32,
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

impl RunNames {
    /// The place that the next run will have.
    pub(super) fn next(&self) -> usize {
        self.runs.len()
    }

    /// Adds a run, which cannot be found before [`Self::sort`].
    pub(super) fn add(&mut self, name: RecordedRunName<'_>, is_imported: bool) {
        // A name is copied when it is new, not at every run.
        let known = self.dags.get_index_of(name.dag_id);
        let dag = known.unwrap_or_else(|| self.dags.insert_full(name.dag_id.to_owned()).0);
        self.text.push_str(name.run_id);
        self.runs.push(Packed {
            end: self.text.len(),
            dag: dag as u32,
            is_imported,
        });
    }

    /// To be called when all runs are there.
    pub(super) fn sort(&mut self) {
        self.text.shrink_to_fit();
        self.runs.shrink_to_fit();
        let mut sorted: Vec<u32> = (0..self.runs.len() as u32).collect();
        sorted.sort_unstable_by(|&a, &b| {
            let ([a_key, b_key], places) = ([a, b].map(|at| self.key(at as usize)), a.cmp(&b));
            a_key.cmp(&b_key).then(places)
        });
        self.sorted = sorted;
    }

    /// The run of this name; of several the one that was added last.
    pub(super) fn find(&mut self, name: RecordedRunName<'_>) -> Named {
        if self.last >= self.runs.len() || self.name(self.last) != name {
            let Some(dag) = self.dags.get_index_of(name.dag_id) else {
                return Named::Nowhere;
            };
            let wanted = (dag as u32, name.run_id);
            let is_past = |at: &u32| self.key(*at as usize).cmp(&wanted) == Ordering::Greater;
            let after = self.sorted.partition_point(|at| !is_past(at));
            let Some(&found) = after.checked_sub(1).and_then(|at| self.sorted.get(at)) else {
                return Named::Nowhere;
            };
            if self.key(found as usize) != wanted {
                return Named::Nowhere;
            }
            self.last = found as usize;
        }
        if self.runs[self.last].is_imported {
            Named::Imported(self.last)
        } else {
            Named::LeftOut
        }
    }

    /// The name of the run at this place.
    pub(super) fn name(&self, at: usize) -> RecordedRunName<'_> {
        let (dag, run_id) = self.key(at);
        let dag_id = self.dags.get_index(dag as usize).map_or("", String::as_str);
        RecordedRunName { dag_id, run_id }
    }

    fn key(&self, at: usize) -> (u32, &str) {
        let begin = at.checked_sub(1).map_or(0, |before| self.runs[before].end);
        let run = self.runs[at];
        (run.dag, &self.text[begin..run.end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_by_dag_and_name() {
        let name = |dag_id, run_id| RecordedRunName { dag_id, run_id };
        let mut runs = RunNames::default();
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
        }
        assert_eq!(runs.name(2), name("b", "1"));
    }
}

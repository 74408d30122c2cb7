//! What was found and could not be used: counted, with the first few named. Nothing is dropped without a word.

use indexmap::IndexMap;

/// Examples that are kept of each kind.
const EXAMPLES: usize = 5;

/// Why a row, or a part of it, is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exclusion {
    /// A run without a name, a DAG or a moment at which it was due.
    RunWithoutName,
    /// A run in a state that Airflow does not know.
    RunState,
    /// A run that ended before it began: its times are not used.
    RunEndsBeforeStart,
    /// A run that began before it was queued: clocks disagree.
    RunStartsBeforeQueued,
    /// A try whose run is not there.
    TryWithoutRun,
    /// A try that lacks its DAG, its run, its task, its pool or its number.
    TryWithoutName,
    /// A try in a state that Airflow does not know.
    TryState,
    /// A try that ended before it began: its times are not used.
    TryEndsBeforeStart,
    /// A try that is over, was given to a worker, and lacks its start or its end: it has no duration.
    TryWithoutTimes,
    /// A try that began before it was queued: clocks disagree, so its start delay is not used.
    StartBeforeQueued,
    /// A try that was queued before it was scheduled: clocks of schedulers disagree.
    QueuedBeforeScheduled,
    /// A moment that is none.
    Moment,
    /// A failure whose task instance is not there.
    FailureWithoutTask,
    /// A poke of a sensor whose try is not there.
    PokeWithoutTry,
    /// A poke that lacks one of its moments.
    PokeWithoutTimes,
    /// A poke in vain that was over after its try: clocks of workers disagree.
    PokeAfterTry,
    /// A serialized DAG that cannot be read.
    SerializedDag,
    /// A DAG that has runs, and is not described any more.
    DagUnknown,
    /// A task that has tries, and is not in its DAG any more.
    TaskUnknown,
}

impl Exclusion {
    /// What is told of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RunWithoutName => {
                "runs without a name, a DAG or a moment at which they were due: not used"
            }
            Self::RunState => "runs in an unknown state: not used",
            Self::RunEndsBeforeStart => {
                "runs that ended before they began: their times are not used"
            }
            Self::RunStartsBeforeQueued => {
                "runs that began before they were queued, as clocks disagree: their times are as recorded"
            }
            Self::TryWithoutRun => "tries whose run is not there: not used",
            Self::TryWithoutName => {
                "tries that lack their DAG, their run, their task, their pool or their number: not used"
            }
            Self::TryState => "tries in an unknown state: not used",
            Self::TryEndsBeforeStart => {
                "tries that ended before they began: their times are not used"
            }
            Self::TryWithoutTimes => {
                "tries that are over and lack their start or their end: they have no duration"
            }
            Self::StartBeforeQueued => {
                "tries that began before they were queued: their start delay is not used"
            }
            Self::QueuedBeforeScheduled => {
                "tries that were queued before they were scheduled, as clocks disagree: their times are as recorded"
            }
            Self::Moment => "moments that cannot be read: not used",
            Self::FailureWithoutTask => "failures whose task instance is not there: not used",
            Self::PokeWithoutTry => "pokes of sensors whose try is not there: not used",
            Self::PokeAfterTry => {
                "pokes in vain that were over after their try, as clocks disagree: their times are as recorded"
            }
            Self::PokeWithoutTimes => "pokes of sensors that lack a moment: not used",
            Self::SerializedDag => "serialized DAGs that cannot be read: not used",
            Self::DagUnknown => {
                "DAGs that have runs and no description any more: not in the scenario"
            }
            Self::TaskUnknown => {
                "tasks that have tries and are not in their DAG any more: not in the scenario"
            }
        }
    }
}

/// All that was excluded.
#[derive(Clone, Debug, Default)]
pub struct Exclusions {
    found: IndexMap<Exclusion, Excluded>,
}

/// How often something was excluded, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excluded {
    /// How often.
    pub count: u64,
    /// The first few, as a person would look for them.
    pub examples: Vec<String>,
}

impl Exclusions {
    /// Counts one more; `example` is only asked for when it is kept.
    pub fn add(&mut self, exclusion: Exclusion, example: impl FnOnce() -> String) {
        let found = self.found.entry(exclusion).or_default();
        found.count += 1;
        if found.examples.len() < EXAMPLES {
            found.examples.push(example());
        }
    }

    /// Forgets the examples, which name things.
    pub(super) fn forget_examples(&mut self) {
        for found in self.found.values_mut() {
            found.examples.clear();
        }
    }

    /// How often something was excluded.
    pub fn count(&self, exclusion: Exclusion) -> u64 {
        self.found.get(&exclusion).map_or(0, |found| found.count)
    }

    /// All that was excluded, in the order in which it was first met.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Exclusion, &Excluded)> {
        self.found
            .iter()
            .map(|(&exclusion, found)| (exclusion, found))
    }
}

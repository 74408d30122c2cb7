//! Pokes of sensors that found nothing, until the tries are met that poked: 64 bytes a poke, and some hundred a try.

use indexmap::IndexSet;

use crate::deployment::TaskInstanceState;
use crate::import::airflow::source::{Field, SourceError};
use crate::time::SimTime;
use crate::trace::{RecordedPoke, RecordedRunName, RecordedTry};

/// How a poke names its try: by its id in Airflow 3, by run, task, map index and number in Airflow 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TryKey(u64, u64);

impl TryKey {
    /// From an id: 32 hexadecimal digits, with dashes on some databases.
    pub(super) fn of_id(field: Field<'_>) -> Result<Self, SourceError> {
        let digits = field.text().map(|text| text.replace('-', ""));
        let id = digits.and_then(|digits| u128::from_str_radix(&digits, 16).ok());
        id.map(|id| Self((id >> 64) as u64, id as u64))
            .ok_or_else(|| SourceError("a task instance has an id that is no UUID".into()))
    }
}

/// A try that poked.
#[derive(Clone, Debug)]
pub(in crate::import::airflow) struct PokedTry {
    /// The place of its run.
    pub(in crate::import::airflow) run: usize,
    /// The DAG, and the name of the run; [`Pokes::run_name`] has both.
    dag: u32,
    run_id: Box<str>,
    /// Its task; [`Pokes::task`] knows the name.
    pub(super) task: u32,
    /// -1 if the task is not mapped.
    pub(in crate::import::airflow) map_index: i32,
    /// Counts from 1.
    pub(in crate::import::airflow) try_number: u32,
    /// When it was over, and whether it found what it waited for; none if it goes on.
    pub(in crate::import::airflow) end: Option<(SimTime, bool)>,
}

/// The pokes.
#[derive(Debug, Default)]
pub(super) struct Pokes {
    dags: IndexSet<String>,
    tasks: IndexSet<String>,
    waiting: Vec<Waiting>,
    tries: Vec<PokedTry>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    of: TryKey,
    poke: RecordedPoke,
    by: Claim,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Its try was not met.
    Nobody,
    /// Its try is not imported, so nobody misses it.
    LeftOut,
    /// By a try, by its place among those that poked.
    By(u32),
}

impl Pokes {
    /// The key of a try of Airflow 2.
    pub(super) fn key(
        &mut self,
        run: usize,
        task: &str,
        map_index: i32,
        try_number: u32,
    ) -> TryKey {
        named(run, number(&mut self.tasks, task), map_index, try_number)
    }

    /// The key of a try of Airflow 2, of whose task there may be no poke.
    pub(super) fn known_key(&self, run: usize, attempt: &RecordedTry) -> Option<TryKey> {
        let task = self.tasks.get_index_of(attempt.task_id.as_str())?;
        Some(named(
            run,
            task as u32,
            attempt.map_index,
            attempt.try_number,
        ))
    }

    /// Adds a poke, which nobody can claim before [`Self::sort`].
    pub(super) fn add(&mut self, of: TryKey, poke: RecordedPoke) {
        let by = Claim::Nobody;
        self.waiting.push(Waiting { of, poke, by });
    }

    /// To be called when all pokes are there. Those of a try come in the order in which they were over.
    pub(super) fn sort(&mut self) {
        // Sorting that keeps the order of equals would take half as much memory again.
        let key = |one: &Waiting| (one.of, one.poke.ended_at, one.poke.next_at);
        self.waiting.sort_unstable_by_key(key);
    }

    /// Gives a try its pokes, and tells how many of them were over after it was.
    pub(super) fn claim(
        &mut self,
        key: TryKey,
        run: RecordedRunName<'_>,
        attempt: &RecordedTry,
    ) -> usize {
        let range = self.range(key);
        if range.is_empty() {
            return 0;
        }
        let by = Claim::By(self.tries.len() as u32);
        let is_over = attempt.state.is_finished() || attempt.is_earlier;
        let succeeded = attempt.state == TaskInstanceState::Success;
        let ended = attempt.ended_at.filter(|_| is_over);
        let task = number(&mut self.tasks, &attempt.task_id);
        self.tries.push(PokedTry {
            run: attempt.run,
            dag: number(&mut self.dags, run.dag_id),
            run_id: run.run_id.into(),
            task,
            map_index: attempt.map_index,
            try_number: attempt.try_number,
            end: ended.map(|end| (end, succeeded)),
        });
        let mut late = 0;
        for waiting in &mut self.waiting[range] {
            waiting.by = by;
            late += usize::from(ended.is_some_and(|end| waiting.poke.ended_at > end));
        }
        late
    }

    /// Leaves out the pokes of a try that is not imported.
    pub(super) fn leave_out(&mut self, key: TryKey) {
        let range = self.range(key);
        for waiting in &mut self.waiting[range] {
            waiting.by = Claim::LeftOut;
        }
    }

    /// When those were over whose try was not met.
    pub(super) fn lost(&self) -> impl Iterator<Item = SimTime> {
        let lost = self.waiting.iter().filter(|one| one.by == Claim::Nobody);
        lost.map(|one| one.poke.ended_at)
    }

    /// Puts them in the order in which they were over.
    pub(super) fn order(&mut self) {
        let key = |one: &Waiting| (one.poke.ended_at, one.by, one.poke.next_at);
        self.waiting.sort_unstable_by_key(key);
    }

    /// The claimed ones with their tries.
    pub(super) fn claimed(&self) -> impl Iterator<Item = (&PokedTry, RecordedPoke)> {
        self.waiting.iter().filter_map(|one| match one.by {
            Claim::By(at) => Some((&self.tries[at as usize], one.poke)),
            Claim::Nobody | Claim::LeftOut => None,
        })
    }

    /// The name of a task.
    pub(super) fn task(&self, number: u32) -> &str {
        let name = self.tasks.get_index(number as usize);
        name.map_or("", String::as_str)
    }

    /// The name of the run of a try.
    pub(super) fn run_name<'p>(&'p self, attempt: &'p PokedTry) -> RecordedRunName<'p> {
        let dag_id = self.dags.get_index(attempt.dag as usize);
        RecordedRunName {
            dag_id: dag_id.map_or("", String::as_str),
            run_id: &attempt.run_id,
        }
    }

    fn range(&self, key: TryKey) -> std::ops::Range<usize> {
        let begin = self.waiting.partition_point(|waiting| waiting.of < key);
        let of_key = self.waiting[begin..].iter();
        let count = of_key.take_while(|waiting| waiting.of == key).count();
        begin..begin + count
    }
}

/// The number of a name, which is copied when it is new.
fn number(names: &mut IndexSet<String>, name: &str) -> u32 {
    let known = names.get_index_of(name);
    known.unwrap_or_else(|| names.insert_full(name.to_owned()).0) as u32
}

fn named(run: usize, task: u32, map_index: i32, try_number: u32) -> TryKey {
    let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
    TryKey(pair(run as u32, task), pair(map_index as u32, try_number))
}

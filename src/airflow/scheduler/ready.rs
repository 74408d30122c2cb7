//! The ready queues: all scheduled instances, in the order in which the critical section wants them.
//!
//! Three levels keep a loop's cost with what it takes and not with what waits. A *group* is the waiting instances of
//! one task in one run, chained by map index; a *task queue* holds the groups of one task by date; the *heads* of a
//! pool are a heap of the first keys of its task queues. A starved pool, DAG or task is thus passed over in one step,
//! however many of its instances wait, and so is a run at its `max_active_tasks` within a task.
//!
//! Looking at what waits changes nothing: a [`Cursor`] is followed by the next of its task, and that of a head by the
//! heads behind it.

use crate::airflow::instances::instance::{Instances, TaskInstance};
use crate::airflow::scheduler::heads::{Head, Heads, Places};
use crate::ids::{InstanceId, PoolId, RunId, TaskId};
use std::cmp::Reverse;
use std::collections::VecDeque;

/// All scheduled instances.
#[derive(Debug)]
pub(crate) struct ReadyQueues {
    tasks: Vec<TaskQueue>,
    /// By pool.
    heads: Vec<Heads>,
    places: Places,
    waiting: usize,
}

/// What the page is sorted by, smallest first: the order of docs/background/scheduler.md, 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SortKey {
    /// Heaviest first.
    weight: Reverse<i64>,
    date: i64,
    map_index: i32,
    /// Ties: `dag_id`, then `run_id`, then row creation order.
    dag: u32,
    run: u64,
    row: u32,
}

/// Where an instance stands among those of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The logical date in microseconds, or in `ideal` mode the moment of becoming ready.
    pub(crate) date: i64,
    pub(crate) map_index: i32,
    /// Order among runs of equal date.
    pub(crate) run: u64,
}

/// What the keys of a task's instances have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskOrder {
    pub(crate) pool: PoolId,
    pub(crate) weight: i64,
    pub(crate) dag_rank: u32,
}

/// An instance in the order of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor {
    pub(crate) key: SortKey,
    pub(crate) task: TaskId,
    pub(crate) instance: InstanceId,
    pub(crate) run: RunId,
    group: u32,
    /// Its place among the heads of its pool, if it is the first of its task.
    head: u32,
}

/// The place of a cursor that is not the first of its task.
const NO_HEAD: u32 = u32::MAX;

impl Cursor {
    /// Moved on within its group, which is one instance for most tasks.
    #[cold]
    fn moved_to(&self, instances: &Instances, next: InstanceId) -> Self {
        let TaskInstance { row, map_index, .. } = instances.rows[next.index()];
        let key = SortKey {
            map_index,
            row,
            ..self.key
        };
        Self {
            key,
            instance: next,
            head: NO_HEAD,
            ..*self
        }
    }
}

#[derive(Debug)]
struct TaskQueue {
    order: TaskOrder,
    groups: VecDeque<Group>,
    /// Whether it is kept from the heads of its pool.
    aside: bool,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    /// The place of its first instance.
    place: Place,
    /// The row of its first instance within the run.
    row: u32,
    run: RunId,
    first: InstanceId,
    last: InstanceId,
}

impl Place {
    /// The date of a run without one: before all others, as on `SQLite`.
    pub(crate) const NO_DATE: i64 = i64::MIN;

    /// Instances of one dated run stand together; without a date the map index comes before the run.
    fn joins(&self, group: &Self) -> bool {
        self.date == group.date && self.run == group.run && self.date != Self::NO_DATE
    }
}

impl ReadyQueues {
    pub(crate) fn new(orders: impl Iterator<Item = TaskOrder>, pools: usize) -> Self {
        let empty = |order| TaskQueue {
            order,
            groups: VecDeque::new(),
            aside: false,
        };
        let tasks: Vec<_> = orders.map(empty).collect();
        Self {
            places: Places::new(tasks.len()),
            tasks,
            heads: vec![Heads::default(); pools],
            waiting: 0,
        }
    }

    /// How many instances wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting
    }

    /// The pools for which some instance waits.
    pub(crate) fn pools(&self) -> impl Iterator<Item = PoolId> + '_ {
        let waiting = self.heads.iter().enumerate();
        let waiting = waiting.filter(|(_, heads)| !heads.is_empty());
        waiting.map(|(pool, _)| PoolId::new(pool))
    }

    /// Puts an instance in.
    #[inline]
    pub(crate) fn insert(&mut self, instances: &mut Instances, id: InstanceId, place: Place) {
        debug_assert!(instances.present_try(id).next_waiting.is_none());
        let TaskInstance { run, task, row, .. } = instances.rows[id.index()];
        self.waiting += 1;
        let single = Group {
            place,
            row,
            run,
            first: id,
            last: id,
        };
        if self.tasks[task.index()].insert(instances, single) {
            self.update_head(task);
        }
    }

    /// Takes an instance out, which stands at `place`.
    #[inline]
    pub(crate) fn remove(&mut self, instances: &mut Instances, id: InstanceId, place: Place) {
        let task = instances.rows[id.index()].task;
        self.waiting -= 1;
        if self.tasks[task.index()].remove(instances, id, place) {
            self.update_head(task);
        }
    }

    /// The first instance of a pool.
    #[inline]
    pub(crate) fn first(&self, pool: PoolId) -> Option<Cursor> {
        self.head(pool, 0)
    }

    /// If `at` is the first of its task, the first of the two tasks whose heads stand behind it.
    #[inline]
    pub(crate) fn heads_behind(&self, at: &Cursor) -> impl Iterator<Item = Cursor> + '_ {
        let pool = self.tasks[at.task.index()].order.pool;
        let places = (at.head != NO_HEAD).then(|| Heads::behind(at.head as usize));
        let places = places.into_iter().flatten();
        places.filter_map(move |place| self.head(pool, place))
    }

    /// Sets a task aside, until it is put back: another one comes first in its pool.
    #[inline]
    pub(crate) fn set_aside(&mut self, task: TaskId) {
        let queue = &mut self.tasks[task.index()];
        queue.aside = true;
        self.heads[queue.order.pool.index()].take(task, &mut self.places);
    }

    /// Puts a task that was set aside back, under its present first key.
    #[inline]
    pub(crate) fn put_back(&mut self, task: TaskId) {
        self.tasks[task.index()].aside = false;
        self.update_head(task);
    }

    /// The instance after `at` in the order of its task.
    #[inline]
    pub(crate) fn after(&self, instances: &Instances, at: &Cursor) -> Option<Cursor> {
        match instances.present_try(at.instance).next_waiting {
            Some(next) => Some(at.moved_to(instances, next)),
            None => self.after_group(at),
        }
    }

    /// The first instance of the task in the next group after that of `at`.
    #[inline]
    pub(crate) fn after_group(&self, at: &Cursor) -> Option<Cursor> {
        let queue = &self.tasks[at.task.index()];
        let group = queue.groups.get(at.group as usize + 1)?;
        Some(Cursor {
            key: queue.key(group),
            task: at.task,
            instance: group.first,
            run: group.run,
            group: at.group + 1,
            head: NO_HEAD,
        })
    }

    #[inline]
    fn head(&self, pool: PoolId, place: usize) -> Option<Cursor> {
        let &Head { key, task } = self.heads[pool.index()].at(place)?;
        let group = self.tasks[task.index()].groups.front()?;
        Some(Cursor {
            key,
            task,
            instance: group.first,
            run: group.run,
            group: 0,
            head: place as u32,
        })
    }

    /// The first key of a task has changed.
    #[inline]
    fn update_head(&mut self, task: TaskId) {
        let queue = &self.tasks[task.index()];
        if queue.aside {
            return;
        }
        let heads = &mut self.heads[queue.order.pool.index()];
        if let Some(first) = queue.groups.front() {
            let key = queue.key(first);
            heads.put(Head { key, task }, &mut self.places);
        } else {
            heads.take(task, &mut self.places);
        }
    }
}

impl TaskQueue {
    fn key(&self, group: &Group) -> SortKey {
        SortKey {
            weight: Reverse(self.order.weight),
            date: group.place.date,
            map_index: group.place.map_index,
            dag: self.order.dag_rank,
            run: group.place.run,
            row: group.row,
        }
    }

    /// Puts a single instance in; says whether it is the first now. Instances mostly come in the order of the queue, so
    /// the search starts at its end.
    fn insert(&mut self, instances: &mut Instances, single: Group) -> bool {
        let mut at = self.groups.len();
        while at > 0 {
            let before = &mut self.groups[at - 1];
            if single.place.joins(&before.place) {
                return before.chain(instances, single) && at == 1;
            }
            if before.place <= single.place {
                break;
            }
            at -= 1;
        }
        self.groups.insert(at, single);
        at == 0
    }

    /// Takes an instance out; says whether it was the first. It mostly is.
    fn remove(&mut self, instances: &mut Instances, id: InstanceId, place: Place) -> bool {
        let is_first = self.groups.front().is_some_and(|group| group.first == id);
        let at = if is_first {
            0
        } else {
            self.groups.partition_point(|group| group.place <= place) - 1
        };
        if self.groups[at].remove(instances, id) {
            self.groups.remove(at);
        }
        is_first
    }
}

impl Group {
    /// Chains a single instance in, by map index; says whether it is the first now.
    fn chain(&mut self, instances: &mut Instances, single: Self) -> bool {
        let index_of = |id: InstanceId| instances.rows[id.index()].map_index;
        let id = single.first;
        if single.place.map_index < self.place.map_index {
            instances.try_mut(id).next_waiting = Some(self.first);
            *self = Self {
                last: self.last,
                ..single
            };
            return true;
        }
        if single.place.map_index > index_of(self.last) {
            instances.try_mut(self.last).next_waiting = Some(id);
            self.last = id;
        } else {
            let mut before = self.first;
            while let Some(next) = instances
                .present_try(before)
                .next_waiting
                .filter(|&next| index_of(next) < single.place.map_index)
            {
                before = next;
            }
            let next = instances.try_mut(before).next_waiting.replace(id);
            instances.try_mut(id).next_waiting = next;
        }
        false
    }

    /// Takes an instance out of the chain; true if the group is empty now.
    fn remove(&mut self, instances: &mut Instances, id: InstanceId) -> bool {
        if self.first == self.last {
            return true;
        }
        let next = instances.try_mut(id).next_waiting.take();
        if self.first == id {
            let Some(next) = next else { return true };
            self.row = instances.rows[next.index()].row;
            self.place.map_index = instances.rows[next.index()].map_index;
            self.first = next;
            return false;
        }
        let mut before = self.first;
        while let Some(following) = instances
            .present_try(before)
            .next_waiting
            .filter(|&following| following != id)
        {
            before = following;
        }
        instances.try_mut(before).next_waiting = next;
        if self.last == id {
            self.last = before;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BinaryHeap;

    const MAPPED: u32 = 4;
    const TASKS: usize = 5;

    /// All that waits in a pool, by walking the queue as the critical section does.
    fn walk(ready: &ReadyQueues, instances: &Instances) -> Vec<InstanceId> {
        let first = ready.first(PoolId::new(0));
        let mut frontier: BinaryHeap<_> = first.into_iter().map(Reverse).collect();
        let mut seen = Vec::new();
        while let Some(Reverse(cursor)) = frontier.pop() {
            seen.push(cursor.instance);
            let heads = ready.heads_behind(&cursor);
            let following = ready.after(instances, &cursor).into_iter();
            frontier.extend(heads.chain(following).map(Reverse));
        }
        seen
    }

    /// The first of each task, by setting one after the other aside as `ideal` mode does.
    fn firsts(ready: &mut ReadyQueues) -> Vec<InstanceId> {
        let mut firsts = Vec::new();
        let mut aside = Vec::new();
        while let Some(first) = ready.first(PoolId::new(0)) {
            firsts.push(first.instance);
            ready.set_aside(first.task);
            aside.push(first.task);
        }
        for task in aside {
            ready.put_back(task);
        }
        firsts
    }

    proptest! {
        /// Against the plain version: sort everything that waits by the whole key.
        #[test]
        fn walks_in_the_order_of_a_plain_sort(
            operations in prop::collection::vec((0usize..TASKS, 0usize..5, 0u32..MAPPED, any::<bool>()), 0..120)
        ) {
            // Five tasks of weights 1 to 3, five runs of which the first two have no date.
            let weights = [1, 1, 2, 3, 2];
            let orders = weights.iter().map(|&weight| TaskOrder { pool: PoolId::new(0), weight, dag_rank: 0 });
            let mut ready = ReadyQueues::new(orders, 1);
            let row_of = |run: usize, task: usize, index: u32| (run * TASKS + task) * MAPPED as usize + index as usize;
            let rows = (0..5 * TASKS * MAPPED as usize)
                .map(|row| {
                    let (run, task) = (row / (TASKS * MAPPED as usize), row / MAPPED as usize % TASKS);
                    TaskInstance::new(RunId::new(run), TaskId::new(task), row as i32 % MAPPED as i32, row as u32 % (TASKS as u32 * MAPPED))
                });
            let mut instances = Instances::default();
            instances.rows.extend(rows);
            let date = |run: usize| if run < 2 { Place::NO_DATE } else { 10 - run as i64 };
            let mut waiting = std::collections::BTreeSet::new();
            for (task, run, index, insert) in operations {
                let row = row_of(run, task, index);
                let place = Place { date: date(run), map_index: index as i32, run: run as u64 };
                let key = (Reverse(weights[task]), place.date, place.map_index, run, row);
                if insert && waiting.insert(key) {
                    ready.insert(&mut instances, InstanceId::new(row), place);
                } else if !insert && waiting.remove(&key) {
                    ready.remove(&mut instances, InstanceId::new(row), place);
                }
                let expected: Vec<_> = waiting.iter().map(|key| InstanceId::new(key.4)).collect();
                let mut tasks = std::collections::BTreeSet::new();
                let mut first = expected.clone();
                first.retain(|id| tasks.insert(instances.rows[id.index()].task));
                prop_assert_eq!(firsts(&mut ready), first);
                prop_assert_eq!(walk(&ready, &instances), expected);
                prop_assert_eq!(ready.len(), waiting.len());
            }
        }
    }
}

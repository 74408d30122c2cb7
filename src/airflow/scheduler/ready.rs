//! The ready queues: all scheduled instances, in the order in which the critical section wants them.
//!
//! Three levels keep a loop's cost with what it takes and not with what waits. A *group* is the waiting instances of
//! one task in one run, chained by map index; a *task queue* holds the groups of one task by date; a *pool queue* is
//! a heap of the first keys of its task queues. A starved pool, DAG or task is thus passed over in one step, however
//! many of its instances wait, and so is a run at its `max_active_tasks` within a task.
//!
//! A heap cannot forget a head in its middle, so each task queue remembers its valid head, and a head in the heap
//! that is not the valid one of its task is dropped when it comes up.

use crate::airflow::instances::instance::TaskInstance;
use crate::ids::{InstanceId, PoolId, RunId, TaskId};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// All scheduled instances.
#[derive(Debug)]
pub(crate) struct ReadyQueues {
    tasks: Vec<TaskQueue>,
    pools: Vec<BinaryHeap<Head>>,
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
    group: usize,
}

type Head = Reverse<(SortKey, TaskId)>;

#[derive(Debug)]
struct TaskQueue {
    order: TaskOrder,
    groups: VecDeque<Group>,
    /// The head that stands for this queue in the heap of its pool; none when empty or set aside.
    head: Option<SortKey>,
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
            head: None,
            aside: false,
        };
        Self {
            tasks: orders.map(empty).collect(),
            pools: vec![BinaryHeap::new(); pools],
            waiting: 0,
        }
    }

    /// How many instances wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting
    }

    /// How many pools have a queue.
    pub(crate) fn pools(&self) -> usize {
        self.pools.len()
    }

    /// Puts an instance in.
    #[inline]
    pub(crate) fn insert(&mut self, rows: &mut [TaskInstance], id: InstanceId, place: Place) {
        let TaskInstance { run, task, row, .. } = rows[id.index()];
        rows[id.index()].next_waiting = None;
        self.waiting += 1;
        let queue = &mut self.tasks[task.index()];
        queue.insert(
            rows,
            Group {
                place,
                row,
                run,
                first: id,
                last: id,
            },
        );
        if !queue.aside && queue.front_key() != queue.head {
            self.push_head(task);
        }
    }

    /// Takes an instance out, which stands at `place`.
    #[inline]
    pub(crate) fn remove(&mut self, rows: &mut [TaskInstance], id: InstanceId, place: Place) {
        let task = rows[id.index()].task;
        let queue = &mut self.tasks[task.index()];
        let at = queue.groups.partition_point(|group| group.place <= place) - 1;
        self.waiting -= 1;
        if queue.groups[at].remove(rows, id) {
            queue.groups.remove(at);
        }
        if !queue.aside && queue.front_key() != queue.head {
            self.push_head(task);
        }
    }

    /// The first key of a pool.
    #[inline]
    pub(crate) fn first(&mut self, pool: PoolId) -> Option<SortKey> {
        let heap = &mut self.pools[pool.index()];
        while let Some(&Reverse((key, task))) = heap.peek() {
            if self.tasks[task.index()].head == Some(key) {
                return Some(key);
            }
            heap.pop();
        }
        None
    }

    /// Sets the task with the first key of a pool aside, until it is put back.
    #[inline]
    pub(crate) fn set_aside(&mut self, pool: PoolId) -> Option<TaskId> {
        self.first(pool)?;
        let heap = &mut self.pools[pool.index()];
        let first = heap.pop()?;
        // A key can have become valid a second time; its twins are neighbours.
        while heap.peek() == Some(&first) {
            heap.pop();
        }
        let Reverse((_, task)) = first;
        self.tasks[task.index()].head = None;
        self.tasks[task.index()].aside = true;
        Some(task)
    }

    /// Puts a task that was set aside back, under its present first key.
    #[inline]
    pub(crate) fn put_back(&mut self, task: TaskId) {
        self.tasks[task.index()].aside = false;
        self.push_head(task);
    }

    /// The first instance of a task.
    #[inline]
    pub(crate) fn front(&self, task: TaskId) -> Option<Cursor> {
        self.cursor(task, 0)
    }

    /// The instance after `at` in the order of its task.
    #[inline]
    pub(crate) fn after(&self, rows: &[TaskInstance], at: &Cursor) -> Option<Cursor> {
        let Some(next) = rows[at.instance.index()].next_waiting else {
            return self.after_group(at);
        };
        let mut cursor = *at;
        cursor.instance = next;
        cursor.key.row = rows[next.index()].row;
        cursor.key.map_index = rows[next.index()].map_index;
        Some(cursor)
    }

    /// The first instance of the task in the next group after that of `at`.
    #[inline]
    pub(crate) fn after_group(&self, at: &Cursor) -> Option<Cursor> {
        self.cursor(at.task, at.group + 1)
    }

    fn cursor(&self, task: TaskId, group: usize) -> Option<Cursor> {
        let queue = &self.tasks[task.index()];
        let at = queue.groups.get(group)?;
        Some(Cursor {
            key: queue.key(at),
            task,
            instance: at.first,
            run: at.run,
            group,
        })
    }

    fn push_head(&mut self, task: TaskId) {
        let queue = &mut self.tasks[task.index()];
        queue.head = queue.front_key();
        if let Some(key) = queue.head {
            self.pools[queue.order.pool.index()].push(Reverse((key, task)));
        }
    }
}

impl TaskQueue {
    fn front_key(&self) -> Option<SortKey> {
        self.groups.front().map(|group| self.key(group))
    }

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

    /// Instances mostly come in the order of the queue, so the search starts at its end.
    fn insert(&mut self, rows: &mut [TaskInstance], single: Group) {
        let mut at = self.groups.len();
        while at > 0 {
            let before = &mut self.groups[at - 1];
            if single.place.joins(&before.place) {
                before.chain(rows, single);
                return;
            }
            if before.place <= single.place {
                break;
            }
            at -= 1;
        }
        self.groups.insert(at, single);
    }
}

impl Group {
    /// Chains a single instance in, by map index.
    fn chain(&mut self, rows: &mut [TaskInstance], single: Self) {
        let index_of = |id: InstanceId| rows[id.index()].map_index;
        let id = single.first;
        if single.place.map_index < self.place.map_index {
            rows[id.index()].next_waiting = Some(self.first);
            *self = Self {
                last: self.last,
                ..single
            };
        } else if single.place.map_index > index_of(self.last) {
            rows[self.last.index()].next_waiting = Some(id);
            self.last = id;
        } else {
            let mut before = self.first;
            while let Some(next) = rows[before.index()]
                .next_waiting
                .filter(|&next| index_of(next) < single.place.map_index)
            {
                before = next;
            }
            rows[id.index()].next_waiting = rows[before.index()].next_waiting.replace(id);
        }
    }

    /// Takes an instance out of the chain; true if the group is empty now.
    fn remove(&mut self, rows: &mut [TaskInstance], id: InstanceId) -> bool {
        let next = rows[id.index()].next_waiting.take();
        if self.first == id {
            let Some(next) = next else { return true };
            self.row = rows[next.index()].row;
            self.place.map_index = rows[next.index()].map_index;
            self.first = next;
            return false;
        }
        let mut before = self.first;
        while let Some(following) = rows[before.index()]
            .next_waiting
            .filter(|&following| following != id)
        {
            before = following;
        }
        rows[before.index()].next_waiting = next;
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

    const MAPPED: u32 = 4;

    /// All that waits in a pool, by walking the queue as the critical section does.
    fn walk(ready: &mut ReadyQueues, rows: &[TaskInstance]) -> Vec<InstanceId> {
        let mut tasks = Vec::new();
        while let Some(task) = ready.set_aside(PoolId::new(0)) {
            tasks.push(task);
        }
        let mut frontier: BinaryHeap<_> = tasks
            .iter()
            .filter_map(|&task| ready.front(task))
            .map(Reverse)
            .collect();
        let mut seen = Vec::new();
        while let Some(Reverse(cursor)) = frontier.pop() {
            seen.push(cursor.instance);
            frontier.extend(ready.after(rows, &cursor).map(Reverse));
        }
        for task in tasks {
            ready.put_back(task);
        }
        seen
    }

    proptest! {
        /// Against the plain version: sort everything that waits by the whole key.
        #[test]
        fn walks_in_the_order_of_a_plain_sort(
            operations in prop::collection::vec((0usize..3, 0usize..5, 0u32..MAPPED, any::<bool>()), 0..80)
        ) {
            // Three tasks of weights 1, 1, 2, five runs of which the first two have no date.
            let weights = [1, 1, 2];
            let orders = weights.iter().map(|&weight| TaskOrder { pool: PoolId::new(0), weight, dag_rank: 0 });
            let mut ready = ReadyQueues::new(orders, 1);
            let row_of = |run: usize, task: usize, index: u32| (run * 3 + task) * MAPPED as usize + index as usize;
            let mut rows: Vec<_> = (0..5 * 3 * MAPPED as usize)
                .map(|row| {
                    let (run, task) = (row / (3 * MAPPED as usize), row / MAPPED as usize % 3);
                    TaskInstance::new(RunId::new(run), TaskId::new(task), row as i32 % MAPPED as i32, row as u32 % (3 * MAPPED))
                })
                .collect();
            let date = |run: usize| if run < 2 { Place::NO_DATE } else { 10 - run as i64 };
            let mut waiting = std::collections::BTreeSet::new();
            for (task, run, index, insert) in operations {
                let row = row_of(run, task, index);
                let place = Place { date: date(run), map_index: index as i32, run: run as u64 };
                let key = (Reverse(weights[task]), place.date, place.map_index, run, row);
                if insert && waiting.insert(key) {
                    ready.insert(&mut rows, InstanceId::new(row), place);
                } else if !insert && waiting.remove(&key) {
                    ready.remove(&mut rows, InstanceId::new(row), place);
                }
                let expected: Vec<_> = waiting.iter().map(|key| InstanceId::new(key.4)).collect();
                prop_assert_eq!(walk(&mut ready, &rows), expected);
                prop_assert_eq!(ready.len(), waiting.len());
            }
        }
    }
}

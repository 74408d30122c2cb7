//! The first keys of the tasks that wait for a pool: a heap that knows where each task stands, so that a key which changes
//! moves and nothing stale is left behind, and that can be read in order without being taken apart.

use crate::airflow::scheduler::ready::SortKey;
use crate::ids::TaskId;

/// The heads of a pool's task queues: a binary heap, smallest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads {
    heads: Vec<Head>,
}

/// The first key of a task.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) key: SortKey,
    pub(super) task: TaskId,
}

/// Where each task stands among the heads of its pool.
#[derive(Debug)]
pub(super) struct Places {
    places: Vec<u32>,
}

/// The place of a task that is not among the heads.
const NOWHERE: u32 = u32::MAX;

impl Heads {
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The head at a place; the first one stands at 0, and behind each stand at most two, [`Self::behind`] it.
    #[inline]
    pub(super) fn at(&self, place: usize) -> Option<&Head> {
        self.heads.get(place)
    }

    /// The places of the two heads that come after the one at `place`, whatever comes between.
    #[inline]
    pub(super) fn behind(place: usize) -> [usize; 2] {
        [2 * place + 1, 2 * place + 2]
    }

    /// Puts a head in, or moves it to where its new key belongs.
    #[inline]
    pub(super) fn put(&mut self, head: Head, places: &mut Places) {
        match places.of(head.task) {
            None => {
                self.heads.push(head);
                self.rise(self.heads.len() - 1, head, places);
            }
            Some(at) if head.key < self.heads[at].key => self.rise(at, head, places),
            Some(at) => self.sink(at, head, places),
        }
    }

    /// Takes the head of a task out, if it is in.
    #[inline]
    pub(super) fn take(&mut self, task: TaskId, places: &mut Places) {
        let Some(at) = places.of(task) else {
            return;
        };
        places.set(task, NOWHERE);
        if let Some(last) = self.heads.pop()
            && at < self.heads.len()
        {
            places.set(last.task, at as u32);
            self.heads[at].task = last.task;
            self.put(last, places);
        }
    }

    /// Moves a head from a place towards the front.
    fn rise(&mut self, mut at: usize, head: Head, places: &mut Places) {
        while at > 0 {
            let before = (at - 1) / 2;
            if self.heads[before].key < head.key {
                break;
            }
            self.stand(at, self.heads[before], places);
            at = before;
        }
        self.stand(at, head, places);
    }

    /// Moves a head from a place towards the end.
    fn sink(&mut self, mut at: usize, head: Head, places: &mut Places) {
        loop {
            let [one, other] = Self::behind(at);
            let Some(&first) = self.heads.get(one) else {
                break;
            };
            let (next, first) = match self.heads.get(other) {
                Some(&second) if second.key < first.key => (other, second),
                _ => (one, first),
            };
            if head.key < first.key {
                break;
            }
            self.stand(at, first, places);
            at = next;
        }
        self.stand(at, head, places);
    }

    #[inline]
    fn stand(&mut self, at: usize, head: Head, places: &mut Places) {
        self.heads[at] = head;
        places.set(head.task, at as u32);
    }
}

impl Places {
    /// No task has a head.
    pub(super) fn new(tasks: usize) -> Self {
        Self {
            places: vec![NOWHERE; tasks],
        }
    }

    #[inline]
    fn of(&self, task: TaskId) -> Option<usize> {
        let place = self.places[task.index()];
        (place != NOWHERE).then_some(place as usize)
    }

    #[inline]
    fn set(&mut self, task: TaskId, place: u32) {
        self.places[task.index()] = place;
    }
}

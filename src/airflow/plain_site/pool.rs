//! A pool of a plain site: its slots, and the lanes in which instances wait for them.
//!
//! Pools are neither resized nor deleted and nothing is deferred, so that of the rules of
//! [`crate::airflow::PoolManager`] one is left: what runs is not open.

use super::live::Run;
use super::task::Task;
use crate::deployment;
use crate::time::SimTime;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// A pool.
#[derive(Debug)]
pub(super) struct Pool {
    /// Its size as Airflow writes it, -1 for unlimited.
    pub(super) slots: i64,
    /// Slots still to be had: always `i64::MAX` in an unlimited pool.
    pub(super) open: i64,
    /// Slots of running instances, and those that scheduled ones wait for.
    pub(super) running: i64,
    pub(super) scheduled: i64,
    /// How many instances wait.
    pub(super) waiting: usize,
    /// By falling weight.
    pub(super) lanes: Vec<Lane>,
}

/// What waits with equal weight, width and executor, in the order of the page.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) weight: i64,
    pub(super) slots: u32,
    pub(super) executor: usize,
    pub(super) ready: VecDeque<Ready>,
}

/// An instance that waits, ordered among those of equal weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ready {
    /// The logical date of its run, the place of its DAG's name and the number of its run, whose instances stand in the
    /// order of their tasks.
    pub(super) date: SimTime,
    pub(super) name_rank: u32,
    pub(super) sequence: u64,
    pub(super) instance: u32,
}

const UNLIMITED: i64 = -1;

impl Pool {
    /// All pools, with each task told its lane.
    pub(super) fn lay_out(pools: &[deployment::Pool], tasks: &mut [Task<'_>]) -> Vec<Self> {
        let mut all: Vec<Self> = pools.iter().map(|pool| Self::new(pool.slots)).collect();
        for task in tasks.iter() {
            let lanes = &mut all[task.pool.index()].lanes;
            if !lanes.iter().any(|lane| lane.takes(task)) {
                lanes.push(Lane {
                    weight: task.weight,
                    slots: task.slots,
                    executor: task.executor,
                    ready: VecDeque::new(),
                });
            }
        }
        for pool in &mut all {
            pool.lanes.sort_by_key(|lane| Reverse(lane.weight));
        }
        for task in tasks {
            let mut lanes = all[task.pool.index()].lanes.iter();
            task.lane = lanes.position(|lane| lane.takes(task)).unwrap_or_default() as u32;
        }
        all
    }

    fn new(slots: i64) -> Self {
        Self {
            slots,
            open: if slots == UNLIMITED { i64::MAX } else { slots },
            running: 0,
            scheduled: 0,
            waiting: 0,
            lanes: Vec::new(),
        }
    }

    /// Whether something waits, and some slot is open.
    #[inline]
    pub(super) fn may_start(&self) -> bool {
        self.waiting > 0 && self.open > 0
    }

    /// An instance begins to wait.
    #[inline]
    pub(super) fn join(&mut self, lane: u32, run: &Run, name_rank: u32, instance: u32) {
        let ready = Ready {
            date: run.created_at,
            name_rank,
            sequence: run.sequence,
            instance,
        };
        let lane = &mut self.lanes[lane as usize];
        self.scheduled += i64::from(lane.slots);
        self.waiting += 1;
        let queue = &mut lane.ready;
        match queue.back() {
            Some(last) if *last > ready => {
                let at = queue.partition_point(|other| *other < ready);
                queue.insert(at, ready);
            }
            _ => queue.push_back(ready),
        }
    }

    /// An instance begins to run, by its place in a lane.
    #[inline]
    pub(super) fn start(&mut self, lane: u32, at: usize) {
        let lane = &mut self.lanes[lane as usize];
        let slots = i64::from(lane.slots);
        if at == 0 {
            lane.ready.pop_front();
        } else {
            lane.ready.remove(at);
        }
        self.waiting -= 1;
        self.scheduled -= slots;
        self.take(slots);
    }

    /// An instance has ended.
    #[inline]
    pub(super) fn end(&mut self, slots: u32) {
        self.take(-i64::from(slots));
    }

    #[inline]
    fn take(&mut self, slots: i64) {
        self.running += slots;
        if self.slots != UNLIMITED {
            self.open -= slots;
        }
        debug_assert!(self.running >= 0 && self.scheduled >= 0);
    }
}

impl Lane {
    fn takes(&self, task: &Task<'_>) -> bool {
        (self.weight, self.slots, self.executor) == (task.weight, task.slots, task.executor)
    }
}

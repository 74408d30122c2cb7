//! A pool as queueing theory sees it: servers, and lanes of what is ready.

use super::live_runs::Place;
use crate::deployment::Pool;
use crate::time::{SimDuration, SimTime};
use crate::trace::PoolSummary;
use std::collections::VecDeque;

/// A pool with its queue.
#[derive(Debug)]
pub(super) struct Station {
    /// `i64::MAX` if it is unlimited.
    slots: i64,
    /// Slots of running instances, and those that ready ones wait for.
    running: i64,
    scheduled: i64,
    /// By falling weight, those of equal weight side by side.
    lanes: Vec<Lane>,
    /// Which lanes hold something: bit by bit, so that those of a large site are not asked one by one.
    occupied: Vec<u64>,
    /// For how long no slot has been open, up to `full_since` if none is open now.
    full_time: SimDuration,
    full_since: SimTime,
    /// The course of its slots.
    pub(super) course: PoolSummary,
}

/// What waits with equal weight and width, first come first.
#[derive(Debug)]
struct Lane {
    weight: i64,
    slots: u32,
    /// Whether no other lane has this weight.
    is_alone: bool,
    waiting: VecDeque<Waiting>,
}

/// An instance that waits, ordered among its equals, with all that is asked when it starts: by then its run would have
/// to be fetched from memory again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// From when on.
    pub(super) since: SimTime,
    /// The place of its DAG's name among all: the first order among those of one moment.
    pub(super) name_rank: u32,
    /// Its run's number: the second.
    pub(super) run: u64,
    /// Its task, by place among all: the third.
    pub(super) task: u32,
    pub(super) instance: Place,
    /// How long it will run.
    pub(super) duration: SimDuration,
    /// For how long its pool had been full when it began to wait; once it starts, for how long of its wait it was.
    pub(super) full_time: SimDuration,
}

impl Waiting {
    /// What it is ordered by.
    #[inline]
    fn order(&self) -> (SimTime, u32, u64, u32) {
        (self.since, self.name_rank, self.run, self.task)
    }
}

impl Station {
    pub(super) fn new(pool: &Pool, start: SimTime, course: PoolSummary) -> Self {
        let slots = match pool.slots {
            -1 => i64::MAX,
            slots => slots.max(0),
        };
        Self {
            slots,
            running: 0,
            scheduled: 0,
            lanes: Vec::new(),
            occupied: Vec::new(),
            full_time: SimDuration::ZERO,
            full_since: start,
            course: course.with_final_bins(),
        }
    }

    /// Makes sure that there is a lane for instances of this weight and width.
    pub(super) fn open_lane(&mut self, weight: i64, slots: u32) {
        if !self.lanes.iter().any(|lane| lane.takes(weight, slots)) {
            self.lanes.push(Lane {
                weight,
                slots,
                is_alone: true,
                waiting: VecDeque::new(),
            });
        }
    }

    /// Puts the lanes in order, once all are open.
    pub(super) fn sort_lanes(&mut self) {
        self.lanes
            .sort_by_key(|lane| std::cmp::Reverse(lane.weight));
        for at in 1..self.lanes.len() {
            if self.lanes[at].weight == self.lanes[at - 1].weight {
                self.lanes[at].is_alone = false;
                self.lanes[at - 1].is_alone = false;
            }
        }
        self.occupied = vec![0; self.lanes.len().div_ceil(64)];
    }

    /// Where instances of this weight and width wait.
    pub(super) fn lane_of(&self, weight: i64, slots: u32) -> u32 {
        let mut lanes = self.lanes.iter();
        lanes
            .position(|lane| lane.takes(weight, slots))
            .unwrap_or_default() as u32
    }

    /// Notes what the changes of this moment have come to.
    #[inline]
    pub(super) fn note(&mut self, now: SimTime) {
        self.course.set(now, self.running, self.scheduled);
    }

    /// For how long no slot has been open so far.
    #[inline]
    pub(super) fn full_time(&self, now: SimTime) -> SimDuration {
        if self.is_full() {
            self.full_time + now.since(self.full_since)
        } else {
            self.full_time
        }
    }

    /// An instance of this width begins to wait in a lane.
    #[inline]
    pub(super) fn join(&mut self, lane: u32, slots: u32, instance: Waiting) {
        self.scheduled += i64::from(slots);
        self.occupied[lane as usize / 64] |= 1 << (lane % 64);
        let queue = &mut self.lanes[lane as usize].waiting;
        // Only those of one moment can come in another order than that of their places.
        let order = instance.order();
        if queue.back().is_none_or(|last| last.order() < order) {
            queue.push_back(instance);
        } else {
            let at = queue.partition_point(|other| other.order() < order);
            queue.insert(at, instance);
        }
    }

    /// Whether so many slots can be had at once, past a queue that is empty; if so, they are taken.
    #[inline]
    pub(super) fn begins(&mut self, slots: u32, now: SimTime) -> bool {
        let slots = i64::from(slots);
        if self.scheduled > 0 || self.is_full() || slots > self.slots - self.running {
            return false;
        }
        self.running += slots;
        self.full_since = now;
        self.note(now);
        true
    }

    /// An instance has ended.
    #[inline]
    pub(super) fn leave(&mut self, slots: u32, now: SimTime) {
        self.full_time = self.full_time(now);
        self.full_since = now;
        self.running -= i64::from(slots);
    }

    /// The first instance that fits begins to run.
    #[inline]
    pub(super) fn next(&mut self, now: SimTime) -> Option<Waiting> {
        if self.scheduled == 0 || self.is_full() {
            return None;
        }
        let lane = self.first_that_fits()?;
        let Lane { slots, waiting, .. } = &mut self.lanes[lane];
        let first = waiting.pop_front()?;
        let slots = i64::from(*slots);
        if waiting.is_empty() {
            self.occupied[lane / 64] &= !(1 << (lane % 64));
        }
        self.scheduled -= slots;
        self.running += slots;
        // Of use only if it is full now, and it was not before.
        self.full_since = now;
        Some(Waiting {
            full_time: self.full_time - first.full_time,
            ..first
        })
    }

    /// Those that still wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.lanes.iter().flat_map(|lane| &lane.waiting)
    }

    /// Whether no slot is open.
    #[inline]
    fn is_full(&self) -> bool {
        self.running >= self.slots
    }

    /// The lane of the first instance that fits: of the greatest weight, then first come.
    #[inline]
    fn first_that_fits(&self) -> Option<usize> {
        let open = self.slots - self.running;
        let mut best: Option<(usize, &Waiting)> = None;
        for (word, &bits) in self.occupied.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let lane = &self.lanes[at];
                match best {
                    Some((chosen, _)) if self.lanes[chosen].weight > lane.weight => {
                        return Some(chosen);
                    }
                    _ if i64::from(lane.slots) > open => {}
                    None if lane.is_alone => return Some(at),
                    Some((_, first)) if first.order() < lane.waiting[0].order() => {}
                    _ => best = Some((at, &lane.waiting[0])),
                }
            }
        }
        best.map(|(lane, _)| lane)
    }
}

impl Lane {
    fn takes(&self, weight: i64, slots: u32) -> bool {
        self.weight == weight && self.slots == slots
    }
}

//! A pool as queueing theory sees it: servers, and lanes of what is ready.

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
    full_since: Option<SimTime>,
    /// The course of its slots.
    pub(super) course: PoolSummary,
}

/// What waits with equal weight and width, first come first.
#[derive(Debug)]
struct Lane {
    weight: i64,
    slots: u32,
    ready: VecDeque<Ready>,
}

/// An instance that waits, ordered among its equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ready {
    /// From when on.
    pub(super) since: SimTime,
    /// The place of its DAG's name among all: the first order among those of one moment.
    pub(super) name_rank: u32,
    /// Its run's number, then its task: the second.
    pub(super) place: u64,
    pub(super) instance: u32,
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
            full_since: (slots == 0).then_some(start),
            course,
        }
    }

    /// Makes sure that there is a lane for instances of this weight and width.
    pub(super) fn open_lane(&mut self, weight: i64, slots: u32) {
        if !self.lanes.iter().any(|lane| lane.takes(weight, slots)) {
            self.lanes.push(Lane {
                weight,
                slots,
                ready: VecDeque::new(),
            });
        }
    }

    /// Puts the lanes in order, once all are open.
    pub(super) fn sort_lanes(&mut self) {
        self.lanes
            .sort_by_key(|lane| std::cmp::Reverse(lane.weight));
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
        self.course.set_running(now, self.running);
        self.course.set_scheduled(now, self.scheduled);
    }

    /// For how long no slot has been open so far.
    #[inline]
    pub(super) fn full_time(&self, now: SimTime) -> SimDuration {
        match self.full_since {
            None => self.full_time,
            Some(since) => self.full_time + (now - since),
        }
    }

    /// An instance begins to wait.
    #[inline]
    pub(super) fn join(&mut self, lane: u32, ready: Ready, slots: u32) {
        self.scheduled += i64::from(slots);
        self.occupied[lane as usize / 64] |= 1 << (lane % 64);
        let queue = &mut self.lanes[lane as usize].ready;
        // Only those of one moment can come in another order than that of their places.
        let mut at = queue.len();
        while at > 0 && queue[at - 1] > ready {
            at -= 1;
        }
        if at == queue.len() {
            queue.push_back(ready);
        } else {
            queue.insert(at, ready);
        }
    }

    /// An instance has ended.
    #[inline]
    pub(super) fn leave(&mut self, slots: u32, now: SimTime) {
        self.running -= i64::from(slots);
        if self.running < self.slots
            && let Some(since) = self.full_since.take()
        {
            self.full_time += now - since;
        }
    }

    /// The first instance that fits begins to run.
    #[inline]
    pub(super) fn next(&mut self, now: SimTime) -> Option<u32> {
        let lane = self.first_that_fits()?;
        let Lane { slots, ready, .. } = &mut self.lanes[lane];
        let first = ready.pop_front()?;
        let slots = i64::from(*slots);
        if ready.is_empty() {
            self.occupied[lane / 64] &= !(1 << (lane % 64));
        }
        self.scheduled -= slots;
        self.running += slots;
        if self.running >= self.slots {
            self.full_since = Some(now);
        }
        Some(first.instance)
    }

    /// The lane of the first instance that fits: of the greatest weight, then first come.
    #[inline]
    fn first_that_fits(&self) -> Option<usize> {
        let open = self.slots - self.running;
        let mut best: Option<(usize, Ready)> = None;
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
                    Some((_, first)) if first < lane.ready[0] => {}
                    _ => best = Some((at, lane.ready[0])),
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

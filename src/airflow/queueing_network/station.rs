//! A pool as queueing theory sees it: servers, and lanes of what is ready.

use super::live_runs::{Instance, Run};
use super::task::Task;
use crate::deployment::Pool;
use crate::time::{SimDuration, SimTime};
use crate::trace::PoolSummary;
use std::collections::VecDeque;

/// All stations, and those at which an instance may start since they were last served, latest last.
#[derive(Debug)]
pub(super) struct Stations {
    all: Vec<Station>,
    unserved: Vec<u32>,
}

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
    ready: VecDeque<Ready>,
}

/// An instance that waits, ordered among its equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ready {
    /// From when on.
    since: SimTime,
    /// The place of its DAG's name among all: the first order among those of one moment.
    name_rank: u32,
    /// Its run's number, then its task: the second.
    place: u64,
    instance: u32,
}

impl Stations {
    pub(super) fn new(all: Vec<Station>) -> Self {
        let unserved = Vec::new();
        Self { all, unserved }
    }

    /// An instance of a task begins to wait; `row` is its place in its run.
    #[inline]
    pub(super) fn join(
        &mut self,
        task: &Task<'_>,
        run: &Run,
        row: u32,
        instance: &mut Instance,
        now: SimTime,
    ) {
        let station = &mut self.all[task.station as usize];
        instance.scheduled_at = now;
        instance.started_at = SimTime::MAX;
        instance.full_time = station.full_time(now);
        let ready = Ready {
            since: now,
            name_rank: task.name_rank,
            place: run.sequence << u32::BITS | u64::from(row),
            instance: run.first_instance + row,
        };
        station.join(task.lane, ready, task.slots);
        self.mark_unserved(task.station);
    }

    /// An instance of a task has ended.
    #[inline]
    pub(super) fn leave(&mut self, task: &Task<'_>, now: SimTime) {
        self.all[task.station as usize].leave(task.slots, now);
        self.mark_unserved(task.station);
    }

    /// A station at which an instance may start.
    #[inline]
    pub(super) fn next_unserved(&mut self) -> Option<&mut Station> {
        let station = self.unserved.pop()?;
        Some(&mut self.all[station as usize])
    }

    /// The station of a task.
    pub(super) fn of(&self, task: &Task<'_>) -> &Station {
        &self.all[task.station as usize]
    }

    pub(super) fn into_all(self) -> impl Iterator<Item = Station> {
        self.all.into_iter()
    }

    #[inline]
    fn mark_unserved(&mut self, station: u32) {
        if self.unserved.last() != Some(&station) {
            self.unserved.push(station);
        }
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
                ready: VecDeque::new(),
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

    /// An instance begins to wait.
    #[inline]
    fn join(&mut self, lane: u32, ready: Ready, slots: u32) {
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
    fn leave(&mut self, slots: u32, now: SimTime) {
        self.full_time = self.full_time(now);
        self.full_since = now;
        self.running -= i64::from(slots);
    }

    /// The first instance that fits begins to run.
    #[inline]
    pub(super) fn next(&mut self, now: SimTime) -> Option<u32> {
        if self.scheduled == 0 || self.is_full() {
            return None;
        }
        let lane = self.first_that_fits()?;
        let Lane { slots, ready, .. } = &mut self.lanes[lane];
        let first = ready.pop_front()?;
        let slots = i64::from(*slots);
        if ready.is_empty() {
            self.occupied[lane / 64] &= !(1 << (lane % 64));
        }
        self.scheduled -= slots;
        self.running += slots;
        // Of use only if it is full now, and it was not before.
        self.full_since = now;
        Some(first.instance)
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
                    None if lane.is_alone => return Some(at),
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

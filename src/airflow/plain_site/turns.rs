//! Which runs a loop examines: the same order as [`crate::airflow::scheduler::turns`] keeps, where runs arrive.
//!
//! Runs that arrive are dated in the order of their creation, so their numbers stand for their dates. While no more than
//! twice as many run as a loop examines, the latest of them take turns in two halves: what one loop leaves out, the next
//! one takes in, and leaves out the other half. So nothing is moved one by one: the halves change places, and the early
//! runs, which each loop examines, stay where they are. Only runs in which something happened are looked at, and each of
//! them knows where it stands.

use super::live::LiveRuns;
use crate::time::SimTime;
use std::collections::VecDeque;

/// The running runs in the order in which loops examine them: first those behind, then those examined.
#[derive(Debug)]
pub(super) struct Turns {
    /// Those behind, which the latest loop has left out, and those that came later, in their order; and the late ones of
    /// those examined, by number. Which half is which alternates, so that nothing is moved.
    halves: [VecDeque<Turn>; 2],
    half_behind: usize,
    /// How many of those behind, in front, no loop has examined.
    never: usize,
    /// The early ones of those that the latest loop has examined, by number.
    early: Vec<Turn>,
    limit: usize,
    /// When the latest loop was.
    latest_at: SimTime,
    /// The last loop that examined those behind; the beginning of time if each of them knows its own.
    left_out_since: SimTime,
    /// By run, where it stands, so that it need not be searched for.
    places: Vec<Place>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Early,
    Half(u8),
}

/// A run that takes turns.
#[derive(Clone, Copy, Debug)]
struct Turn {
    sequence: u64,
    run: u32,
    /// The last loop that examined it, where those behind differ.
    examined_at: SimTime,
}

/// A run whose turn it is and in which something happened, and when a loop last examined it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Smaller for those that come first in the order.
    order: u64,
    pub(super) run: u32,
    pub(super) examined_at: SimTime,
}

/// Those behind are ordered by their place, and come before those examined, which are ordered by their number.
const EXAMINED: u64 = 1 << 63;

impl Turns {
    /// Loops examine up to `limit` runs.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            halves: [VecDeque::new(), VecDeque::new()],
            half_behind: 0,
            never: 0,
            early: Vec::new(),
            limit,
            latest_at: SimTime::MIN,
            left_out_since: SimTime::MIN,
            places: Vec::new(),
        }
    }

    /// A run begins to take turns, behind the others that no loop has examined.
    #[inline]
    pub(super) fn add(&mut self, run: u32, sequence: u64) {
        let turn = Turn {
            sequence,
            run,
            examined_at: SimTime::MIN,
        };
        self.halves[self.half_behind].insert(self.never, turn);
        self.never += 1;
        if self.places.len() <= run as usize {
            self.places.resize(run as usize + 1, Place::Early);
        }
        self.places[run as usize] = Place::Half(self.half_behind as u8);
    }

    /// A run has ended in its examination.
    #[inline]
    pub(super) fn remove(&mut self, sequence: u64) {
        if let Ok(at) = self.early.binary_search_by_key(&sequence, Turn::number) {
            self.early.remove(at);
        } else if let Ok(at) = self.late().binary_search_by_key(&sequence, Turn::number) {
            let half = self.half_late();
            self.halves[half].remove(at);
        }
    }

    /// Whether some run may have to wait for its turn.
    #[inline]
    pub(super) fn are_taken(&self) -> bool {
        self.runs() > self.limit
    }

    /// Finds the runs among `changed` whose turn it is in the loop at `now`, in their order, and lets that loop pass.
    #[inline]
    pub(super) fn take(
        &mut self,
        changed: &[u32],
        live: &LiveRuns,
        found: &mut Vec<Found>,
        now: SimTime,
    ) {
        found.clear();
        if self.behind().is_empty() && !self.are_taken() {
            let examined_at = std::mem::replace(&mut self.latest_at, now);
            found.extend(changed.iter().map(|&run| Found {
                order: live.runs[run as usize].sequence,
                run,
                examined_at,
            }));
            if found.len() > 1 {
                found.sort_unstable_by_key(|found| found.order);
            }
            return;
        }
        self.divide();
        if changed.len() > self.limit && self.are_taken() {
            let first = (0..self.behind().len()).map(|at| self.found_behind(at));
            let early = self
                .early
                .iter()
                .map(|turn| self.found_examined(turn.run, turn.sequence));
            let first = first.chain(early).take(self.limit);
            found.extend(first.filter(|found| live.runs[found.run as usize].changed));
        } else {
            for &run in changed {
                found.extend(self.find(run, live.runs[run as usize].sequence));
            }
            if found.len() > 1 {
                let takes_turns = self.are_taken();
                // Where all are examined their numbers alone count.
                let number = |found: &Found| live.runs[found.run as usize].sequence;
                found.sort_unstable_by_key(|found| {
                    if takes_turns {
                        found.order
                    } else {
                        number(found)
                    }
                });
            }
        }
        self.pass_divided();
        self.latest_at = now;
    }

    /// Finds a run if it is its turn, once the early ones are divided from the late ones.
    #[inline]
    fn find(&self, run: u32, sequence: u64) -> Option<Found> {
        match self.places[run as usize] {
            Place::Early => {
                // Where more are behind than a loop examines it is the turn of none of the others.
                (self.behind().len() <= self.limit).then(|| self.found_examined(run, sequence))
            }
            Place::Half(half) if usize::from(half) != self.half_behind => None,
            Place::Half(_) if self.are_in_order() => Some(Found {
                order: sequence,
                run,
                examined_at: self.left_out_since,
            }),
            Place::Half(_) => {
                let mut first = self.behind().iter().take(self.limit);
                let at = first.position(|turn| turn.run == run)?;
                Some(self.found_behind(at))
            }
        }
    }

    /// Whether those behind stand by number, all left out by the same loop, and each of them is examined next.
    #[inline]
    fn are_in_order(&self) -> bool {
        self.never == 0 && self.left_out_since > SimTime::MIN && self.behind().len() <= self.limit
    }

    fn found_behind(&self, at: usize) -> Found {
        let turn = self.behind()[at];
        let examined_at = if at < self.never {
            SimTime::MIN
        } else {
            turn.examined_at.max(self.left_out_since)
        };
        Found {
            order: at as u64,
            run: turn.run,
            examined_at,
        }
    }

    #[inline]
    fn found_examined(&self, run: u32, sequence: u64) -> Found {
        Found {
            order: EXAMINED | sequence,
            run,
            examined_at: self.latest_at,
        }
    }

    fn behind(&self) -> &VecDeque<Turn> {
        &self.halves[self.half_behind]
    }

    fn late(&self) -> &VecDeque<Turn> {
        &self.halves[self.half_late()]
    }

    fn half_late(&self) -> usize {
        1 - self.half_behind
    }

    /// Divides those examined: the late ones are those that the next loop leaves out, as many as are too many. If it leaves
    /// out all of them, they may stay as they are.
    #[inline]
    fn divide(&mut self) {
        if self.behind().len() > self.limit {
            return;
        }
        let left_out = self.runs().saturating_sub(self.limit);
        let half = self.half_late();
        let late = &mut self.halves[half];
        while late.len() > left_out
            && let Some(turn) = late.pop_front()
        {
            self.places[turn.run as usize] = Place::Early;
            self.early.push(turn);
        }
        while late.len() < left_out
            && let Some(turn) = self.early.pop()
        {
            self.places[turn.run as usize] = Place::Half(half as u8);
            late.push_front(turn);
        }
    }

    /// The next loop examines the runs whose turn it is.
    fn pass(&mut self) {
        self.divide();
        self.pass_divided();
    }

    /// The same once the early ones are divided from the late ones.
    #[inline]
    fn pass_divided(&mut self) {
        if self.behind().is_empty() && self.runs() <= self.limit {
            return;
        }
        if self.behind().len() > self.limit {
            self.rotate();
            return;
        }
        let are_in_order = self.are_in_order();
        self.left_out_since = self.latest_at;
        self.never = 0;
        self.half_behind = self.half_late();
        if !are_in_order {
            let half = self.half_late();
            let late = self.halves[half].make_contiguous();
            late.sort_unstable_by_key(Turn::number);
        }
        self.put_in_order();
    }

    /// More are behind than a loop examines: it takes the first of them, and leaves out all that the last one took.
    #[cold]
    fn rotate(&mut self) {
        let half = self.half_behind;
        let left_out_since = std::mem::replace(&mut self.left_out_since, SimTime::MIN);
        if left_out_since > SimTime::MIN {
            for turn in self.halves[half].iter_mut().skip(self.never) {
                turn.examined_at = turn.examined_at.max(left_out_since);
            }
        }
        let [one, other] = &mut self.halves;
        let (behind, late) = if half == 0 {
            (one, other)
        } else {
            (other, one)
        };
        for mut turn in self.early.drain(..).chain(late.drain(..)) {
            turn.examined_at = self.latest_at;
            self.places[turn.run as usize] = Place::Half(half as u8);
            behind.push_back(turn);
        }
        for turn in behind.drain(..self.limit) {
            self.places[turn.run as usize] = Place::Early;
            self.early.push(turn);
        }
        self.early.sort_unstable_by_key(Turn::number);
        self.never = self.never.saturating_sub(self.limit);
    }

    /// Lets no early run be later than a late one; mostly none is.
    #[inline]
    fn put_in_order(&mut self) {
        let half = self.half_late();
        let late = &mut self.halves[half];
        while let (Some(last), Some(first)) = (self.early.last(), late.front())
            && last.sequence > first.sequence
            && let Some(turn) = late.pop_front()
        {
            self.places[turn.run as usize] = Place::Early;
            let before = |other: &Turn| other.sequence < turn.sequence;
            let at = self.early.partition_point(before);
            self.early.insert(at, turn);
        }
    }

    /// So many loops examine the runs whose turn it is, and nothing else happens meanwhile.
    #[inline]
    pub(super) fn pass_idly(&mut self, loops: u64) {
        if self.behind().is_empty() && !self.are_taken() {
            return;
        }
        let steps = if self.runs() > 2 * self.limit {
            loops
        } else if self.are_taken() {
            // What one loop leaves out the next one takes in, and leaves out the latest others: from the third loop on
            // two sets of runs are left out in turn.
            loops.min(2 + loops % 2)
        } else {
            loops.min(1)
        };
        for _ in 0..steps {
            self.pass();
        }
    }

    #[inline]
    fn runs(&self) -> usize {
        self.behind().len() + self.early.len() + self.late().len()
    }
}

impl Turn {
    fn number(&self) -> u64 {
        self.sequence
    }
}

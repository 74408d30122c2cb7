//! Work that is shared: a virtual clock shows what each task at work has got done, so that a change of speed touches the
//! clock and no task (docs/decisions/0016-virtual-time.md).
//!
//! All tasks at work on a resource get on equally fast, so one clock serves all: it gains the work that each of them gets
//! done. A task that comes when the clock shows *v* with work *w* is done when it shows *v* + *w*, however often the speed
//! changes until then; the first to be done is the one with the smallest such reading.
//!
//! Work is counted in 2^-32 of a microsecond alone, and a speed in such units a microsecond. Both are integers and so is
//! time, so the clock is exact: nothing is rounded but the speed itself (to 1 part in 2^32) and the moment of an end (up,
//! to the next microsecond).

use crate::deployment::Slowdown;
use crate::ids::InstanceId;
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// Units of work in a microsecond alone.
const FULL_SPEED: u64 = 1 << 32;

/// The work that takes so long alone.
pub(crate) fn work(alone: SimDuration) -> u128 {
    u128::from(alone.as_micros().max(0).unsigned_abs()) * u128::from(FULL_SPEED)
}

/// The tasks at work on a resource.
#[derive(Debug)]
pub(crate) struct SharedWork {
    slowdown: Slowdown,
    /// What a task that had been there all along would have got done until `at`.
    clock: u128,
    at: SimTime,
    /// What the clock gains in a microsecond.
    speed: u64,
    by_finish: BTreeMap<Place, InstanceId>,
    joined: u64,
}

/// The reading of the clock at which a task is done, and its number: those of one reading end as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    finish: u128,
    number: u64,
}

impl SharedWork {
    pub(crate) fn new(slowdown: Slowdown) -> Self {
        let speed = speed(&slowdown, 0);
        Self {
            slowdown,
            clock: 0,
            at: SimTime::MIN,
            speed,
            by_finish: BTreeMap::new(),
            joined: 0,
        }
    }

    /// A task comes with so much work.
    pub(crate) fn join(&mut self, id: InstanceId, work: u128, now: SimTime) -> Place {
        self.advance(now);
        let place = Place {
            finish: self.clock + work,
            number: self.joined,
        };
        self.joined += 1;
        self.by_finish.insert(place, id);
        self.change_speed();
        place
    }

    /// A task that is done with a part of its work goes on with the next, without a break.
    pub(crate) fn go_on(&mut self, place: Place, work: u128) -> Place {
        let next = Place {
            finish: place.finish + work,
            ..place
        };
        if let Some(id) = self.by_finish.remove(&place) {
            self.by_finish.insert(next, id);
        }
        next
    }

    /// A task goes, done or not.
    pub(crate) fn leave(&mut self, place: Place, now: SimTime) {
        self.advance(now);
        self.by_finish.remove(&place);
        self.change_speed();
    }

    /// The first task, if it is done.
    pub(crate) fn done(&mut self, now: SimTime) -> Option<InstanceId> {
        self.advance(now);
        let (place, id) = self.by_finish.first_key_value()?;
        (place.finish <= self.clock).then_some(*id)
    }

    /// When the first task will be done, if nothing changes; none if none is at work.
    pub(crate) fn next_done_at(&self) -> Option<SimTime> {
        let (place, _) = self.by_finish.first_key_value()?;
        let left = place.finish.saturating_sub(self.clock);
        let micros = left.div_ceil(u128::from(self.speed));
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        Some(self.at + SimDuration::from_micros(micros))
    }

    /// How many tasks are at work.
    pub(crate) fn concurrency(&self) -> u32 {
        self.by_finish.len() as u32
    }

    /// What each gets done in a microsecond.
    pub(crate) fn speed(&self) -> u64 {
        self.speed
    }

    /// How many times as long work takes now as alone.
    pub(crate) fn slowdown(&self) -> f64 {
        self.slowdown.factor(self.concurrency())
    }

    fn advance(&mut self, now: SimTime) {
        // Nobody looks at the clock while nobody is at work.
        if !self.by_finish.is_empty() {
            let passed = (now - self.at).as_micros().max(0).unsigned_abs();
            self.clock += u128::from(passed) * u128::from(self.speed);
        }
        self.at = now;
    }

    fn change_speed(&mut self) {
        self.speed = speed(&self.slowdown, self.concurrency());
    }
}

fn speed(slowdown: &Slowdown, concurrency: u32) -> u64 {
    let speed = FULL_SPEED as f64 / slowdown.factor(concurrency);
    // However slow, it gets on.
    (speed.round() as u64).clamp(1, FULL_SPEED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by touching every task at every change.
    struct Naive {
        slowdown: Slowdown,
        at: i64,
        /// With the work that is left.
        tasks: Vec<(i128, usize)>,
        done: i128,
    }

    impl Naive {
        fn speed(&self) -> i128 {
            i128::from(speed(&self.slowdown, self.tasks.len() as u32))
        }

        fn advance(&mut self, now: i64) {
            let each = i128::from(now - self.at) * self.speed();
            for task in &mut self.tasks {
                task.0 -= each;
            }
            self.done += each * self.tasks.len() as i128;
            self.at = now;
        }

        fn next_done_at(&self) -> Option<i64> {
            let left = self.tasks.iter().map(|task| task.0.max(0)).min()?;
            let speed = self.speed();
            Some(self.at + ((left + speed - 1) / speed) as i64)
        }

        fn take_done(&mut self) -> Option<usize> {
            let least = self.tasks.iter().map(|task| task.0).min()?;
            if least > 0 {
                return None;
            }
            let first = self.tasks.iter().position(|task| task.0 == least)?;
            Some(self.tasks.remove(first).1)
        }
    }

    fn laws() -> impl Strategy<Value = Slowdown> {
        prop_oneof![
            Just(Slowdown::None),
            (0.0..3.0).prop_map(|a| Slowdown::linear(a).unwrap()),
            (0.0..1.0, 0.0..0.5).prop_map(|(s, k)| Slowdown::universal_scalability(s, k).unwrap()),
            (1.0..9.0).prop_map(|c| Slowdown::processor_sharing(c).unwrap()),
            (1.0..3.0).prop_map(|f| Slowdown::table(vec![(3, f), (5, f * 2.0)]).unwrap()),
        ]
    }

    proptest! {
        /// Tasks come with work, and some go early: both ways tell the same ends, in the same order, and all work that is
        /// done belongs to a task.
        #[test]
        fn the_clock_tells_what_touching_every_task_tells(
            law in laws(),
            plan in prop::collection::vec((0i64..4_000, 0i64..3_000, 0u8..5), 1..60)
        ) {
            let mut shared = SharedWork::new(law.clone());
            let mut naive = Naive { slowdown: law, at: 0, tasks: Vec::new(), done: 0 };
            let mut places = Vec::new();
            let (mut now, mut brought, mut taken) = (0i64, 0i128, 0i128);
            let mut ends = 0i128;
            let mut comes = now;
            let mut plan = plan.into_iter().peekable();
            loop {
                let next = shared.next_done_at().map(SimTime::as_micros);
                prop_assert_eq!(next, naive.next_done_at());
                let coming = plan.peek().map(|&(gap, ..)| comes + gap);
                if let Some(end) = next.filter(|&end| coming.is_none_or(|coming| end <= coming)) {
                    now = end;
                    naive.advance(now);
                    let first = shared.done(SimTime::from_micros(now));
                    let expected = naive.take_done();
                    prop_assert!(expected.is_some());
                    prop_assert_eq!(first.map(InstanceId::index), expected);
                    shared.leave(places[expected.unwrap()], SimTime::from_micros(now));
                    ends += 1;
                } else if let Some((gap, work, early)) = plan.next() {
                    comes += gap;
                    now = comes;
                    naive.advance(now);
                    let moment = SimTime::from_micros(now);
                    let id = places.len();
                    let units = super::work(SimDuration::from_micros(work));
                    places.push(shared.join(InstanceId::new(id), units, moment));
                    let units = units.cast_signed();
                    naive.tasks.push((units, id));
                    brought += units;
                    if early == 0 {
                        // The one in the middle is killed.
                        let (left, killed) = naive.tasks.remove(naive.tasks.len() / 2);
                        taken += left;
                        shared.leave(places[killed], moment);
                    }
                } else {
                    break;
                }
                prop_assert_eq!(shared.concurrency() as usize, naive.tasks.len());
            }
            // A task works to the end of its last microsecond, so it may do a little more than it brought.
            let surplus = naive.done - (brought - taken);
            prop_assert!((0..=(ends + 60) * i128::from(FULL_SPEED)).contains(&surplus), "{surplus}");
            prop_assert!(now >= 0);
        }
    }

    #[test]
    fn two_share_what_one_has_alone() {
        let at = SimTime::from_micros;
        let span = |micros| work(SimDuration::from_micros(micros));
        let mut server = SharedWork::new(Slowdown::processor_sharing(1.0).unwrap());
        let long = server.join(InstanceId::new(1), span(100), at(0));
        let short = server.join(InstanceId::new(2), span(20), at(50));
        assert_eq!(server.next_done_at(), Some(at(90)));
        assert_eq!(server.done(at(89)), None);
        assert_eq!(server.done(at(90)), Some(InstanceId::new(2)));
        server.leave(short, at(90));
        assert_eq!(server.next_done_at(), Some(at(120)), "30 of 100 were left");
        server.leave(long, at(100));
        assert_eq!((server.next_done_at(), server.concurrency()), (None, 0));
    }

    #[test]
    fn parts_of_work_take_as_long_as_the_whole() {
        let at = SimTime::from_micros;
        let mut server = SharedWork::new(Slowdown::linear(0.7).unwrap());
        let whole = work(SimDuration::from_micros(100));
        server.join(InstanceId::new(0), whole, at(0));
        let mut part = server.join(InstanceId::new(1), whole / 3, at(0));
        for _ in 0..2 {
            let done = server.next_done_at().unwrap();
            assert_eq!(server.done(done), Some(InstanceId::new(1)));
            part = server.go_on(part, whole / 3 + 1);
        }
        // Its last unit is the first of what the thirds have left over.
        assert_eq!(server.next_done_at(), Some(at(170)));
        assert_eq!(server.done(at(170)), Some(InstanceId::new(0)));
    }

    #[test]
    fn what_never_ends_stays_without_an_overflow() {
        let at = SimTime::from_micros;
        let mut server = SharedWork::new(Slowdown::linear(1e6).unwrap());
        for id in 0..3 {
            server.join(
                InstanceId::new(id),
                work(SimDuration::from_micros(i64::MAX)),
                at(0),
            );
        }
        assert_eq!(server.next_done_at(), Some(SimTime::MAX));
        assert_eq!(server.done(at(1 << 53)), None);
    }
}

//! One resource and its visitors: those whose calls wait for tokens, those at work, and by when they must end.

use crate::airflow::resources::alarm::Alarm;
use crate::airflow::resources::shared_work::{SharedWork, work};
use crate::airflow::resources::token_bucket::{Call, TokenBucket};
use crate::airflow::resources::visit::{Phase, Turn, Visit};
use crate::deployment::Resource;
use crate::ids::{InstanceId, ResourceId};
use crate::policy::ResourceLoad;
use crate::time::{SimDuration, SimTime};
use crate::trace::ResourceSample;
use std::collections::BTreeMap;

/// A resource at work.
#[derive(Debug)]
pub(super) struct Protected {
    work: SharedWork,
    /// The limit on calls, and how many a try makes.
    bucket: Option<(TokenBucket, u32)>,
    /// Those whose call is answered later.
    calling: BTreeMap<Turn, InstanceId>,
    /// Those that must end by a moment.
    ends_by: BTreeMap<Turn, InstanceId>,
    /// Counts visits and calls, for their order.
    number: u64,
    alarm: Alarm,
}

/// What holds for a visitor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// How long its work takes alone.
    pub(super) alone: SimDuration,
    /// Whether it makes calls.
    pub(super) calls: bool,
    /// The last moment for its end.
    pub(super) ends_by: Option<SimTime>,
}

/// How a visit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Its work is done.
    Done,
    /// A call is refused.
    Refused,
    /// Its time is up.
    TooLate,
}

impl Protected {
    pub(super) fn new(resource: &Resource) -> Self {
        let limit = resource.rate_limit.as_ref();
        Self {
            work: SharedWork::new(resource.slowdown.clone()),
            bucket: limit.map(|limit| (TokenBucket::new(limit), limit.calls_per_task)),
            calling: BTreeMap::new(),
            ends_by: BTreeMap::new(),
            number: 0,
            alarm: Alarm::default(),
        }
    }

    /// A task comes; none if its first call is refused.
    pub(super) fn come(&mut self, id: InstanceId, terms: Terms, now: SimTime) -> Option<Visit> {
        let calls = self.bucket.as_ref().filter(|_| terms.calls);
        let calls = calls.map_or(0, |&(_, calls)| calls);
        let ends_by = terms.ends_by.map(|moment| (moment, self.number));
        let nowhere = Phase::Calling((now, self.number));
        let mut visit = Visit::new(work(terms.alone), calls, nowhere, ends_by);
        if calls > 0 {
            match self.call(now) {
                Call::Refused => return None,
                Call::Answered => self.begin_part(id, &mut visit, now),
                Call::AnsweredAt(moment) => self.wait(id, &mut visit, moment),
            }
        } else {
            self.begin_part(id, &mut visit, now);
        }
        self.number += 1;
        visit.ends_by.map(|turn| self.ends_by.insert(turn, id));
        Some(visit)
    }

    /// Lets everything happen up to now, until a visit ends.
    pub(super) fn go_on(
        &mut self,
        visits: &mut [Option<(ResourceId, Visit)>],
        now: SimTime,
    ) -> Option<(InstanceId, End)> {
        while let Some(first) = self.calling.first_entry()
            && first.key().0 <= now
        {
            let id = first.remove();
            if let Some((_, visit)) = &mut visits[id.index()] {
                self.begin_part(id, visit, now);
            }
        }
        while let Some(id) = self.work.done(now) {
            let Some((_, visit)) = &mut visits[id.index()] else {
                return None;
            };
            let Phase::AtWork(place) = visit.phase else {
                return None;
            };
            if !visit.calls_again() {
                return Some((id, End::Done));
            }
            match self.call(now) {
                Call::Refused => return Some((id, End::Refused)),
                Call::Answered => {
                    visit.phase = Phase::AtWork(self.work.go_on(place, visit.part()));
                }
                Call::AnsweredAt(moment) => {
                    self.work.leave(place, now);
                    self.wait(id, visit, moment);
                }
            }
        }
        let ((moment, _), &id) = self.ends_by.first_key_value()?;
        (*moment <= now).then_some((id, End::TooLate))
    }

    /// A task goes, done or not. A token that it was to get stays spent.
    pub(super) fn leave(&mut self, visit: &Visit, now: SimTime) {
        match visit.phase {
            Phase::Calling(turn) => {
                self.calling.remove(&turn);
            }
            Phase::AtWork(place) => self.work.leave(place, now),
        }
        visit.ends_by.map(|turn| self.ends_by.remove(&turn));
    }

    /// Sets the alarm for what comes next; the moment, if that takes an event.
    pub(super) fn set_alarm(&mut self, now: SimTime) -> Option<SimTime> {
        let answered = self.calling.first_key_value().map(|((at, _), _)| *at);
        let too_late = self.ends_by.first_key_value().map(|((at, _), _)| *at);
        let done = self.work.next_done_at();
        let next = [answered, too_late, done].into_iter().flatten().min()?;
        let next = next.max(now);
        self.alarm.set(next).then_some(next)
    }

    /// The event of the alarm has come.
    pub(super) fn alarm_rings(&mut self) {
        self.alarm.ring();
    }

    pub(super) fn sample(&self, at: SimTime, resource: ResourceId) -> ResourceSample {
        ResourceSample {
            at,
            resource,
            concurrency: self.work.concurrency(),
            speed: self.work.speed(),
            calling: self.calling.len() as u32,
        }
    }

    /// How it does now, in the eyes of a policy.
    pub(super) fn load(&self) -> ResourceLoad {
        ResourceLoad {
            concurrency: self.work.concurrency(),
            slowdown: self.work.slowdown(),
            calls_waiting: self.calling.len() as u32,
        }
    }

    fn call(&mut self, now: SimTime) -> Call {
        let bucket = self.bucket.as_mut();
        bucket.map_or(Call::Answered, |(bucket, _)| bucket.call(now))
    }

    fn begin_part(&mut self, id: InstanceId, visit: &mut Visit, now: SimTime) {
        visit.phase = Phase::AtWork(self.work.join(id, visit.part(), now));
    }

    fn wait(&mut self, id: InstanceId, visit: &mut Visit, until: SimTime) {
        let turn = (until, self.number);
        self.number += 1;
        self.calling.insert(turn, id);
        visit.phase = Phase::Calling(turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Excess, RateLimit, Slowdown};

    #[test]
    fn a_policy_sees_who_is_at_work_and_who_waits() {
        let mut protected = Protected::new(&Resource {
            name: "api".into(),
            pools: Vec::new(),
            slowdown: Slowdown::linear(0.5).unwrap(),
            rate_limit: Some(RateLimit {
                calls_per_task: 1,
                refill: 1.0,
                tokens: 2,
                excess: Excess::Delay,
            }),
        });
        let terms = Terms {
            alone: SimDuration::from_seconds(9),
            calls: true,
            ends_by: None,
        };
        for id in 0..5 {
            assert!(
                protected
                    .come(InstanceId::new(id), terms, SimTime::default())
                    .is_some()
            );
        }
        let load = protected.load();
        assert_eq!((load.concurrency, load.calls_waiting), (2, 3));
        assert!((load.slowdown - 1.5).abs() < 1e-12);
    }
}

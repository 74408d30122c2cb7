//! One resource and its visitors: those whose calls wait for tokens, those at work, and by when they must end.

use crate::airflow::resources::alarm::Alarm;
use crate::airflow::resources::shared_work::{Place, SharedWork};
use crate::airflow::resources::token_bucket::{Calls, TokenBucket};
use crate::deployment::Resource;
use crate::ids::{InstanceId, ResourceId};
use crate::time::{SimDuration, SimTime};
use crate::trace::ResourceSample;
use std::collections::BTreeMap;

/// A resource at work.
#[derive(Debug)]
pub(super) struct Protected {
    work: SharedWork,
    bucket: Option<TokenBucket>,
    /// Those whose last call is answered later, with their work.
    calling: BTreeMap<Turn, (InstanceId, SimDuration)>,
    /// Those that must end by a moment.
    ends_by: BTreeMap<Turn, InstanceId>,
    visitors: u64,
    alarm: Alarm,
}

/// A moment, and for those of one moment who came first.
type Turn = (SimTime, u64);

/// Where a visitor is, so that it can be taken out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    pub(super) phase: Phase,
    ends_by: Option<Turn>,
}

/// What a visitor does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// Its calls wait for tokens.
    Calling(Turn),
    /// It works.
    AtWork(Place),
}

/// What holds for a visitor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Whether it makes its calls.
    pub(super) calls: bool,
    /// The last moment for its end.
    pub(super) ends_by: Option<SimTime>,
}

impl Protected {
    pub(super) fn new(resource: &Resource) -> Self {
        Self {
            work: SharedWork::new(resource.slowdown.clone()),
            bucket: resource.rate_limit.as_ref().map(TokenBucket::new),
            calling: BTreeMap::new(),
            ends_by: BTreeMap::new(),
            visitors: 0,
            alarm: Alarm::default(),
        }
    }

    /// A task comes with work that would take it so long alone; none if one of its calls is refused.
    pub(super) fn come(
        &mut self,
        id: InstanceId,
        alone: SimDuration,
        terms: Terms,
        now: SimTime,
    ) -> Option<Visit> {
        let bucket = self.bucket.as_mut().filter(|_| terms.calls);
        let calls = bucket.map_or(Calls::Answered, |bucket| bucket.call(now));
        let number = self.visitors;
        let phase = match calls {
            Calls::Refused => return None,
            Calls::Answered => Phase::AtWork(self.work.join(id, alone, now)),
            Calls::AnsweredAt(moment) => {
                self.calling.insert((moment, number), (id, alone));
                Phase::Calling((moment, number))
            }
        };
        self.visitors += 1;
        let ends_by = terms.ends_by.map(|moment| (moment, number));
        ends_by.map(|turn| self.ends_by.insert(turn, id));
        Some(Visit { phase, ends_by })
    }

    /// The next task whose calls are answered: it works from now on.
    pub(super) fn answer(&mut self, now: SimTime) -> Option<(InstanceId, Phase)> {
        let first = self.calling.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let (id, alone) = first.remove();
        Some((id, Phase::AtWork(self.work.join(id, alone, now))))
    }

    /// The next task that ends now, and whether it is done; what is done with its last moment is in time.
    pub(super) fn ended(&mut self, now: SimTime) -> Option<(InstanceId, bool)> {
        if let Some(id) = self.work.done(now) {
            return Some((id, true));
        }
        let ((moment, _), &id) = self.ends_by.first_key_value()?;
        (*moment <= now).then_some((id, false))
    }

    /// A task goes, done or not. Calls that were to be answered stay spent.
    pub(super) fn go(&mut self, visit: Visit, now: SimTime) {
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
        let concurrency = self.work.concurrency();
        ResourceSample {
            at,
            resource,
            concurrency,
            speed: self.work.speed(),
            calling: self.calling.len() as u32,
        }
    }
}

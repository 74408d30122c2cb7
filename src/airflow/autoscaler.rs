//! The autoscaler of a group of Celery workers, by the rule of KEDA and of the autoscaler of Kubernetes below it
//! (docs/background/scheduler.md, 7.4).

use crate::deployment::Autoscale;
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;
use std::ops::Range;

/// How many workers of a group there should be. They are counted from 0, and the first so many are asked for.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    spec: Autoscale,
    worker_concurrency: u32,
    asked_for: usize,
    /// When each of them serves, if it is asked for.
    up_at: Vec<SimTime>,
    /// What was wanted within the cool-down: ever later, and ever fewer, so that the most stands first.
    recent: VecDeque<(SimTime, usize)>,
}

/// What a look of the autoscaler changes; one of the two ranges is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scaling {
    /// Workers that start up, and serve when they have.
    pub(crate) come: Range<usize>,
    /// Workers that take nothing any more.
    pub(crate) leave: Range<usize>,
}

impl Autoscaler {
    /// `asked_for` workers serve from the beginning on.
    pub(crate) fn new(spec: Autoscale, worker_concurrency: u32, asked_for: u32) -> Self {
        Self {
            up_at: vec![SimTime::MIN; spec.max_workers as usize],
            recent: VecDeque::new(),
            asked_for: asked_for.min(spec.max_workers) as usize,
            worker_concurrency,
            spec,
        }
    }

    /// Looks at how many instances are queued or running.
    pub(crate) fn look(&mut self, load: usize, now: SimTime) -> Scaling {
        let wanted = load
            .div_ceil(self.worker_concurrency.max(1) as usize)
            .max(self.spec.min_workers as usize)
            .min(self.spec.max_workers as usize);
        let before = self.asked_for;
        if self.recent.is_empty() {
            self.recent.push_back((now, before));
        }
        while self
            .recent
            .back()
            .is_some_and(|&(_, other)| other <= wanted)
        {
            self.recent.pop_back();
        }
        self.recent.push_back((now, wanted));
        let since = now - self.spec.cool_down;
        while self.recent.front().is_some_and(|&(at, _)| at < since) {
            self.recent.pop_front();
        }
        // More at once; fewer only as far as nothing within the cool-down wanted more.
        let most = self.recent.front().map_or(wanted, |&(_, most)| most);
        self.asked_for = wanted.max(before.min(most));
        for up_at in self.up_at.iter_mut().take(self.asked_for).skip(before) {
            *up_at = now + self.spec.start_up;
        }
        Scaling {
            come: before..self.asked_for,
            leave: self.asked_for..before,
        }
    }

    /// Whether a worker that has started up by now is still asked for.
    pub(crate) fn serves(&self, worker: usize, now: SimTime) -> bool {
        worker < self.asked_for && self.up_at[worker] == now
    }

    /// Instances that one worker runs at a time.
    pub(crate) fn worker_concurrency(&self) -> u32 {
        self.worker_concurrency
    }

    /// From being asked for to serving.
    pub(crate) fn start_up(&self) -> SimDuration {
        self.spec.start_up
    }

    /// From one look to the next.
    pub(crate) fn polling_interval(&self) -> SimDuration {
        self.spec.polling_interval
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(seconds)
    }

    fn autoscaler() -> Autoscaler {
        let spec = Autoscale {
            min_workers: 1,
            max_workers: 5,
            polling_interval: SimDuration::from_seconds(10),
            cool_down: SimDuration::from_seconds(60),
            start_up: SimDuration::from_seconds(30),
        };
        Autoscaler::new(spec, 16, 2)
    }

    #[test]
    fn it_scales_out_at_once_and_in_after_the_cool_down() {
        let mut autoscaler = autoscaler();
        let looks = [
            // Loads and how many workers are asked for then: two to begin with.
            (0, 0, 2),
            (10, 33, 3),
            (20, 500, 5),
            (30, 48, 5),
            (40, 0, 5),
            (80, 0, 5),
            // At 20 s five were wanted, at 30 s three.
            (81, 0, 3),
            (90, 0, 3),
            (91, 0, 1),
            (92, 17, 2),
        ];
        for (seconds, load, expected) in looks {
            autoscaler.look(load, at(seconds));
            assert_eq!(autoscaler.asked_for, expected, "at {seconds} s");
        }
    }

    #[test]
    fn a_worker_serves_when_it_has_started_up_and_is_still_asked_for() {
        let mut autoscaler = autoscaler();
        let scaling = autoscaler.look(64, at(0));
        assert_eq!((scaling.come, scaling.leave.len()), (2..4, 0));
        assert!(!autoscaler.serves(3, at(29)));
        assert!(autoscaler.serves(3, at(30)));
        assert!(!autoscaler.serves(4, at(30)), "never asked for");
        let scaling = autoscaler.look(0, at(61));
        assert_eq!((scaling.come.len(), scaling.leave), (0, 1..4));
        assert!(!autoscaler.serves(3, at(30)));
    }
}

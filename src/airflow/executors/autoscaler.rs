//! The autoscaler of a group of Celery workers, by the rule of KEDA and of the autoscaler of Kubernetes below it
//! (docs/background/scheduler.md, 7.4).

use crate::deployment::{Autoscale, ScaleIn};
use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;
use std::ops::Range;

/// How many workers of a group there should be. They are counted from 0, and the first so many are asked for.
#[derive(Debug)]
pub(crate) struct Autoscaler {
    spec: Autoscale,
    worker_concurrency: u32,
    asked_for: usize,
    /// What was wanted within the cool-down: ever later, and ever fewer, so that the most stands first.
    recent: VecDeque<(SimTime, usize)>,
}

/// What a look of the autoscaler changes; one of the two ranges is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scaling {
    /// Workers that start up.
    pub(crate) come: Range<usize>,
    /// Workers that take nothing any more.
    pub(crate) leave: Range<usize>,
}

impl Autoscaler {
    /// `asked_for` workers serve from the beginning on.
    pub(crate) fn new(spec: Autoscale, worker_concurrency: u32, asked_for: u32) -> Self {
        Self {
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
        Scaling {
            come: before..self.asked_for.max(before),
            leave: self.asked_for..before.max(self.asked_for),
        }
    }

    /// Whether a worker is asked for at present.
    pub(crate) fn asks_for(&self, worker: usize) -> bool {
        worker < self.asked_for
    }

    /// Whether workers that are taken away are killed with what they run.
    pub(crate) fn kills(&self) -> bool {
        self.spec.scale_in == ScaleIn::Killing
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
            scale_in: ScaleIn::Graceful,
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
    fn the_worker_that_came_last_leaves_first() {
        let mut autoscaler = autoscaler();
        let scaling = autoscaler.look(64, at(0));
        assert_eq!((scaling.come, scaling.leave.len()), (2..4, 0));
        assert!(autoscaler.asks_for(3) && !autoscaler.asks_for(4));
        let scaling = autoscaler.look(0, at(61));
        assert_eq!((scaling.come.len(), scaling.leave), (0, 1..4));
        assert!(autoscaler.asks_for(0) && !autoscaler.asks_for(1));
    }
}

//! Stabilisation windows: a policy has to ask for a change for a while before it gets it.
//!
//! Down to the highest size that was asked for within the window, up to the lowest.
//! Source: Kubernetes documentation, "Horizontal Pod Autoscaling", stabilisation window.

use crate::time::{SimDuration, SimTime};
use std::collections::VecDeque;

/// For how long a change has to be asked for; no time at all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stabilisation {
    /// To grow.
    pub up: SimDuration,
    /// To shrink.
    pub down: SimDuration,
}

/// The sizes that were asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(VecDeque<(SimTime, i64)>);

impl Asked {
    /// Notes a size that is asked for now, and says what becomes of it for a pool of `current` slots.
    pub(super) fn stabilise(
        &mut self,
        windows: Stabilisation,
        now: SimTime,
        current: i64,
        wanted: i64,
    ) -> i64 {
        // Of what is asked for at one moment the last word counts.
        if self.0.back().is_some_and(|&(at, _)| at == now) {
            self.0.pop_back();
        }
        self.0.push_back((now, wanted));
        let oldest = now - windows.up.max(windows.down);
        while self.0.front().is_some_and(|&(at, _)| at < oldest) {
            self.0.pop_front();
        }
        let within = |window: SimDuration| {
            let asked = self.0.iter().filter(move |&&(at, _)| at >= now - window);
            asked.map(|&(_, size)| size)
        };
        if wanted < current {
            let highest = within(windows.down).max().unwrap_or(wanted);
            highest.min(current)
        } else {
            let lowest = within(windows.up).min().unwrap_or(wanted);
            lowest.max(current)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> SimTime {
        SimTime::default() + SimDuration::from_seconds(seconds)
    }

    #[test]
    fn the_highest_of_the_last_five_minutes_counts() {
        let windows = Stabilisation {
            up: SimDuration::ZERO,
            down: SimDuration::from_seconds(300),
        };
        let mut asked = Asked::default();
        let mut last = 0;
        for (second, size) in [
            (0, 12),
            (60, 9),
            (120, 7),
            (180, 10),
            (240, 6),
            (300, 6),
            (361, 6),
        ] {
            last = asked.stabilise(windows, at(second), 20, size);
        }
        assert_eq!(last, 10);
        assert_eq!(
            asked.stabilise(windows, at(362), 10, 15),
            15,
            "up it goes at once"
        );
    }

    #[test]
    fn growth_can_be_made_to_wait_too() {
        let windows = Stabilisation {
            up: SimDuration::from_seconds(60),
            down: SimDuration::ZERO,
        };
        let mut asked = Asked::default();
        let sizes: Vec<i64> = [(0, 5), (30, 9), (60, 8), (91, 8), (121, 7)]
            .map(|(second, size)| asked.stabilise(windows, at(second), 5, size))
            .to_vec();
        assert_eq!(sizes, [5, 5, 5, 8, 7]);
    }
}

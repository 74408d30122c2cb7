//! The timers of a scheduler: what they are for, and when each is due.
//!
//! A timer runs at the end of the first loop that ends at or after its due time, and is due again one interval after
//! it ran; so timers drift (docs/background/scheduler.md, 1.4).

use crate::deployment::AirflowSettings;
use crate::time::{SimDuration, SimTime};

/// What the real scheduler does from time to time. Most of it changes nothing that is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    Orphans,
    TriggerTimeouts,
    WaitingForInput,
    FinishedBackfills,
    TasksWithoutHeartbeat,
    RunsOfPausedDags,
    StuckInQueued,
    UnusedAssets,
    UnusedTriggers,
    ConnectionTests,
    /// Only where tasks run beside the scheduler, in a `LocalExecutor`.
    StaleBundles,
}

impl Timer {
    pub(crate) const ALL: [Self; 11] = [
        Self::Orphans,
        Self::TriggerTimeouts,
        Self::WaitingForInput,
        Self::FinishedBackfills,
        Self::TasksWithoutHeartbeat,
        Self::RunsOfPausedDags,
        Self::StuckInQueued,
        Self::UnusedAssets,
        Self::UnusedTriggers,
        Self::ConnectionTests,
        Self::StaleBundles,
    ];

    /// The time between two of its runs, of which all but one are defaults of Airflow that are not set here.
    fn interval(self, settings: &AirflowSettings) -> SimDuration {
        let seconds = match self {
            Self::StuckInQueued => return settings.task_queued_timeout_check_interval,
            Self::Orphans => 300,
            Self::TriggerTimeouts | Self::WaitingForInput => 15,
            Self::FinishedBackfills | Self::ConnectionTests => 30,
            Self::TasksWithoutHeartbeat => 10,
            Self::RunsOfPausedDags | Self::UnusedAssets | Self::UnusedTriggers => 60,
            Self::StaleBundles => 1_800,
        };
        SimDuration::from_seconds(seconds)
    }
}

/// Some of the timers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimerSet(u16);

impl TimerSet {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn of(timers: impl IntoIterator<Item = Timer>) -> Self {
        timers.into_iter().fold(Self::NONE, Self::with)
    }

    #[must_use]
    pub(crate) fn with(self, timer: Timer) -> Self {
        Self(self.0 | 1 << timer as u16)
    }

    pub(crate) fn contains(self, timer: Timer) -> bool {
        self.0 >> timer as u16 & 1 == 1
    }

    /// Those that are also in `other`.
    #[must_use]
    pub(crate) fn among(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn iter(mut self) -> impl Iterator<Item = Timer> {
        std::iter::from_fn(move || {
            let timer = Timer::ALL.get(self.0.trailing_zeros() as usize).copied();
            self.0 &= self.0.wrapping_sub(1);
            timer
        })
    }
}

/// When the timers of one scheduler are due.
#[derive(Clone, Debug)]
pub(crate) struct Timers {
    intervals: [SimDuration; Timer::ALL.len()],
    /// The end of time for timers that are not kept, because nothing depends on them.
    due: [SimTime; Timer::ALL.len()],
    earliest: SimTime,
}

impl Timers {
    /// At the start every timer is due one interval later.
    pub(crate) fn new(kept: TimerSet, settings: &AirflowSettings, start: SimTime) -> Self {
        let intervals = Timer::ALL.map(|timer| timer.interval(settings));
        let due = Timer::ALL.map(|timer| {
            if kept.contains(timer) {
                start + intervals[timer as usize]
            } else {
                SimTime::MAX
            }
        });
        let mut timers = Self {
            intervals,
            due,
            earliest: SimTime::MAX,
        };
        timers.find_earliest();
        timers
    }

    /// When a timer is due.
    pub(crate) fn due(&self, timer: Timer) -> SimTime {
        self.due[timer as usize]
    }

    /// When the first timer is due.
    #[inline]
    pub(crate) fn earliest(&self) -> SimTime {
        self.earliest
    }

    /// A loop ends; which timers run in it.
    #[inline]
    pub(crate) fn run(&mut self, end: SimTime) -> TimerSet {
        if self.earliest > end {
            return TimerSet::NONE;
        }
        let mut ran = TimerSet::NONE;
        for timer in Timer::ALL {
            if self.due[timer as usize] <= end {
                self.due[timer as usize] = end + self.intervals[timer as usize];
                ran = ran.with(timer);
            }
        }
        self.find_earliest();
        ran
    }

    /// So many loops end, `period` apart, the first at `first_end`; which timers run in the last of them.
    pub(crate) fn run_stretch(
        &mut self,
        first_end: SimTime,
        period: SimDuration,
        loops: i64,
    ) -> TimerSet {
        let period = period.as_micros().max(1);
        let nth_end = |n: i64| first_end + SimDuration::from_micros(n * period);
        let last = loops - 1;
        if self.earliest > nth_end(last) {
            return TimerSet::NONE;
        }
        let mut ran = TimerSet::NONE;
        for timer in Timer::ALL {
            let (due, interval) = (self.due[timer as usize], self.intervals[timer as usize]);
            if due > nth_end(last) {
                continue;
            }
            // The first loop that ends at or after the due time, then every so many loops as the interval takes.
            let first = ceiling((due - first_end).as_micros().max(0), period);
            let stride = ceiling(interval.as_micros(), period).max(1);
            let latest = first + (last - first) / stride * stride;
            self.due[timer as usize] = nth_end(latest) + interval;
            if latest == last {
                ran = ran.with(timer);
            }
        }
        self.find_earliest();
        ran
    }

    fn find_earliest(&mut self) {
        self.earliest = self.due.iter().copied().min().unwrap_or(SimTime::MAX);
    }
}

fn ceiling(span: i64, period: i64) -> i64 {
    (span + period - 1).div_euclid(period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_stretch_is_as_its_loops(
            first_end in 0i64..500_000_000,
            period in 1i64..40_000_000,
            loops in 1i64..200,
            interval in 1i64..200_000_000,
        ) {
            let settings = AirflowSettings {
                task_queued_timeout_check_interval: SimDuration::from_micros(interval),
                ..AirflowSettings::default()
            };
            let all = TimerSet::of(Timer::ALL);
            let mut quick = Timers::new(all, &settings, SimTime::default());
            let mut plain = quick.clone();
            let first_end = SimTime::from_micros(first_end);
            let period = SimDuration::from_micros(period);
            let ran = quick.run_stretch(first_end, period, loops);
            let mut end = first_end;
            let mut last = TimerSet::NONE;
            for _ in 0..loops {
                last = plain.run(end);
                end += period;
            }
            prop_assert_eq!(ran, last);
            prop_assert_eq!(quick.due, plain.due);
            prop_assert_eq!(quick.earliest, plain.earliest);
        }
    }
}

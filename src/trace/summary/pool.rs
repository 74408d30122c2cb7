//! What a pool's slots did.

use super::{MeasurementWindow, ResizeSummary};
use crate::deployment::Pool;
use crate::stats::{Tally, TimeSeries};
use crate::time::{SimDuration, SimTime};
use crate::trace::{PoolSample, ResizeRecord};

/// What is known of a pool at every moment; the position of the signal in a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum PoolSignal {
    /// Its size: -1 unlimited, 0 closed or deleted.
    Slots,
    /// Slots of running instances.
    Running,
    /// Slots of queued instances.
    Queued,
    /// Slots that scheduled instances wait for: the queue in front of the pool.
    Scheduled,
    /// Slots of deferred instances.
    Deferred,
    /// 1 while no slot is open, else 0; an unlimited pool is never full.
    Full,
}

impl From<PoolSignal> for usize {
    fn from(signal: PoolSignal) -> Self {
        signal as Self
    }
}

const SIGNALS: usize = 6;

/// A pool size that never runs out.
const UNLIMITED: i64 = -1;

/// What the signals of a pool did over some span of time, by [`PoolSignal`].
pub type PoolTally = Tally<SIGNALS>;

/// The slots of a pool over time.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolSummary {
    series: TimeSeries<SIGNALS>,
    include_deferred: bool,
    resizes: ResizeSummary,
}

impl PoolSummary {
    pub(super) fn new(pool: &Pool, window: &MeasurementWindow) -> Self {
        let [running, queued, scheduled, deferred] = [0; 4];
        let full = i64::from(pool.slots != UNLIMITED && pool.slots <= 0);
        let slots = size_of(Some(pool.slots));
        let idle = [slots, running, queued, scheduled, deferred, full];
        Self {
            series: TimeSeries::new(window.start, window.measured(), idle),
            include_deferred: pool.include_deferred,
            resizes: ResizeSummary::default(),
        }
    }

    /// The same without a course over time.
    pub(super) fn without_course(self) -> Self {
        Self {
            series: self.series.without_course(),
            ..self
        }
    }

    #[inline]
    pub(super) fn record(&mut self, sample: &PoolSample, window: &MeasurementWindow) {
        let slots = size_of(sample.slots);
        let occupied = sample.running + sample.queued + self.kept(sample.deferred);
        let levels = [
            slots,
            sample.running,
            sample.queued,
            sample.scheduled,
            sample.deferred,
            i64::from(slots != UNLIMITED && occupied >= slots),
        ];
        self.series.set(sample.at, levels);
        let is_overdrawn = slots != UNLIMITED && occupied > slots;
        self.resizes.settle(sample.at, is_overdrawn, window);
    }

    /// A change of its size; a sample of the same moment follows.
    pub(super) fn record_resize(&mut self, row: &ResizeRecord, window: &MeasurementWindow) {
        self.resizes.record(row, window);
    }

    /// How its size was changed.
    pub fn resizes(&self) -> &ResizeSummary {
        &self.resizes
    }

    /// The same for a window that will not be ended early.
    pub(crate) fn with_final_bins(self) -> Self {
        Self {
            series: self.series.with_final_bins(),
            ..self
        }
    }

    /// From `at` on so many slots run, and instances wait for so many; none is queued or deferred, and the size stays.
    #[inline]
    pub(crate) fn set(&mut self, at: SimTime, running: i64, scheduled: i64) {
        let at = self.series.reach(at);
        if running != self.series.level(PoolSignal::Running) {
            let slots = self.series.level(PoolSignal::Slots);
            let full = i64::from(slots != UNLIMITED && running >= slots);
            self.series.set_one(at, PoolSignal::Running, running);
            self.series.set_one(at, PoolSignal::Full, full);
        }
        self.series.set_one(at, PoolSignal::Scheduled, scheduled);
    }

    /// The window ends earlier than was said, at or after the last sample.
    pub(super) fn end_at(&mut self, end: SimTime) {
        self.series.end_at(end);
    }

    /// What its signals did within the window, exactly.
    pub fn over_window(&self) -> PoolTally {
        self.series.over_window()
    }

    /// The course of its signals from the start to the horizon, by [`PoolSignal`], warm-up included.
    pub fn bins(&self) -> Vec<PoolTally> {
        self.series.bins()
    }

    /// Slots in use times microseconds within a span: those of running and queued instances, and of deferred
    /// ones where the pool counts them.
    pub fn occupied(&self, during: &PoolTally) -> i128 {
        let held = if self.include_deferred {
            during.integral(PoolSignal::Deferred)
        } else {
            0
        };
        during.integral(PoolSignal::Running) + during.integral(PoolSignal::Queued) + held
    }

    /// How long each of the [`Self::bins`] is; the last may be shorter.
    pub fn bin_width(&self) -> SimDuration {
        self.series.bin_width()
    }

    fn kept(&self, deferred: i64) -> i64 {
        if self.include_deferred { deferred } else { 0 }
    }
}

/// -1 stays unlimited; a pool that is closed in any other way, or deleted, has no slot.
#[inline]
pub(super) fn size_of(slots: Option<i64>) -> i64 {
    match slots {
        Some(UNLIMITED) => UNLIMITED,
        slots => slots.unwrap_or(0).max(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;

    fn at(seconds: i64) -> SimTime {
        SimTime::from_micros(0) + SimDuration::from_seconds(seconds)
    }

    fn sample(seconds: i64, slots: Option<i64>, running: i64, deferred: i64) -> PoolSample {
        PoolSample {
            at: at(seconds),
            pool: PoolId::new(0),
            slots,
            running,
            queued: 0,
            scheduled: 0,
            deferred,
        }
    }

    fn share_full(pool: &Pool, samples: &[PoolSample]) -> f64 {
        let window = MeasurementWindow {
            start: at(0),
            warm_up_end: at(0),
            end: at(100),
        };
        let mut summary = PoolSummary::new(pool, &window);
        for sample in samples {
            summary.record(sample, &window);
        }
        summary.over_window().mean(PoolSignal::Full)
    }

    #[test]
    fn full_means_no_open_slot() {
        let mut pool = Pool {
            slots: 2,
            ..Pool::default_pool()
        };
        let held = [
            sample(0, Some(2), 1, 1),
            sample(50, Some(2), 2, 0),
            sample(75, Some(3), 2, 0),
        ];
        assert!((share_full(&pool, &held) - 0.25).abs() < 1e-12);
        pool.include_deferred = true;
        assert!((share_full(&pool, &held) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn an_unlimited_pool_is_never_full_and_a_closed_one_always() {
        let unlimited = Pool {
            slots: -1,
            ..Pool::default_pool()
        };
        assert!(share_full(&unlimited, &[sample(1, Some(-1), 500, 0)]) < 1e-12);
        let closed = Pool {
            slots: -7,
            ..Pool::default_pool()
        };
        assert!((share_full(&closed, &[]) - 1.0).abs() < 1e-12);
        assert!((share_full(&unlimited, &[sample(60, None, 0, 0)]) - 0.4).abs() < 1e-12);
    }
}

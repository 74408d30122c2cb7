//! Signals over time in constant memory.
//!
//! The counts of a pool change millions of times in a run. Their course is kept in at most [`MAX_BINS`] equal
//! bins, merged pairwise when time outgrows them; what a report states as a figure (mean, maximum and integral
//! over the measurement window) is exact all the same.

use std::ops::Range;

use crate::time::{SimDuration, SimTime};

/// The most bins that a series keeps.
pub const MAX_BINS: usize = 2_048;

const FIRST_BIN_WIDTH: SimDuration = SimDuration::from_seconds(1);

/// `N` piecewise-constant signals that are sampled at the same moments.
///
/// A level holds until the next sample. Levels that hold for no time (several changes at one moment) leave no
/// trace, neither in a mean nor in a maximum.
#[derive(Clone, Debug)]
pub struct TimeSeries<const N: usize> {
    levels: [i64; N],
    /// Until when each level is accounted for in `part`: a signal costs something only when it changes.
    held_until: [SimTime; N],
    /// Where `part` begins, and the next edge of a bin or of the window; no part reaches over one.
    last_mark: SimTime,
    next_mark: SimTime,
    part: Tally<N>,
    bin: Tally<N>,
    inside: Tally<N>,
    bins: Vec<Tally<N>>,
    start: SimTime,
    width: SimDuration,
    window: Range<SimTime>,
}

/// What `N` signals did over some span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally<const N: usize> {
    span: SimDuration,
    integral: [i128; N],
    low: [i64; N],
    high: [i64; N],
}

impl<const N: usize> TimeSeries<N> {
    /// Signals that begin at `start` with these levels and are measured over `window`, which begins no earlier.
    pub fn new(start: SimTime, window: Range<SimTime>, levels: [i64; N]) -> Self {
        let mut series = Self {
            levels,
            held_until: [start; N],
            last_mark: start,
            next_mark: start,
            part: Tally::default(),
            bin: Tally::default(),
            inside: Tally::default(),
            bins: Vec::new(),
            start,
            width: FIRST_BIN_WIDTH,
            window,
        };
        series.next_mark = series.mark_after(start);
        series
    }

    /// The same with a course of a single bin, for those who ask for figures only; these are exact all the same.
    #[must_use]
    pub fn without_course(mut self) -> Self {
        self.width = (self.window.end - self.start).max(FIRST_BIN_WIDTH);
        self.next_mark = self.mark_after(self.start);
        self
    }

    /// The same for a window that will not be ended early: its bins are as long from the first on as they would become in
    /// the end.
    #[must_use]
    pub fn with_final_bins(mut self) -> Self {
        let whole = (self.window.end - self.start).as_micros();
        while whole > (MAX_BINS as i64 - 1).saturating_mul(self.width.as_micros()) {
            self.width += self.width;
        }
        self.next_mark = self.mark_after(self.start);
        self
    }

    /// From `at` on the signals have these levels; `at` never goes back, and nothing counts beyond the window.
    #[inline]
    pub fn set(&mut self, at: SimTime, levels: [i64; N]) {
        let at = self.reach(at);
        for (signal, level) in levels.into_iter().enumerate() {
            if level != self.levels[signal] {
                self.hold(signal, at);
                self.levels[signal] = level;
            }
        }
    }

    /// Lets the signals keep their levels up to `at`; gives that moment, or the end of the window if that comes first.
    #[inline]
    pub(crate) fn reach(&mut self, at: SimTime) -> SimTime {
        let at = at.min(self.window.end);
        if at >= self.next_mark {
            self.pass_marks(at);
        }
        at
    }

    /// The same as [`Self::set`] for one signal at a moment that [`Self::reach`] gave; the others keep their levels.
    #[inline]
    pub(crate) fn set_one(&mut self, at: SimTime, signal: impl Into<usize>, level: i64) {
        let signal = signal.into();
        if level != self.levels[signal] {
            self.hold(signal, at);
            self.levels[signal] = level;
        }
    }

    /// Ends the window earlier than was said, at or after the last moment that was set.
    pub fn end_at(&mut self, end: SimTime) {
        if end < self.window.end {
            let accounted = self.held_until.iter().copied().max();
            self.window.end = end.max(accounted.unwrap_or(end)).max(self.last_mark);
            let bin_start = self.bin_end() - self.width;
            self.next_mark = if bin_start == self.window.end {
                // The last bin is closed already.
                SimTime::MAX
            } else {
                self.next_mark.min(self.window.end)
            };
        }
    }

    /// The levels now.
    pub fn levels(&self) -> [i64; N] {
        self.levels
    }

    /// The level of a signal now.
    #[inline]
    pub fn level(&self, signal: impl Into<usize>) -> i64 {
        self.levels[signal.into()]
    }

    /// What the signals did over the window; the last levels hold to its end.
    pub fn over_window(&self) -> Tally<N> {
        self.finished().inside
    }

    /// The course from the start to the end of the window; the last bin may be shorter than [`Self::bin_width`].
    pub fn bins(&self) -> Vec<Tally<N>> {
        self.finished().bins
    }

    /// How long each bin is.
    pub fn bin_width(&self) -> SimDuration {
        self.finished().width
    }

    fn finished(&self) -> Self {
        let mut copy = self.clone();
        copy.pass_marks(self.window.end);
        copy
    }

    /// Accounts for the level of a signal up to `at`.
    #[inline]
    fn hold(&mut self, signal: usize, at: SimTime) {
        let since = std::mem::replace(&mut self.held_until[signal], at);
        if at > since {
            self.part.hold(signal, self.levels[signal], at.since(since));
        }
    }

    #[cold]
    fn pass_marks(&mut self, at: SimTime) {
        while self.next_mark <= at {
            let mark = self.next_mark;
            for signal in 0..N {
                self.hold(signal, mark);
            }
            let mut part = std::mem::take(&mut self.part);
            part.span = mark - std::mem::replace(&mut self.last_mark, mark);
            self.bin.absorb(&part);
            if mark > self.window.start {
                self.inside.absorb(&part);
            }
            if mark == self.bin_end() || mark == self.window.end {
                self.close_bin();
            }
            self.next_mark = self.mark_after(mark);
        }
    }

    fn close_bin(&mut self) {
        self.bins.push(std::mem::take(&mut self.bin));
        if self.bins.len() == MAX_BINS {
            for pair in 0..MAX_BINS / 2 {
                let mut whole = std::mem::take(&mut self.bins[2 * pair]);
                whole.absorb(&self.bins[2 * pair + 1]);
                self.bins[pair] = whole;
            }
            self.bins.truncate(MAX_BINS / 2);
            self.width += self.width;
        }
    }

    fn bin_end(&self) -> SimTime {
        let bins = self.bins.len() as i64 + 1;
        self.start + SimDuration::from_micros(self.width.as_micros().saturating_mul(bins))
    }

    /// The first edge later than `at`; never again once the window is over.
    fn mark_after(&self, at: SimTime) -> SimTime {
        if at >= self.window.end {
            return SimTime::MAX;
        }
        let edge = self.bin_end().min(self.window.end);
        if at < self.window.start {
            edge.min(self.window.start)
        } else {
            edge
        }
    }
}

/// Two series are equal if their signals had the same courses, however often they were told a level that did not change.
impl<const N: usize> PartialEq for TimeSeries<N> {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.finished(), other.finished());
        one.start == other.start
            && one.window == other.window
            && one.levels == other.levels
            && one.inside == other.inside
            && one.bins == other.bins
    }
}

impl<const N: usize> Default for Tally<N> {
    fn default() -> Self {
        Self {
            span: SimDuration::ZERO,
            integral: [0; N],
            low: [i64::MAX; N],
            high: [i64::MIN; N],
        }
    }
}

impl<const N: usize> Tally<N> {
    /// How much time it covers.
    pub fn span(&self) -> SimDuration {
        self.span
    }

    /// Level times time in microseconds, exact.
    pub fn integral(&self, signal: impl Into<usize>) -> i128 {
        self.integral[signal.into()]
    }

    /// The time-weighted mean; 0 over no time.
    pub fn mean(&self, signal: impl Into<usize>) -> f64 {
        let micros = self.span.as_micros().max(1);
        self.integral[signal.into()] as f64 / micros as f64
    }

    /// The lowest level; 0 over no time.
    pub fn min(&self, signal: impl Into<usize>) -> i64 {
        if self.span == SimDuration::ZERO {
            return 0;
        }
        self.low[signal.into()]
    }

    /// The highest level; 0 over no time.
    pub fn max(&self, signal: impl Into<usize>) -> i64 {
        if self.span == SimDuration::ZERO {
            return 0;
        }
        self.high[signal.into()]
    }

    #[inline]
    fn hold(&mut self, signal: usize, level: i64, span: SimDuration) {
        self.integral[signal] += i128::from(level) * i128::from(span.as_micros());
        self.low[signal] = self.low[signal].min(level);
        self.high[signal] = self.high[signal].max(level);
    }

    /// Adds what the signals did over another span.
    pub fn absorb(&mut self, other: &Self) {
        self.span += other.span;
        for signal in 0..N {
            self.integral[signal] += other.integral[signal];
            self.low[signal] = self.low[signal].min(other.low[signal]);
            self.high[signal] = self.high[signal].max(other.high[signal]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_micros(0) + SimDuration::from_seconds_f64(seconds)
    }

    #[test]
    fn the_window_excludes_warm_up_and_what_comes_after() {
        let mut series = TimeSeries::new(at(0.0), at(10.0)..at(20.0), [100]);
        series.set(at(5.0), [2]);
        series.set(at(15.0), [4]);
        series.set(at(30.0), [1_000]);
        let inside = series.over_window();
        assert_eq!(inside.span(), SimDuration::from_seconds(10));
        assert_eq!(inside.integral(0usize), 30_000_000);
        assert_eq!((inside.min(0usize), inside.max(0usize)), (2, 4));
    }

    #[test]
    fn a_level_that_holds_for_no_time_leaves_no_trace() {
        let mut series = TimeSeries::new(at(0.0), at(0.0)..at(2.0), [1]);
        series.set(at(0.5), [99]);
        series.set(at(0.5), [3]);
        assert_eq!(series.over_window().max(0usize), 3);
        assert_eq!(series.levels(), [3]);
    }

    #[test]
    fn a_year_fits_into_the_bins() {
        let year = SimDuration::from_seconds(365 * 86_400);
        let mut series = TimeSeries::new(at(0.0), at(0.0)..at(0.0) + year, [0, 5]);
        series.set(at(86_400.5), [7, 5]);
        let bins = series.bins();
        assert!(bins.len() < MAX_BINS && bins.len() >= MAX_BINS / 4);
        let spans: i64 = bins.iter().map(|bin| bin.span().as_micros()).sum();
        assert_eq!(spans, year.as_micros());
        assert!(
            bins.iter()
                .all(|bin| bin.max(1usize) == 5 && bin.min(1usize) == 5)
        );
        assert_eq!(bins[0].span(), series.bin_width());
    }

    proptest! {
        #[test]
        fn bins_and_window_agree_with_the_plain_sum(
            steps in prop::collection::vec((0i64..400_000_000, 0i64..50), 1..60),
            warm_up in 0i64..4_000_000_000,
            measured in 1i64..8_000_000_000,
        ) {
            let window = SimTime::from_micros(warm_up)..SimTime::from_micros(warm_up + measured);
            let mut series = TimeSeries::new(SimTime::from_micros(0), window.clone(), [0]);
            let mut courseless = series.clone().without_course();
            let mut final_bins = series.clone().with_final_bins();
            let (mut now, mut level, mut inside, mut whole) = (0, 0, 0i128, 0i128);
            let mut add = |from: i64, to: i64, level: i64| {
                let to = to.min(window.end.as_micros());
                whole += i128::from((to - from).max(0) * level);
                inside += i128::from((to - from.max(warm_up)).max(0) * level);
            };
            for (gap, next) in steps {
                add(now, now + gap, level);
                (now, level) = (now + gap, next);
                series.set(SimTime::from_micros(now), [level]);
                courseless.set(SimTime::from_micros(now), [level]);
                final_bins.set(SimTime::from_micros(now), [level]);
            }
            add(now, i64::MAX, level);
            prop_assert_eq!(&final_bins, &series);
            prop_assert_eq!(final_bins.bin_width(), series.bin_width());
            prop_assert_eq!(courseless.over_window(), series.over_window());
            prop_assert_eq!(courseless.bins().len(), 1);
            prop_assert_eq!(series.over_window().integral(0usize), inside);
            let binned: i128 = series.bins().iter().map(|bin| bin.integral(0usize)).sum();
            prop_assert_eq!(binned, whole);
        }

        #[test]
        fn tallies_of_pieces_are_that_of_the_whole_in_any_order(
            steps in prop::collection::vec((1i64..400_000_000, -3i64..50), 1..40),
            cuts in prop::collection::vec(1i64..4_000_000_000, 0..6),
            keys in prop::collection::vec(any::<u32>(), 8),
        ) {
            let end = 4_000_000_000;
            let over = |window: Range<i64>| {
                let [from, to] = [window.start, window.end].map(SimTime::from_micros);
                let mut series = TimeSeries::new(SimTime::from_micros(0), from..to, [0]);
                let mut now = 0;
                for &(gap, level) in &steps {
                    now += gap;
                    series.set(SimTime::from_micros(now), [level]);
                }
                series.over_window()
            };
            let mut edges = vec![0, end];
            edges.extend(&cuts);
            edges.sort_unstable();
            let mut pieces: Vec<_> = edges.windows(2).map(|pair| over(pair[0]..pair[1])).zip(&keys).collect();
            pieces.sort_by_key(|&(_, key)| key);
            let mut whole = Tally::default();
            for (piece, _) in &pieces {
                whole.absorb(piece);
            }
            prop_assert_eq!(whole, over(0..end));
        }
    }
}

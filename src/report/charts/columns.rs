//! The course of a pool, thinned to what a chart can show.

use crate::report::PoolCourse;
use crate::time::SimTime;
use crate::trace::{PoolSignal, PoolTally};

/// A chart is not much wider in pixels; more columns would only make the file larger.
const MAX_COLUMNS: usize = 800;

/// A stretch of time with what the pool did in it: mean, minimum and maximum survive the thinning.
pub(in crate::report) struct Column {
    /// Its first moment.
    pub(in crate::report) from: SimTime,
    /// Where the next one begins.
    pub(in crate::report) to: SimTime,
    /// What the pool did.
    pub(in crate::report) tally: PoolTally,
}

/// The bins of a course from `start` on, neighbours put together until they are few enough.
pub(in crate::report) fn columns(course: &PoolCourse, start: SimTime) -> Vec<Column> {
    let together = course.bins.len().div_ceil(MAX_COLUMNS).max(1);
    let bins: Vec<_> = course.timed_bins(start).collect();
    let column = |bins: &[(SimTime, &PoolTally)]| {
        let mut tally = PoolTally::default();
        for (_, bin) in bins {
            tally.absorb(bin);
        }
        let from = bins[0].0;
        Column {
            from,
            to: from + tally.span(),
            tally,
        }
    };
    bins.chunks(together).map(column).collect()
}

/// A line that goes through both ends of each column at its height.
pub(super) fn steps(columns: &[Column], height: impl Fn(&PoolTally) -> f64) -> Vec<(SimTime, f64)> {
    let ends = |column: &Column| {
        let height = height(&column.tally);
        [(column.from, height), (column.to, height)]
    };
    columns.iter().flat_map(ends).collect()
}

/// Whether anything ever ran in the pool or waited for it.
pub(super) fn is_in_use(course: &PoolCourse) -> bool {
    let signals = [
        PoolSignal::Running,
        PoolSignal::Queued,
        PoolSignal::Scheduled,
        PoolSignal::Deferred,
    ];
    let busy = |bin: &PoolTally| signals.into_iter().any(|signal| bin.max(signal) > 0);
    course.bins.iter().any(busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn thinning_keeps_time_peaks_and_means() {
        let report = busy_report();
        let course = &report.courses[0];
        let columns = columns(course, report.measured.start);
        assert_eq!(columns.len(), 600);
        assert!(columns.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!(columns.last().unwrap().to, report.measured.end);
        let peak = |tally: &PoolTally| tally.max(PoolSignal::Scheduled);
        let highest = columns.iter().map(|column| peak(&column.tally)).max();
        assert_eq!(highest, course.bins.iter().map(peak).max());
    }
}

//! The pools over time in a line each: how much of them is in use, and how many slots are waited for.

use crate::report::run::PoolCourse;
use crate::report::table::{gap, table};
use crate::report::{RunReport, duration_text};
use crate::trace::{PoolSignal, PoolTally};

/// From nothing to all; what is above nothing is never drawn as nothing.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A longer line says no more.
const MAX_LENGTH: usize = 60;

/// Names are broken rather than that lines become shorter than this.
const MIN_LENGTH: usize = 20;

/// The lines of the pools in which anything happened, from the end of the warm-up on; nothing if there is none.
pub(super) fn over_time(report: &RunReport, width: u16) -> String {
    let rows: Vec<_> = report
        .courses
        .iter()
        .map(|one| (one, bins(one, report)))
        .collect();
    let is_busy = |bins: &[&PoolTally]| {
        let mut all = bins.iter();
        all.any(|bin| bin.max(PoolSignal::Running) > 0 || bin.max(PoolSignal::Scheduled) > 0)
    };
    let busy: Vec<_> = rows.iter().filter(|(_, bins)| is_busy(bins)).collect();
    let names = busy.iter().map(|(course, _)| course.pool.chars().count());
    let Some(longest) = names.max() else {
        return String::new();
    };
    let span = duration_text(report.measured.length().as_seconds());
    let heading = format!("over {span}");
    let taken = longest.max(heading.chars().count()) + 2 * usize::from(gap(width));
    let length = usize::from(width).saturating_sub(taken) / 2;
    let length = length.clamp(MIN_LENGTH, MAX_LENGTH);
    let lines = busy.iter().map(|(course, bins)| {
        let most = course.bins.iter().map(|bin| bin.max(PoolSignal::Running));
        let most = most.max().unwrap_or(0) as f64;
        let in_use = stretches(bins, length, |bin| share_in_use(course, bin, most));
        let waiting = stretches(bins, length, |bin| bin.mean(PoolSignal::Scheduled));
        let most = waiting.iter().copied().fold(0.0, f64::max);
        [
            course.pool.clone(),
            sparkline(&in_use, 1.0),
            sparkline(&waiting, most),
        ]
    });
    let left = |words: &str| format!("{words:<length$}");
    let columns = [
        heading.clone(),
        left("in use, of its size"),
        left("waited for, of the most"),
    ];
    table(width, columns, lines)
}

/// What the pool did in the measured window.
fn bins<'a>(course: &'a PoolCourse, report: &RunReport) -> Vec<&'a PoolTally> {
    let window = &report.measured;
    let timed = course.timed_bins(window.start);
    let measured = timed.filter(|(at, _)| *at >= window.warm_up_end);
    measured.map(|(_, bin)| bin).collect()
}

/// Slots in use, of its size or, if that has no limit, of the `most` that ever ran.
fn share_in_use(course: &PoolCourse, bin: &PoolTally, most: f64) -> f64 {
    let slots = if bin.min(PoolSignal::Slots) < 0 {
        most
    } else {
        bin.mean(PoolSignal::Slots)
    };
    course.in_use(bin) / slots.max(1.0)
}

/// The means of a value in equal stretches of time, at most `length` of them.
fn stretches(bins: &[&PoolTally], length: usize, value: impl Fn(&PoolTally) -> f64) -> Vec<f64> {
    let length = length.min(bins.len());
    let beginning = |at: usize| at * bins.len() / length;
    let mean = |at: usize| {
        let bins = &bins[beginning(at)..beginning(at + 1)];
        bins.iter().map(|bin| value(bin)).sum::<f64>() / bins.len() as f64
    };
    (0..length).map(mean).collect()
}

/// A character for each value, from nothing to `top`.
fn sparkline(values: &[f64], top: f64) -> String {
    let level = |value: &f64| {
        let height = if top > 0.0 { value / top } else { 0.0 };
        // The lowest level is kept for nothing.
        let level = (height.clamp(0.0, 1.0) * (LEVELS.len() - 1) as f64).ceil();
        LEVELS[level as usize]
    };
    values.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::run::tests::busy_report;

    #[test]
    fn what_is_above_nothing_is_seen() {
        let values = [0.0, 0.001, 0.5, 1.0, 2.0];
        assert_eq!(sparkline(&values, 1.0), "▁▂▅██");
        assert_eq!(sparkline(&values[..2], 0.0), "▁▁");
    }

    #[test]
    fn lines_are_as_long_as_there_is_room() {
        let mut report = busy_report();
        report.courses[0].pool = "p".repeat(70);
        for width in [80, 100, 200] {
            let text = over_time(&report, width);
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest.unwrap() <= usize::from(width), "{width}:\n{text}");
        }
        report.courses.clear();
        assert_eq!(over_time(&report, 80), "");
    }
}

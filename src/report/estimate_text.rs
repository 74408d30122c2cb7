//! Estimates as people write them: `1m30s ± 9s`.

use crate::experiment::Precise;
use crate::report::duration_text;
use crate::report::headline::percent;
use crate::stats::interval::Interval;

/// A mean and its half-width, which is left out where nothing varies. Both have the same decimals.
pub(super) fn estimate_text(estimate: &Interval, unit: &str) -> String {
    let fineness = Fineness::of(estimate, unit);
    fineness.text(estimate.mean) + half_width_text(estimate, fineness).as_str()
}

/// The mean alone, as fine as it is known.
pub(super) fn mean_text(estimate: &Interval, unit: &str) -> String {
    Fineness::of(estimate, unit).text(estimate.mean)
}

/// A difference with its sign; one of shares is in percentage points.
pub(super) fn difference_text(difference: &Interval, unit: &str) -> String {
    let fineness = match unit {
        "share" => Fineness::Points,
        _ => Fineness::of(difference, unit),
    };
    let text = fineness.text(difference.mean.abs());
    let sign = match difference.mean {
        // What rounds to nothing goes neither way.
        _ if !text.contains(|c| "123456789".contains(c)) => "",
        mean if mean < 0.0 => "-",
        _ => "+",
    };
    format!("{sign}{text}{}", half_width_text(difference, fineness))
}

/// A difference as a percentage of the first policy's mean, where there is one.
pub(super) fn change_text(difference: f64, first: f64) -> String {
    let percent = (difference / first * 100.0).round();
    match percent {
        0.0 => "0%".into(),
        _ if percent.is_finite() => format!("{percent:+}%"),
        _ => "-".into(),
    }
}

/// Whether the estimate that the replications went on for is precise enough, in words.
pub(super) fn precision_sentence(precise: &Precise) -> String {
    let Precise {
        what,
        wanted,
        at_most,
        ..
    } = precise;
    let wanted = percent(*wanted);
    let known = precise.half_width.filter(|width| width.is_finite());
    let known = known.map_or_else(
        || "not known at all".to_owned(),
        |width| format!("known to ± {:.1} % of its mean", width * 100.0),
    );
    let needed = precise.needed * 100.0;
    if precise.is_reached {
        return format!("{what} is {known}; a relative error of {wanted} needs ± {needed:.1} %.");
    }
    format!(
        "NOT precise: {what} is {known} after the most replications allowed, {at_most}; \
         a relative error of {wanted} needs ± {needed:.1} %."
    )
}

fn half_width_text(interval: &Interval, fineness: Fineness) -> String {
    match interval.half_width {
        _ if interval.n == 0 => String::new(),
        0.0 => String::new(),
        half_width if half_width.is_infinite() => " ± ∞".into(),
        half_width => format!(" ± {}", fineness.text(half_width)),
    }
}

/// How finely the two sides of an estimate are written: alike, or a reader would take one for better known.
#[derive(Clone, Copy, Debug)]
enum Fineness {
    /// Seconds with a tenth.
    Tenths,
    /// As people say durations, in whole seconds or coarser.
    Seconds,
    /// As people say durations, however short.
    Duration,
    /// Percent with so many decimals.
    Percent(usize),
    /// Percentage points with one decimal.
    Points,
    /// A number with so many decimals.
    Decimals(usize),
    /// A number that is known exactly, without idle zeros.
    Exact(usize),
}

impl Fineness {
    fn of(interval: &Interval, unit: &str) -> Self {
        let known = Some(interval.half_width).filter(|half| half.is_finite() && *half > 0.0);
        let half_width = known.unwrap_or(0.0);
        let size = interval.mean.abs().max(half_width);
        match unit {
            // Whole seconds would make nothing of a small half-width.
            "s" if size < 0.999_5 || known.is_none() => Self::Duration,
            "s" if size < 9.95 || (size < 59.5 && half_width < 0.95) => Self::Tenths,
            "s" => Self::Seconds,
            "share" => {
                let is_small = |share: f64| share > 0.0 && share < 0.009_5;
                let both = [interval.mean, half_width];
                Self::Percent(usize::from(both.into_iter().any(is_small)))
            }
            _ if known.is_none() => Self::Exact(decimals(size)),
            _ => Self::Decimals(decimals(size)),
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            _ if value.is_nan() => "-".into(),
            Self::Tenths => format!("{value:.1}s"),
            // What would be nothing in whole seconds is told all the same.
            Self::Seconds if value >= 0.5 => duration_text(value.round()),
            Self::Seconds | Self::Duration => duration_text(value),
            Self::Percent(_) if value > 0.0 && value < 0.000_5 => "<0.1%".into(),
            Self::Percent(decimals) => format!("{:.decimals$}%", value * 100.0),
            Self::Points => format!("{:.1}pt", value * 100.0),
            Self::Decimals(decimals) => format!("{value:.decimals$}"),
            Self::Exact(decimals) => exact(value, decimals),
        }
    }
}

/// Three digits of this size.
fn decimals(size: f64) -> usize {
    match size {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    }
}

fn exact(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(mean: f64, half_width: f64) -> Interval {
        let n = 10;
        Interval {
            mean,
            half_width,
            n,
        }
    }

    #[test]
    fn units_are_written_as_people_do() {
        assert_eq!(estimate_text(&interval(90.5, 9.0), "s"), "1m31s ± 9s");
        assert_eq!(estimate_text(&interval(0.634, 0.02), "share"), "63% ± 2%");
        assert_eq!(estimate_text(&interval(864.0, 0.0), "slot-hours"), "864");
        assert_eq!(
            estimate_text(&interval(881.0, 6.65), "slot-hours"),
            "881 ± 7"
        );
        assert_eq!(estimate_text(&interval(12.34, 0.5), "count"), "12.3 ± 0.5");
        assert_eq!(estimate_text(&interval(5.0, f64::INFINITY), "s"), "5s ± ∞");
    }

    #[test]
    fn both_sides_have_the_same_decimals() {
        let texts = [
            (1.1, 1.09, "count", "1.10 ± 1.09"),
            (12.0, 3.04, "count", "12.0 ± 3.0"),
            (2.0, 0.0, "count", "2"),
            (31.0, 3.2, "s", "31s ± 3s"),
            (31.0, 0.32, "s", "31.0s ± 0.3s"),
            (2.1, 0.4, "s", "2.1s ± 0.4s"),
            (0.02, 0.004, "s", "20ms ± 4ms"),
            (130.0, 0.3, "s", "2m10s ± 300ms"),
            (2.1, 0.0, "s", "2.1s"),
            (0.12, 0.003, "share", "12.0% ± 0.3%"),
            (0.12, 0.03, "share", "12% ± 3%"),
            (0.0, 0.0, "share", "0%"),
        ];
        for (mean, half_width, unit, text) in texts {
            assert_eq!(estimate_text(&interval(mean, half_width), unit), text);
        }
        let nothing = Interval {
            n: 0,
            ..interval(f64::NAN, f64::INFINITY)
        };
        assert_eq!(estimate_text(&nothing, "s"), "-");
    }

    #[test]
    fn precision_is_told_whether_it_is_reached_or_not() {
        let mut precise = Precise {
            what: "pool api, pool_wait_mean".into(),
            wanted: 0.05,
            half_width: Some(0.046),
            needed: 0.05 / 1.05,
            is_reached: true,
            at_most: 300,
        };
        assert_eq!(
            precision_sentence(&precise),
            "pool api, pool_wait_mean is known to ± 4.6 % of its mean; a relative error of 5 % needs ± 4.8 %."
        );
        (precise.is_reached, precise.half_width) = (false, None);
        assert!(
            precision_sentence(&precise)
                .starts_with("NOT precise: pool api, pool_wait_mean is not known at all")
        );
    }

    #[test]
    fn differences_have_a_sign_unless_there_is_none() {
        assert_eq!(difference_text(&interval(-78.0, 9.0), "s"), "-1m18s ± 9s");
        assert_eq!(difference_text(&interval(270.0, 0.0), "slot-hours"), "+270");
        assert_eq!(difference_text(&interval(0.9, 1.8), "s"), "+0.9s ± 1.8s");
        assert_eq!(
            difference_text(&interval(-0.031, 0.01), "share"),
            "-3.1pt ± 1.0pt"
        );
        assert_eq!(difference_text(&interval(-0.0, 0.0), "s"), "0s");
        assert_eq!(difference_text(&interval(0.000_1, 0.000_1), "s"), "0s ± 0s");
        assert_eq!(change_text(-78.0, 90.0), "-87%");
        assert_eq!(change_text(0.001, 90.0), "0%");
        assert_eq!(change_text(1.0, 0.0), "-");
    }
}

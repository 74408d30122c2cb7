//! Estimates as people write them: `1m30s ± 9s`.

use crate::experiment::Precise;
use crate::report::duration_text;
use crate::report::headline::percent;
use crate::report::table::share;
use crate::stats::interval::Interval;

/// A mean and its half-width, which is left out where nothing varies.
pub(super) fn estimate_text(estimate: &Interval, unit: &str) -> String {
    let decimals = decimals(estimate);
    let text = value_text(estimate.mean, unit, decimals);
    text + &half_width_text(estimate, unit, decimals)
}

/// A difference with its sign; one of shares is in percentage points.
pub(super) fn difference_text(difference: &Interval, unit: &str) -> String {
    let unit = if unit == "share" { "points" } else { unit };
    let decimals = decimals(difference);
    let text = value_text(difference.mean.abs(), unit, decimals);
    let sign = match difference.mean {
        // What rounds to nothing goes neither way.
        _ if !text.contains(|c| "123456789".contains(c)) => "",
        mean if mean < 0.0 => "-",
        _ => "+",
    };
    format!("{sign}{text}") + &half_width_text(difference, unit, decimals)
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

fn half_width_text(interval: &Interval, unit: &str, decimals: usize) -> String {
    match interval.half_width {
        _ if interval.n == 0 => String::new(),
        0.0 => String::new(),
        half_width if half_width.is_infinite() => " ± ∞".into(),
        half_width => format!(" ± {}", value_text(half_width, unit, decimals)),
    }
}

fn value_text(value: f64, unit: &str, decimals: usize) -> String {
    match unit {
        _ if value.is_nan() => "-".into(),
        "s" => duration_text(value),
        "share" => share(value),
        "points" => format!("{:.1}pt", value * 100.0),
        _ => number(value, decimals),
    }
}

/// Three digits of the mean, or of the half-width if that is larger; both have the same decimals.
fn decimals(interval: &Interval) -> usize {
    let half_width = Some(interval.half_width).filter(|half| half.is_finite());
    match interval.mean.abs().max(half_width.unwrap_or(0.0)) {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    }
}

/// Without idle zeros.
fn number(value: f64, decimals: usize) -> String {
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

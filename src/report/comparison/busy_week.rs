//! A comparison for tests, made by hand.

use super::ComparisonReport;
use crate::experiment::{
    ComparedPolicy, Comparison, Difference, DifferenceVerdict, Estimate, Figure, Verdict,
};
use crate::report::run::WindowText;
use crate::scenario::Bound;
use crate::stats::interval::Interval;
use crate::trace::synthetic::first_hour;

fn interval(mean: f64, half_width: f64) -> Interval {
    let n = 10;
    Interval {
        mean,
        half_width,
        n,
    }
}

/// A figure under three policies: mean and half-width of the first, of the second, and of their difference; the third
/// is not told from the first.
fn figure(
    [kind, name, indicator, unit]: [&'static str; 4],
    values: [(f64, f64); 3],
    verdict: DifferenceVerdict,
) -> Figure {
    let [first, second, difference] = values.map(|(mean, half)| interval(mean, half));
    let estimate = |interval, difference| Estimate {
        interval,
        difference,
    };
    let against_first = |interval, verdict| {
        Some(Difference {
            interval,
            correlation: None,
            verdict,
        })
    };
    let little = interval(first.half_width / 10.0, first.half_width / 5.0);
    let estimates = vec![
        estimate(first, None),
        estimate(second, against_first(difference, verdict)),
        estimate(first, against_first(little, DifferenceVerdict::NoneShown)),
    ];
    Figure {
        kind,
        name: name.into(),
        indicator: indicator.into(),
        unit,
        estimates,
    }
}

fn policy(name: &str, p95: Interval, met: bool) -> ComparedPolicy {
    let objective = Verdict {
        what: "pool warehouse, pool_wait_p95".into(),
        unit: "s",
        value: Some(p95),
        bound: Bound::AtMost(60.0),
        met,
    };
    ComparedPolicy {
        name: name.into(),
        objectives: vec![objective],
    }
}

/// Three policies, of which the second is better and dearer.
pub(super) fn report() -> ComparisonReport {
    use DifferenceVerdict::{Better, NoneShown, Same, Worse};
    let site = "busy-week";
    let figures = vec![
        figure(
            ["site", site, "slot_hours_offered", "slot-hours"],
            [(864.0, 0.0), (1134.0, 0.0), (270.0, 0.0)],
            Worse,
        ),
        figure(
            ["site", site, "resizes", "count"],
            [(0.0, 0.0), (12.0, 0.0), (12.0, 0.0)],
            Worse,
        ),
        figure(
            ["pool", "warehouse", "pool_wait_mean", "s"],
            [(31.0, 3.2), (2.1, 0.4), (-28.9, 3.0)],
            Better,
        ),
        figure(
            ["pool", "warehouse", "pool_wait_p95", "s"],
            [(90.5, 9.0), (12.5, 2.0), (-78.0, 9.0)],
            Better,
        ),
        figure(
            ["pool", "api", "pool_wait_p95", "s"],
            [(4.0, 0.5), (4.0, 0.5), (0.0, 0.0)],
            Same,
        ),
        figure(
            ["dag", "etl", "makespan_p95", "s"],
            [(1_400.0, 60.0), (1_390.0, 61.0), (-10.0, 12.0)],
            NoneShown,
        ),
        figure(
            ["dag", "etl", "missed_deadlines", "share"],
            [(0.12, 0.03), (0.07, 0.02), (-0.05, 0.02)],
            Better,
        ),
    ];
    let comparison = Comparison {
        replications: 10,
        level: 0.95,
        precision: None,
        policies: vec![
            policy("as_is", interval(90.5, 9.0), false),
            policy("office", interval(12.5, 2.0), true),
            policy("cautious", interval(90.5, 9.0), false),
        ],
        figures,
    };
    ComparisonReport {
        scenario: site.into(),
        description: None,
        seed: 42,
        mode: "airflow",
        window: WindowText::of(&first_hour()),
        warm_up: None,
        comparison,
        measured: first_hour(),
    }
}

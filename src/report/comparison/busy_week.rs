//! A comparison for tests, made by hand.

use super::{Compared, ComparisonReport};
use crate::experiment::{
    Alternative, Comparison, Difference, DifferenceVerdict, Estimate, Figure, Outlook, Pair,
    Verdict,
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
    let little = interval(first.half_width / 10.0, first.half_width / 5.0);
    let back = interval(-difference.mean, difference.half_width);
    let [decided, little, back] = [
        judged(difference, verdict),
        judged(little, DifferenceVerdict::NoneShown),
        judged(back, opposite(verdict)),
    ];
    let estimates = vec![
        estimate(first, None),
        estimate(second, Some(decided)),
        estimate(first, Some(little)),
    ];
    let pair = |of, against, difference| Pair {
        of,
        against,
        difference,
    };
    let pairs = vec![pair(1, 0, decided), pair(2, 0, little), pair(2, 1, back)];
    Figure {
        kind,
        name: name.into(),
        indicator: indicator.into(),
        unit,
        estimates,
        pairs,
    }
}

fn judged(interval: Interval, verdict: DifferenceVerdict) -> Difference {
    let varies = interval.half_width > 0.0;
    let (p_value, outlook) = match verdict {
        DifferenceVerdict::NoneShown if interval.half_width > 10.0 => (0.4, Outlook::Hopeless),
        DifferenceVerdict::NoneShown => (0.4, Outlook::More(35)),
        _ if varies => (0.001, Outlook::Decided),
        _ => (0.0, Outlook::Decided),
    };
    Difference {
        interval,
        correlation: varies.then_some(0.9),
        variance_reduction: varies.then_some(12.5),
        p_value: Some(p_value),
        verdict,
        outlook,
    }
}

fn opposite(verdict: DifferenceVerdict) -> DifferenceVerdict {
    match verdict {
        DifferenceVerdict::Better => DifferenceVerdict::Worse,
        DifferenceVerdict::Worse => DifferenceVerdict::Better,
        other => other,
    }
}

fn policy(name: &str, p95: Interval, met: bool) -> Alternative {
    let objective = Verdict {
        what: "pool warehouse, pool_wait_p95".into(),
        unit: "s",
        value: Some(p95),
        bound: Bound::AtMost(60.0),
        met,
    };
    Alternative {
        name: name.into(),
        objectives: vec![objective],
    }
}

const SITE: &str = "busy-week";

fn figures() -> Vec<Figure> {
    use DifferenceVerdict::{Better, NoneShown, Same, Worse};
    vec![
        figure(
            ["site", SITE, "slot_hours_offered", "slot-hours"],
            [(864.0, 0.0), (1134.0, 0.0), (270.0, 0.0)],
            Worse,
        ),
        figure(
            ["site", SITE, "cost", "currency"],
            [(412.5, 31.0), (380.25, 12.0), (-32.25, 24.0)],
            Better,
        ),
        figure(
            ["site", SITE, "resizes", "count"],
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
    ]
}

/// Three policies, of which the second is better and dearer.
pub(in crate::report) fn report() -> ComparisonReport {
    let comparison = Comparison {
        replications: 10,
        level: 0.95,
        precision: None,
        alternatives: vec![
            policy("as_is", interval(90.5, 9.0), false),
            policy("office", interval(12.5, 2.0), true),
            policy("cautious", interval(90.5, 9.0), false),
        ],
        figures: figures(),
    };
    ComparisonReport {
        compared: Compared::Policies,
        scenario: SITE.into(),
        description: None,
        seed: 42,
        mode: "airflow",
        currency: Some("EUR".into()),
        window: WindowText::of(&first_hour()),
        warm_up: None,
        comparison,
        measured: first_hour(),
        until_done: false,
    }
}

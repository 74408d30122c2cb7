//! A sweep seen along one factor: which points lie on one curve, and where.

use super::{SweepLine, SweepReport};

/// Curves of points that differ in one factor alone.
pub(in crate::report) struct Curves<'a> {
    /// The factor: its path, or `point` where no factor has a curve.
    pub(in crate::report) factor: &'a str,
    /// Its values in their order, each with its place on the axis.
    pub(in crate::report) ticks: Vec<(f64, String)>,
    /// The curves in the order of the points.
    pub(in crate::report) list: Vec<Curve<'a>>,
}

/// Points that differ in the factor alone.
pub(in crate::report) struct Curve<'a> {
    /// What they have in common, in words; nothing if there is nothing else.
    pub(in crate::report) label: String,
    /// The points in the order of the axis.
    pub(in crate::report) points: Vec<(f64, &'a SweepLine)>,
}

impl<'a> Curves<'a> {
    /// Along the factor with the most values; of several, the last, which changes fastest.
    pub(in crate::report) fn of(report: &'a SweepReport) -> Self {
        let factors = &report.heading.factors;
        let count = |&factor: &usize| values_of(report, factor).len();
        let longest = (0..factors.len()).max_by_key(count);
        let along = longest.map(|factor| Self::along(report, factor));
        // The points of a list may have nothing in common.
        along
            .filter(|curves| curves.list.iter().any(|curve| curve.points.len() > 1))
            .unwrap_or_else(|| Self::by_point(report))
    }

    fn along(report: &'a SweepReport, factor: usize) -> Self {
        let ticks = ticks(values_of(report, factor));
        let place = |value: &str| {
            ticks
                .iter()
                .find(|(_, text)| text == value)
                .map(|tick| tick.0)
        };
        let mut list: Vec<Curve<'a>> = Vec::new();
        for line in &report.lines {
            let Some(at) = line.values[factor].as_deref().and_then(place) else {
                continue;
            };
            add(&mut list, label(report, line, Some(factor)), at, line);
        }
        for curve in &mut list {
            curve.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        Self {
            factor: &report.heading.factors[factor],
            ticks,
            list,
        }
    }

    fn by_point(report: &'a SweepReport) -> Self {
        let mut list = Vec::new();
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for line in &report.lines {
            let at = line.point as f64;
            if ticks.last().is_none_or(|tick| tick.0 < at) {
                ticks.push((at, line.point.to_string()));
            }
            let policy = line.policy.as_ref().filter(|_| report.has_policies());
            add(&mut list, policy.cloned().unwrap_or_default(), at, line);
        }
        Self {
            factor: "point",
            ticks,
            list,
        }
    }
}

fn add<'a>(list: &mut Vec<Curve<'a>>, label: String, at: f64, line: &'a SweepLine) {
    match list.iter_mut().find(|curve| curve.label == label) {
        Some(curve) => curve.points.push((at, line)),
        None => list.push(Curve {
            label,
            points: vec![(at, line)],
        }),
    }
}

/// What a line sets besides the factor, and its policy.
fn label(report: &SweepReport, line: &SweepLine, besides: Option<usize>) -> String {
    let factors = report.heading.factors.iter().enumerate();
    let others = factors.filter(|(at, _)| Some(*at) != besides);
    let set = others.filter_map(|(at, path)| Some(format!("{path} {}", line.values[at].as_ref()?)));
    let policy = line.policy.clone().filter(|_| report.has_policies());
    set.chain(policy).collect::<Vec<_>>().join(", ")
}

/// The different values of a factor, in the order of the points.
pub(in crate::report) fn values_of(report: &SweepReport, factor: usize) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for value in report
        .lines
        .iter()
        .filter_map(|line| line.values[factor].as_deref())
    {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// Numbers stand where they belong, other values beside each other.
fn ticks(values: Vec<&str>) -> Vec<(f64, String)> {
    let number = |value: &str| value.parse().ok().filter(|number: &f64| number.is_finite());
    let numbers: Option<Vec<f64>> = values.iter().map(|value| number(value)).collect();
    let places = numbers.unwrap_or_else(|| (0..values.len()).map(|at| at as f64).collect());
    let texts = values.into_iter().map(String::from);
    let mut ticks: Vec<_> = places.into_iter().zip(texts).collect();
    ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::tests::report;

    fn shape(curves: &Curves<'_>) -> Vec<(String, Vec<(f64, usize)>)> {
        let points = |curve: &Curve<'_>| {
            curve
                .points
                .iter()
                .map(|&(at, line)| (at, line.point))
                .collect()
        };
        let list = curves.list.iter();
        list.map(|curve| (curve.label.clone(), points(curve)))
            .collect()
    }

    #[test]
    fn points_that_differ_in_one_factor_alone_are_a_curve() {
        let points: [(&[&str], usize); 6] = [
            (&["1", "8"], 1),
            (&["1", "4"], 1),
            (&["1", "2"], 0),
            (&["2", "8"], 1),
            (&["2", "4"], 1),
            (&["2", "2"], 0),
        ];
        let grid = report(&["scale.arrivals", "pools.a.slots"], &points);
        let curves = Curves::of(&grid);
        assert_eq!(curves.factor, "pools.a.slots");
        assert_eq!(
            shape(&curves),
            [
                (
                    "scale.arrivals 1".into(),
                    vec![(2.0, 2), (4.0, 1), (8.0, 0)]
                ),
                (
                    "scale.arrivals 2".into(),
                    vec![(2.0, 5), (4.0, 4), (8.0, 3)]
                ),
            ]
        );
    }

    #[test]
    fn points_without_anything_in_common_stand_side_by_side() {
        let points: [(&[&str], usize); 2] = [(&["1", "8"], 1), (&["2", "4"], 1)];
        let list = report(&["scale.arrivals", "pools.a.slots"], &points);
        let curves = Curves::of(&list);
        assert_eq!(curves.factor, "point");
        assert_eq!(shape(&curves), [(String::new(), vec![(0.0, 0), (1.0, 1)])]);
    }

    #[test]
    fn values_that_are_no_numbers_keep_their_order() {
        let text =
            |ticks: Vec<(f64, String)>| ticks.into_iter().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(text(ticks(vec!["10", "9.5", "-1"])), ["-1", "9.5", "10"]);
        assert_eq!(text(ticks(vec!["10m", "5m", "inf"])), ["10m", "5m", "inf"]);
    }
}

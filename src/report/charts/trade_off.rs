//! What does a shorter wait cost? Each alternative by what it spends and how long work waits, with the frontier of those
//! that no other beats in both.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::frontier::{frontier, staircase};
use super::interval_rows::{ends, usual_reach};
use super::labels::{Area, draw_labels};
use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, FRONTIER, GRID, TEXT};
use super::point::{Shape, draw_point};
use super::value_axis::ValueAxis;
use super::{ChartError, Page};
use crate::experiment::{Comparison, Figure};
use crate::report::ComparisonReport;
use crate::report::comparison::of_site;
use crate::report::estimate_text::mean_text;
use crate::stats::interval::Interval;

const SIZE: (u32, u32) = (1_000, 620);
const LEFT: i32 = 70;
const RIGHT: i32 = 20;
const BOTTOM: i32 = 52;
const TOP: i32 = 24;
/// Free space at the ends of an axis, as a share of its length.
const ROOM: f64 = 0.08;

/// A page with a point for each alternative.
pub(super) struct TradeOffChart<'a> {
    report: &'a ComparisonReport,
    spent: &'a Figure,
    waited: &'a Figure,
}

impl<'a> TradeOffChart<'a> {
    /// None where nothing is traded: a single alternative, no limited pool, or none that anybody waits for.
    pub(super) fn of(report: &'a ComparisonReport) -> Option<Self> {
        let comparison = &report.comparison;
        let cost = of_site(comparison, "cost");
        let spent = cost.or_else(|| of_site(comparison, "slot_hours_offered"))?;
        let waited = longest_wait(comparison)?;
        (comparison.alternatives.len() > 1).then_some(Self {
            report,
            spent,
            waited,
        })
    }

    fn spent_words(&self) -> String {
        match (self.spent.indicator.as_str(), &self.report.currency) {
            ("cost", Some(currency)) => format!("cost, {currency}"),
            ("cost", None) => "cost".into(),
            _ => "slot-hours offered".into(),
        }
    }

    /// The alternatives that have both values, by position.
    fn points(&self) -> Vec<(usize, Interval, Interval)> {
        let both = self.spent.estimates.iter().zip(&self.waited.estimates);
        both.enumerate()
            .map(|(at, (spent, waited))| (at, spent.interval, waited.interval))
            .filter(|(_, spent, waited)| spent.mean.is_finite() && waited.mean.is_finite())
            .collect()
    }
}

impl Page for TradeOffChart<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let comparison = &self.report.comparison;
        let subtitle = format!(
            "{}, {} replications, crosses are {} % confidence intervals; down and to the left is better",
            self.report.scenario,
            comparison.replications,
            comparison.level * 100.0
        );
        let legend = [
            LegendEntry::line("frontier: no other is better in both means", FRONTIER),
            LegendEntry::point("on it", FRONTIER, Shape::Disc),
            LegendEntry::point("beaten in both by another", FAINT_TEXT, Shape::Ring),
        ];
        let place = head(root, "What does a shorter wait cost?", &subtitle, &legend)?;
        self.draw_plot(&place)
    }
}

/// Where values stand within a place.
struct Plot<'a> {
    x_axis: ValueAxis<'a>,
    y_axis: ValueAxis<'a>,
    /// What waits longer is not on the axis.
    longest: f64,
    across: (i32, i32),
    up: (i32, i32),
}

impl Plot<'_> {
    fn place(&self, (spent, waited): (f64, f64)) -> (i32, i32) {
        let waited = waited.clamp(0.0, self.longest);
        let x = self.x_axis.map(&spent, self.across);
        (x, self.y_axis.map(&waited, self.up))
    }
}

impl TradeOffChart<'_> {
    fn draw_plot<DB: DrawingBackend>(
        &self,
        place: &DrawingArea<DB, Shift>,
    ) -> Result<(), ChartError> {
        let points = self.points();
        let (width, height) = place.dim_in_pixel();
        let (cheapest, dearest) = range(points.iter().map(|one| one.1), false);
        let (shortest, longest) = range(points.iter().map(|one| one.2), true);
        let plot = Plot {
            x_axis: ValueAxis::between(self.spent.unit, cheapest, dearest),
            y_axis: ValueAxis::between(self.waited.unit, shortest, longest),
            longest,
            across: (LEFT, width as i32 - RIGHT),
            up: (height as i32 - BOTTOM, TOP),
        };
        self.draw_axes(place, &plot)?;
        let means: Vec<(f64, f64)> = points.iter().map(|one| (one.1.mean, one.2.mean)).collect();
        let best = frontier(&means);
        let steps = staircase(&means, &best).into_iter();
        let steps: Vec<_> = steps.map(|step| plot.place(step)).collect();
        let lines: Vec<Area> = steps
            .windows(2)
            .map(|ends| around(ends[0], ends[1]))
            .collect();
        place.draw(&PathElement::new(steps, FRONTIER.stroke_width(2)))?;
        for (at, (_, spent, waited)) in points.iter().enumerate() {
            draw_cross(place, &plot, (spent, waited), best.contains(&at))?;
        }
        let texts: Vec<String> = points.iter().map(|one| self.text(one, longest)).collect();
        let places: Vec<_> = means.iter().map(|&mean| plot.place(mean)).collect();
        let frame = [plot.across.0, plot.up.1 - 12, plot.across.1, plot.up.0];
        draw_labels(place, &texts, &places, &lines, frame)
    }

    /// The name of a point, with the value where that is not on the axis.
    fn text(&self, (at, _, waited): &(usize, Interval, Interval), longest: f64) -> String {
        let name = &self.report.comparison.alternatives[*at].name;
        if waited.mean > longest {
            let value = mean_text(waited, self.waited.unit);
            format!("{name} (far above: {value})")
        } else {
            name.clone()
        }
    }

    fn draw_axes<DB: DrawingBackend>(
        &self,
        place: &DrawingArea<DB, Shift>,
        plot: &Plot<'_>,
    ) -> Result<(), ChartError> {
        let (across, up) = (plot.across, plot.up);
        let style = |horizontal, vertical| text(12, TEXT).pos(Pos::new(horizontal, vertical));
        for tick in plot.x_axis.key_points(BoldPoints(10)) {
            let x = plot.x_axis.map(&tick, across);
            let below = style(HPos::Center, VPos::Top);
            place.draw(&PathElement::new([(x, up.0), (x, up.1)], GRID))?;
            place.draw_text(&plot.x_axis.format_ext(&tick), &below, (x, up.0 + 6))?;
        }
        for tick in plot.y_axis.key_points(BoldPoints(10)) {
            let y = plot.y_axis.map(&tick, up);
            let before = style(HPos::Right, VPos::Center);
            place.draw(&PathElement::new([(across.0, y), (across.1, y)], GRID))?;
            place.draw_text(&plot.y_axis.format_ext(&tick), &before, (across.0 - 8, y))?;
        }
        let waits = format!("{}, p95 of the wait for a slot", self.waited.name);
        place.draw_text(&waits, &text(12, FAINT_TEXT), (0, 0))?;
        let below = text(12, FAINT_TEXT).pos(Pos::new(HPos::Right, VPos::Top));
        place.draw_text(&self.spent_words(), &below, (across.1, up.0 + 26))?;
        Ok(())
    }
}

/// A point with both of its intervals.
fn draw_cross<DB: DrawingBackend>(
    place: &DrawingArea<DB, Shift>,
    plot: &Plot<'_>,
    (spent, waited): (&Interval, &Interval),
    is_best: bool,
) -> Result<(), ChartError> {
    let (color, shape) = if is_best {
        (FRONTIER, Shape::Disc)
    } else {
        (FAINT_TEXT, Shape::Ring)
    };
    let ((left, right), (low, high)) = (ends(spent), ends(waited));
    let arms = [
        [(left, waited.mean), (right, waited.mean)],
        [(spent.mean, low), (spent.mean, high)],
    ];
    for arm in arms {
        let arm = arm.map(|end| plot.place(end));
        place.draw(&PathElement::new(arm, color.stroke_width(1)))?;
    }
    draw_point(place, plot.place((spent.mean, waited.mean)), shape, color)
}

/// What a line covers.
fn around(from: (i32, i32), to: (i32, i32)) -> Area {
    [
        from.0.min(to.0) - 2,
        from.1.min(to.1) - 2,
        from.0.max(to.0) + 2,
        from.1.max(to.1) + 2,
    ]
}

/// The pool that is waited for longest under the baseline.
fn longest_wait(comparison: &Comparison) -> Option<&Figure> {
    let wait = |figure: &Figure| figure.estimates[0].interval.mean;
    let figures = comparison.figures.iter();
    let waits = figures.filter(|one| one.kind == "pool" && one.indicator == "pool_wait_p95");
    let known = waits.filter(|one| wait(one) > 0.0);
    known.max_by(|a, b| wait(a).total_cmp(&wait(b)))
}

/// The ends of an axis that all intervals fit on; waits begin at nothing, money rarely does.
fn range(intervals: impl Iterator<Item = Interval>, from_zero: bool) -> (f64, f64) {
    let all: Vec<(f64, f64)> = intervals.map(|one| ends(&one)).collect();
    let farthest = if from_zero {
        usual_reach(all.iter().map(|ends| ends.1))
    } else {
        f64::INFINITY
    };
    let shown = all.iter().filter(|ends| ends.1 <= farthest);
    let (low, high) = shown.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), ends| {
        (low.min(ends.0), high.max(ends.1))
    });
    let low = if from_zero || !low.is_finite() {
        0.0
    } else {
        low
    };
    let room = if high > low { (high - low) * ROOM } else { 1.0 };
    let from = if from_zero {
        0.0
    } else {
        (low - room).max(0.0)
    };
    (from, high + room)
}

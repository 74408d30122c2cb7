//! The shape of a sweep: how many points it has, and what it may vary.
//!
//! Whether a value fits its place is found out where the point is read: see [`crate::scenario::Points`].

use super::Builder;
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::Located;
use crate::scenario::syntax::SweepSyntax;

/// More points than this are not planned by anybody.
const MAX_POINTS: usize = 100_000;

/// What says how the points are simulated, so that it is the same at all of them.
const FIXED: [&str; 7] = [
    "description",
    "level",
    "name",
    "precision",
    "replications",
    "seed",
    "sweep",
];

impl Builder<'_> {
    /// How many points the sweep has; none if there is no sweep, or none that can be carried out.
    pub(super) fn points(&mut self) -> Option<usize> {
        let sweep = self.syntax.sweep.as_ref()?;
        match &sweep.value {
            SweepSyntax::Grid(factors) => {
                for (path, values) in factors {
                    self.factor(path);
                    if values.value.is_empty() {
                        self.empty_sweep(values.span, "the factor has no value");
                    }
                }
            }
            SweepSyntax::Points(points) => {
                for point in points {
                    point.value.keys().for_each(|path| self.factor(path));
                    if point.value.is_empty() {
                        self.empty_sweep(point.span, "the point sets nothing");
                    }
                }
            }
        }
        let count = sweep.value.points();
        match count {
            Some(0) => {}
            Some(1..=MAX_POINTS) => return count,
            _ => {
                let message = format!("the sweep has more than {MAX_POINTS} points");
                let problem = Diagnostic::error("sweep::too_many_points", message);
                let help = "a grid has every combination of its values; a list names each point";
                self.report(problem.label(sweep.span, "").help(help));
            }
        }
        if sweep.value.is_empty() {
            self.empty_sweep(sweep.span, "the sweep varies nothing");
        }
        None
    }

    fn empty_sweep(&mut self, span: Span, message: &str) {
        self.report(Diagnostic::error("sweep::empty", message).label(span, ""));
    }

    fn factor(&mut self, path: &Located<String>) {
        let first = path.value.split(['.', '"']).find(|name| !name.is_empty());
        if let Some(name) = first.filter(|name| FIXED.contains(name)) {
            let message = format!("`{name}` cannot vary: it is the same at all points of a sweep");
            self.report(Diagnostic::error("sweep::fixed", message).label(path.span, ""));
        }
    }
}

impl SweepSyntax {
    /// How many points there are; none if the number is beyond counting.
    fn points(&self) -> Option<usize> {
        match self {
            Self::Grid(factors) if factors.is_empty() => Some(0),
            Self::Grid(factors) => {
                let mut counts = factors.values().map(|values| values.value.len());
                counts.try_fold(1, usize::checked_mul)
            }
            Self::Points(points) => Some(points.len()),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Grid(factors) => factors.is_empty(),
            Self::Points(points) => points.is_empty(),
        }
    }
}

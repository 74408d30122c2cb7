//! An axis of a factor's values: ticks only where points are, labelled as they are written in the scenario.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// The labels that stand below an axis without touching each other.
const MAX_LABELS: usize = 16;

/// From the first tick to the last.
pub(super) struct FactorAxis {
    ticks: Vec<(f64, String)>,
    from: f64,
    to: f64,
}

impl FactorAxis {
    /// An axis with these ticks, which are in their order.
    pub(super) fn new(ticks: &[(f64, String)]) -> Self {
        let from = ticks.first().map_or(0.0, |tick| tick.0);
        let to = ticks.last().map_or(from, |tick| tick.0);
        let every = ticks.len().div_ceil(MAX_LABELS).max(1);
        Self {
            ticks: ticks.iter().step_by(every).cloned().collect(),
            from,
            // A single value has a whole axis to itself.
            to: if to > from { to } else { from + 1.0 },
        }
    }
}

impl Ranged for FactorAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.from) / (self.to - self.from);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|tick| tick.0).collect()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for FactorAxis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self
            .ticks
            .iter()
            .find(|tick| tick.0.total_cmp(value).is_eq());
        tick.map_or_else(String::new, |tick| tick.1.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_they_belong() {
        let ticks = [
            (2.0, "2".to_owned()),
            (4.0, "4".into()),
            (12.0, "12".into()),
        ];
        let axis = FactorAxis::new(&ticks);
        assert_eq!(
            ticks.clone().map(|tick| axis.map(&tick.0, (0, 100))),
            [0, 20, 100]
        );
        assert_eq!(axis.format_ext(&12.0), "12");
        let alone = FactorAxis::new(&ticks[..1]);
        assert_eq!(alone.map(&2.0, (0, 100)), 0);
    }
}

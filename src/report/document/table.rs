//! Tables of a report: numbers carry the value by which a reader may sort them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::duration_text;
use crate::report::estimate_text::estimate_text;
use crate::report::headline::percent;
use crate::stats::interval::Interval;

/// A table with a caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns; the first names the rows.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// What it means.
    pub meaning: String,
}

/// What stands in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// As it is read.
    pub text: String,
    /// What it is sorted by; text if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// A share from 0 to 1 that is shown as a bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bar: Option<f64>,
}

impl Table {
    pub(in crate::report) fn new(caption: &str, columns: &[(&str, &str)]) -> Self {
        let columns = columns.iter();
        let owned = columns.map(|&(name, meaning)| (name.to_owned(), meaning.to_owned()));
        Self::owned(caption, owned.collect())
    }

    /// The same with columns that are named by the scenario.
    pub(in crate::report) fn owned(caption: &str, columns: Vec<(String, String)>) -> Self {
        let columns = columns.into_iter();
        Self {
            caption: caption.into(),
            columns: columns
                .map(|(name, meaning)| Column { name, meaning })
                .collect(),
            rows: Vec::new(),
        }
    }

    pub(in crate::report) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl Cell {
    pub(in crate::report) fn name(text: &str) -> Self {
        Self::text(text.to_owned())
    }

    pub(in crate::report) fn text(text: String) -> Self {
        Self {
            text,
            value: None,
            bar: None,
        }
    }

    /// A text that is sorted by a number.
    pub(in crate::report) fn sorted(text: String, value: f64) -> Self {
        // JSON knows no infinite numbers.
        let value = value.clamp(f64::MIN, f64::MAX);
        Self {
            text,
            value: Some(value).filter(|value| !value.is_nan()),
            bar: None,
        }
    }

    pub(in crate::report) fn count(count: u64) -> Self {
        Self::sorted(count.to_string(), count as f64)
    }

    /// A duration in seconds, if there is one.
    pub(in crate::report) fn seconds(value: Option<f64>) -> Self {
        value.map_or_else(Self::nothing, |value| {
            Self::sorted(duration_text(value), value)
        })
    }

    /// A share from 0 to 1, if there is one.
    pub(in crate::report) fn share(value: Option<f64>) -> Self {
        value.map_or_else(Self::nothing, |value| Self::sorted(percent(value), value))
    }

    /// A share with a bar of that length.
    pub(in crate::report) fn bar(value: Option<f64>) -> Self {
        Self {
            bar: value,
            ..Self::share(value)
        }
    }

    /// A mean with its confidence interval, in that unit.
    pub(in crate::report) fn interval(value: &Interval, unit: &str) -> Self {
        Self::sorted(estimate_text(value, unit), value.mean)
    }

    /// What is not defined; it comes first.
    pub(in crate::report) fn nothing() -> Self {
        Self::sorted("–".into(), f64::NEG_INFINITY)
    }

    /// Whether there is a number to compare.
    pub(super) fn number(&self) -> Option<f64> {
        self.value.filter(|&value| value > f64::MIN)
    }
}

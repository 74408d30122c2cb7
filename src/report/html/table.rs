//! Tables of a page: numbers carry the value by which a reader may sort them.

use std::fmt::Write as _;

use super::page::{escape, marked_up};
use crate::report::duration_text;
use crate::report::estimate_text::estimate_text;
use crate::report::headline::percent;
use crate::stats::interval::Interval;

/// A table with a caption.
pub(super) struct HtmlTable {
    caption: String,
    /// The names of columns, each with what it means.
    columns: Vec<(String, String)>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in one place.
pub(super) struct Cell {
    text: String,
    /// What it is sorted by; text if none.
    value: Option<f64>,
    bar: Option<f64>,
}

impl HtmlTable {
    pub(super) fn new(caption: &str, columns: &[(&str, &str)]) -> Self {
        let columns = columns.iter();
        let owned = columns.map(|&(name, meaning)| (name.to_owned(), meaning.to_owned()));
        Self::owned(caption, owned.collect())
    }

    /// The same with columns that are named by the scenario.
    pub(super) fn owned(caption: &str, columns: Vec<(String, String)>) -> Self {
        Self {
            caption: caption.into(),
            columns,
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn write(&self, html: &mut String) {
        // Wide tables scroll within the page, which itself never does.
        let _ = write!(
            html,
            "<div class=\"wide\" tabindex=\"0\"><table>\n<caption>{}</caption>\n<thead><tr>",
            marked_up(&self.caption)
        );
        for (name, meaning) in &self.columns {
            let (name, meaning) = (escape(name), escape(meaning));
            let _ = write!(html, "<th scope=\"col\" title=\"{meaning}\">{name}</th>");
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for cell in row {
                cell.write(html);
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
    }
}

impl Cell {
    pub(super) fn name(text: &str) -> Self {
        Self::text(text.to_owned())
    }

    pub(super) fn text(text: String) -> Self {
        Self {
            text,
            value: None,
            bar: None,
        }
    }

    /// A text that is sorted by a number.
    pub(super) fn sorted(text: String, value: f64) -> Self {
        Self {
            text,
            value: Some(value),
            bar: None,
        }
    }

    pub(super) fn count(count: u64) -> Self {
        Self::sorted(count.to_string(), count as f64)
    }

    /// A duration in seconds, if there is one.
    pub(super) fn seconds(value: Option<f64>) -> Self {
        value.map_or_else(Self::nothing, |value| {
            Self::sorted(duration_text(value), value)
        })
    }

    /// A share from 0 to 1, if there is one.
    pub(super) fn share(value: Option<f64>) -> Self {
        value.map_or_else(Self::nothing, |value| Self::sorted(percent(value), value))
    }

    /// A share with a bar of that length.
    pub(super) fn bar(value: Option<f64>) -> Self {
        Self {
            bar: value,
            ..Self::share(value)
        }
    }

    /// A mean with its confidence interval, in that unit.
    pub(super) fn interval(value: &Interval, unit: &str) -> Self {
        Self::sorted(estimate_text(value, unit), value.mean)
    }

    /// What is not defined; it comes first.
    pub(super) fn nothing() -> Self {
        Self::sorted("–".into(), f64::NEG_INFINITY)
    }

    fn write(&self, html: &mut String) {
        let text = escape(&self.text);
        match (self.value, self.bar) {
            (None, _) => {
                let _ = write!(html, "<td>{text}</td>");
            }
            (Some(value), None) => {
                let value = if value.is_finite() { value } else { f64::MIN };
                let _ = write!(
                    html,
                    "<td class=\"number\" data-value=\"{value}\">{text}</td>"
                );
            }
            (Some(value), Some(bar)) => {
                let width = (bar.clamp(0.0, 1.0) * 100.0).round();
                let _ = write!(
                    html,
                    "<td class=\"number bar\" data-value=\"{value}\" style=\"--share:{width}%\">{text}</td>"
                );
            }
        }
    }
}

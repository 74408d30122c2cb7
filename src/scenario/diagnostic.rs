//! What is wrong with a scenario, where, and what to do about it.
//!
//! A diagnostic is a value: the reader collects as many as it finds, and only [`super::render`] makes text of them.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// The scenario can be used, but probably says what nobody meant.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name to look up and to test for, such as `pool::unknown`.
    pub code: &'static str,
    /// What is wrong, with the names and values at fault in backticks.
    pub message: String,
    /// Where; the first label is the place itself, the others belong to it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a text, and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words under the carets; may be empty.
    pub text: String,
}

/// A stretch of bytes of the scenario file, or of one `--set PATH=VALUE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The text by position in [`Diagnostics::sources`]: 0 is the scenario file, n the n-th setting.
    pub source: u32,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// A text that spans point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name to show: a path, or `--set`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Everything that was found, with the texts it points into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// The problems: errors first, each kind in the order of the file.
    pub list: Vec<Diagnostic>,
    /// The scenario file, then the settings.
    pub sources: Vec<Source>,
}

impl Diagnostic {
    /// An error that is not located yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// A warning that is not located yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// The same with one more place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with advice, if there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

impl Diagnostics {
    /// Whether anything makes the scenario unusable.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|d| d.severity == Severity::Error)
    }

    /// The line of a place, counted from 1.
    pub fn line_of(&self, span: Span) -> usize {
        line_of(&self.sources, span)
    }

    /// Errors first, each kind by its place; problems without a place come last of their kind.
    pub(crate) fn sort(&mut self) {
        self.list.sort_by_key(|d| {
            let place = d.labels.first().map(|label| label.span);
            (
                d.severity,
                place.map_or((u32::MAX, 0), |s| (s.source, s.start)),
            )
        });
    }
}

/// The line of a place, counted from 1.
pub(crate) fn line_of(sources: &[Source], span: Span) -> usize {
    let text = sources
        .get(span.source as usize)
        .map_or("", |s| s.text.as_str());
    let before = text.get(..span.start as usize).unwrap_or_default();
    1 + before.matches('\n').count()
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(super::Color::Plain))
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_before_warnings_and_each_kind_in_the_order_of_the_file() {
        let at = |start| Span {
            source: 0,
            start,
            end: start + 1,
        };
        let mut found = Diagnostics {
            list: vec![
                Diagnostic::warning("w", "first").label(at(0), ""),
                Diagnostic::error("b", "second").label(at(9), ""),
                Diagnostic::error("a", "first").label(at(3), ""),
            ],
            sources: Vec::new(),
        };
        found.sort();
        let codes: Vec<_> = found.list.iter().map(|d| d.code).collect();
        assert_eq!(codes, ["a", "b", "w"]);
    }

    #[test]
    fn lines_count_from_one() {
        let sources = [Source {
            name: "x.yaml".into(),
            text: "a\nb\nc".into(),
        }];
        let span = Span {
            source: 0,
            start: 4,
            end: 5,
        };
        assert_eq!(line_of(&sources, span), 3);
    }
}

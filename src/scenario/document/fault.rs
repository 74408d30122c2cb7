//! The error of typing: a diagnostic that finds its place on the way up through the tree.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::near;

/// What the typed reader stops at; the innermost value on the way gives it its place.
#[derive(Debug)]
pub(crate) struct Fault(Box<Diagnostic>);

impl Fault {
    /// The diagnostic.
    pub(crate) fn into_diagnostic(self) -> Diagnostic {
        *self.0
    }

    /// The same at this place, unless it has one already.
    pub(super) fn at(mut self, span: Span) -> Self {
        if self.0.labels.is_empty() {
            let text = match self.0.code {
                "syntax::unknown_key" => "not known here",
                _ => "",
            };
            *self.0 = self.0.label(span, text);
        }
        self
    }

    fn new(code: &'static str, message: String) -> Self {
        Self(Box::new(Diagnostic::error(code, message)))
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }
}

/// A message for [`de::Error::custom`] whose second line is advice.
pub(crate) fn hinted(message: &str, help: &str) -> String {
    format!("{message}\n{help}")
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        match text.split_once('\n') {
            Some((message, help)) => Self::new("syntax::invalid_value", message.into()).help(help),
            None => Self::new("syntax::invalid_value", text),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = in_plain_words(&expected.to_string());
        let found = shown(found);
        Self::new(
            "syntax::wrong_type",
            format!("expected {expected}, found {found}"),
        )
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = in_plain_words(&expected.to_string());
        let found = shown(found);
        Self::new(
            "syntax::invalid_value",
            format!("expected {expected}, found {found}"),
        )
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new("syntax::unknown_key", format!("unknown key `{field}`"))
            .help(near::suggestion(field, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new("syntax::unknown_kind", format!("unknown kind `{variant}`"))
            .help(near::suggestion(variant, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(
            "syntax::missing_key",
            format!("the key `{field}` is missing"),
        )
    }
}

/// The names of Rust's types in words for people.
fn in_plain_words(expected: &str) -> String {
    let integer = |from: &str, to: &str| format!("a whole number from {from} to {to}");
    match expected {
        "u32" => integer("0", "4294967295"),
        "i32" => integer("-2147483648", "2147483647"),
        "u64" => integer("0", "18446744073709551615"),
        "i64" => "a whole number".into(),
        "f64" => "a number".into(),
        "a string" => "a text".into(),
        "a boolean" => "`true` or `false`".into(),
        other if other.starts_with("struct ") => "a map of keys and values".into(),
        other => other.into(),
    }
}

fn shown(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number `{value}`"),
        Unexpected::Signed(value) => format!("the number `{value}`"),
        Unexpected::Float(value) => format!("the number `{value}`"),
        Unexpected::Str(value) => format!("the text `{value}`"),
        Unexpected::Unit | Unexpected::Option => "nothing".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a map".into(),
        other => other.to_string(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

//! YAML text to tree, and the YAML reader's errors to diagnostics.
//!
//! The reader keeps a budget, so that a file of nested aliases ends in an error instead of in exhausted memory, and
//! refuses a key that is given twice.

use serde_saphyr::Error;

use super::node::Node;
use crate::scenario::diagnostic::{Diagnostic, Span};

/// The largest scenario file that is read, in bytes.
const MAX_BYTES: usize = 16 << 20;
/// The most values that a scenario file may have after its aliases are expanded.
const MAX_NODES: usize = 1_000_000;

/// Reads a text; spans are shifted by `offset` bytes and point into source number `source`.
pub(crate) fn parse(text: &str, source: u32, offset: usize) -> Result<Node, Diagnostic> {
    if text.len() > MAX_BYTES {
        return Err(Diagnostic::error(
            "syntax::too_large",
            format!(
                "the text has {} bytes, the limit is {MAX_BYTES}",
                text.len()
            ),
        ));
    }
    let mut node: Node = serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| translate(&error, text, source, offset))?;
    node.relocate(source, offset as u32);
    Ok(node)
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 2 * MAX_NODES,
            max_total_scalar_bytes: MAX_BYTES,
        },
        strict_booleans: true,
        with_snippet: false,
    }
}

/// The YAML reader's error in our words and at its place.
fn translate(error: &Error, text: &str, source: u32, offset: usize) -> Diagnostic {
    let told = error.to_string();
    // The place is shown by the excerpt, so it need not be told, too.
    let reason = told.split(" at line ").next().unwrap_or(&told);
    let start = error
        .location()
        .map_or(0, |location| byte_of(&location, text));
    let rest = &text[start..];
    let word = rest
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(rest.len());
    let span = Span {
        source,
        start: (start + offset) as u32,
        end: (start + word + offset) as u32,
    };
    let problem = match innermost(error) {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or(&rest[..word]);
            Diagnostic::error(
                "syntax::duplicate_key",
                format!("the key `{key}` is given twice"),
            )
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            let message = format!(
                "the document is nested too deeply, or has more than {MAX_NODES} values once its aliases are expanded"
            );
            Diagnostic::error("syntax::too_large", message)
        }
        _ if rest.starts_with('*') => Diagnostic::error("syntax::yaml", reason)
            .help("a `*` begins an alias: put a cron expression into quotes"),
        _ => Diagnostic::error("syntax::yaml", reason),
    };
    problem.label(span, "")
}

/// What happened behind an alias comes wrapped.
fn innermost(mut error: &Error) -> &Error {
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } =
        error
    {
        error = inner;
    }
    error
}

/// Scan errors know their line and column (in characters, from 1) alone.
fn byte_of(location: &serde_saphyr::Location, text: &str) -> usize {
    let lines = text.split_inclusive('\n');
    let above: usize = lines
        .clone()
        .take(location.line().saturating_sub(1) as usize)
        .map(str::len)
        .sum();
    let line = &text[above.min(text.len())..];
    let column = location.column().saturating_sub(1) as usize;
    above
        + line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::super::node::{Entry, Value};
    use super::*;

    fn lookup<'a>(node: &'a Node, key: &str) -> &'a Entry {
        let Value::Map(map) = &node.value else {
            panic!("not a map")
        };
        &map[key]
    }

    fn shown(text: &str, span: Span) -> &str {
        &text[span.start as usize..span.end as usize]
    }

    #[test]
    fn every_value_knows_its_place_also_behind_other_letters() {
        let text = "é: 1\npools:\n  a: {slots: 12, note: \"x\"}\n";
        let tree = parse(text, 0, 0).unwrap();
        let pool = lookup(&lookup(&tree, "pools").node, "a");
        assert_eq!(shown(text, pool.key), "a");
        let slots = &lookup(&pool.node, "slots").node;
        assert_eq!(
            (shown(text, slots.span), &slots.value),
            ("12", &Value::Integer(12))
        );
    }

    #[test]
    fn a_value_behind_an_alias_lies_where_it_was_written() {
        let text = "a: &x 5\nb: *x\n";
        let tree = parse(text, 0, 0).unwrap();
        assert_eq!(lookup(&tree, "b").node.value, Value::Integer(5));
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let problem = parse("a: 1\nb: 2\na: 3\n", 0, 0).unwrap_err();
        assert_eq!(problem.code, "syntax::duplicate_key");
    }

    #[test]
    fn broken_yaml_is_shown_where_it_breaks() {
        let text = "a: é\nb: * * * * *\n";
        let problem = parse(text, 0, 0).unwrap_err();
        assert_eq!(shown(text, problem.labels[0].span), "*");
        assert!(problem.help.unwrap().contains("quotes"));
    }

    #[test]
    fn an_alias_bomb_ends_in_an_error() {
        let mut text = String::from("a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            let row = vec![below; 10].join(", ");
            text += &[
                "a",
                &level.to_string(),
                ": &a",
                &level.to_string(),
                " [",
                &row,
                "]\n",
            ]
            .concat();
        }
        let problem = parse(&text, 0, 0).unwrap_err();
        assert_eq!(problem.code, "syntax::too_large", "{}", problem.message);
    }
}

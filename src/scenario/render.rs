//! Diagnostics as text: a source excerpt with carets, in the manner of compilers.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Diagnostics, Severity, Source, Span};

/// Whether the text is for a terminal with colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Letters only.
    #[default]
    Plain,
    /// With ANSI colours.
    Ansi,
}

impl Diagnostics {
    /// All problems as text, an empty line between two, ending in a newline; empty if there are none.
    pub fn render(&self, color: Color) -> String {
        let renderer = match color {
            Color::Plain => Renderer::plain(),
            Color::Ansi => Renderer::styled(),
        };
        let parts: Vec<String> = self
            .list
            .iter()
            .map(|problem| render_one(&renderer, problem, &self.sources))
            .collect();
        parts.join("\n")
    }
}

fn render_one(renderer: &Renderer, problem: &Diagnostic, sources: &[Source]) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(problem.message.as_str())
        .id(problem.code);
    let mut group = annotate_snippets::Group::with_title(title);
    for (position, source) in sources.iter().enumerate() {
        let mut snippet = Snippet::source(source.text.as_str()).path(source.name.as_str());
        let mut has_label = false;
        for (at, label) in problem.labels.iter().enumerate() {
            if label.span.source as usize != position {
                continue;
            }
            let kind = if at == 0 {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let range = visible(&source.text, label.span);
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            snippet = snippet.annotation(kind.span(range).label(text));
            has_label = true;
        }
        if has_label {
            group = group.element(snippet);
        }
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut text = renderer.render(&[group]);
    text.push('\n');
    text
}

/// The part of a span that can be shown: inside the text, on whole characters, and on its first line alone.
fn visible(text: &str, span: Span) -> std::ops::Range<usize> {
    let start = floor_char(text, span.start as usize);
    let end = floor_char(text, span.end as usize).max(start);
    let first_line = text[start..end].lines().next().unwrap_or("");
    start..start + first_line.trim_end().len()
}

fn floor_char(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_an_excerpt_with_carets_and_advice() {
        let text = "pools: {warehouse: 4}\nload: {pool: warehose}\n";
        let start = text.find("warehose").unwrap() as u32;
        let span = Span {
            source: 0,
            start,
            end: start + 8,
        };
        let found = Diagnostics {
            list: vec![
                Diagnostic::error("pool::unknown", "no pool `warehose`")
                    .label(span, "no such pool")
                    .help("did you mean `warehouse` (line 1)?"),
            ],
            sources: vec![Source {
                name: "x.yaml".into(),
                text: text.into(),
            }],
        };
        insta::assert_snapshot!(found.render(Color::Plain), @r"
        error[pool::unknown]: no pool `warehose`
         --> x.yaml:2:14
          |
        2 | load: {pool: warehose}
          |              ^^^^^^^^ no such pool
          |
          = help: did you mean `warehouse` (line 1)?
        ");
        assert!(found.render(Color::Ansi).contains("\u{1b}["));
    }

    #[test]
    fn spans_outside_of_the_text_do_no_harm() {
        let span = Span {
            source: 0,
            start: 1,
            end: 900,
        };
        assert_eq!(visible("é", span), 0..2);
    }
}

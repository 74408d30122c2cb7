//! One HTML page that needs nothing else: its style, its script, its pictures and its data are in it.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use super::{Block, Cell, Document, Mark, Table};
use crate::report::charts::THEMED;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Document {
    /// The page as the text of an HTML file.
    pub fn html(&self) -> String {
        let title = escape(&self.title);
        let about = self.about.as_deref().map(marked_up);
        let about = about.map_or_else(String::new, |about| format!("<p>{about}</p>\n"));
        let body: String = self.blocks.iter().map(block_html).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · slotwise</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header><h1>{title}</h1>{about}</header>\n<main>\n{body}</main>\n\
             <footer>slotwise {}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            escape(&self.slotwise)
        )
    }
}

fn block_html(block: &Block) -> String {
    match block {
        Block::Section { heading } => format!("<h2>{}</h2>\n", escape(heading)),
        Block::Paragraph { text } => format!("<p>{}</p>\n", marked_up(text)),
        Block::Hint { text } => format!("<p class=\"hint\">{}</p>\n", escape(text)),
        Block::Answer { sentences } => {
            let items = sentences.iter();
            let items = items.map(|sentence| format!("<li>{}</li>\n", marked_up(sentence)));
            format!(
                "<ul class=\"answer\">\n{}</ul>\n",
                items.collect::<String>()
            )
        }
        Block::Marked { lines } => {
            let items = lines.iter().map(mark_html);
            format!("<ul>\n{}</ul>\n", items.collect::<String>())
        }
        Block::Figure { words, svg, .. } => format!(
            "<figure role=\"img\" aria-label=\"{}\">\n{}\n</figure>\n",
            escape(words),
            themed(svg)
        ),
        Block::Table(table) => table_html(table),
        Block::Facts { facts } => {
            let pairs = facts.iter().map(|(name, fact)| {
                format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), marked_up(fact))
            });
            format!("<dl>\n{}</dl>\n", pairs.collect::<String>())
        }
        Block::Command { text } => format!("<pre><code>{}</code></pre>\n", escape(text)),
        Block::Folded { heading, text } => format!(
            "<details><summary>{}</summary><pre><code>{}</code></pre></details>\n",
            escape(heading),
            escape(text)
        ),
        Block::Data { id, values } => {
            // Within a script only its own end must not occur.
            let json = values.to_string().replace('<', "\\u003c");
            let id = escape(id);
            format!("<script type=\"application/json\" id=\"{id}\">{json}</script>\n")
        }
    }
}

fn mark_html(Mark { met, sentence }: &Mark) -> String {
    let (class, mark) = if *met {
        ("met", "✓ met")
    } else {
        ("missed", "✗ missed")
    };
    let sentence = marked_up(sentence);
    format!("<li><span class=\"{class}\">{mark}</span> {sentence}</li>\n")
}

fn table_html(table: &Table) -> String {
    // Wide tables scroll within the page, which itself never does.
    let mut html = format!(
        "<div class=\"wide\" tabindex=\"0\"><table>\n<caption>{}</caption>\n<thead><tr>",
        marked_up(&table.caption)
    );
    for column in &table.columns {
        let (name, meaning) = (escape(&column.name), escape(&column.meaning));
        let _ = write!(html, "<th scope=\"col\" title=\"{meaning}\">{name}</th>");
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        let cells: String = row.iter().map(cell_html).collect();
        let _ = writeln!(html, "<tr>{cells}</tr>");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

fn cell_html(cell: &Cell) -> String {
    let text = escape(&cell.text);
    match (cell.value, cell.bar) {
        (None, _) => format!("<td>{text}</td>"),
        (Some(value), None) => {
            format!("<td class=\"number\" data-value=\"{value}\">{text}</td>")
        }
        (Some(value), Some(bar)) => {
            let width = (bar.clamp(0.0, 1.0) * 100.0).round();
            format!(
                "<td class=\"number bar\" data-value=\"{value}\" style=\"--share:{width}%\">{text}</td>"
            )
        }
    }
}

/// A chart that was drawn as a file of its own: its colours become those of the page, light or dark, and it fits its width.
fn themed(svg: &str) -> String {
    let names = THEMED.map(|(RGBColor(red, green, blue), name)| {
        let hex = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
        (hex, format!("\"var(--{name})\""))
    });
    let mut text = String::with_capacity(svg.len());
    let mut rest = 0;
    for (at, _) in svg.match_indices("\"#") {
        let is_color = |(hex, _): &&(String, String)| svg[at..].starts_with(hex);
        if let Some((hex, name)) = names.iter().find(is_color) {
            text.push_str(&svg[rest..at]);
            text.push_str(name);
            rest = at + hex.len();
        }
    }
    text.push_str(&svg[rest..]);
    // The picture is as wide as the page and keeps its shape.
    match (text.find(" width=\""), text.find(" viewBox")) {
        (Some(from), Some(to)) if from < to => text.replace_range(from..to, " class=\"chart\""),
        _ => {}
    }
    text
}

/// Text that means nothing to a browser.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Sentences put names between backquotes, for terminals; here they are code.
fn marked_up(text: &str) -> String {
    let mut html = String::new();
    let escaped = escape(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    for (at, part) in parts.iter().enumerate() {
        let is_name = at % 2 == 1 && at + 1 < parts.len();
        match (is_name, at) {
            (true, _) => {
                let _ = write!(html, "<code>{part}</code>");
            }
            // A backquote without a partner is one.
            (false, at) if at % 2 == 1 => {
                let _ = write!(html, "`{part}");
            }
            (false, _) => html.push_str(part),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        let mut document = Document::new("<script>alert(1)</script>", None);
        document.answer(&["`<img src=x onerror=alert(1)>` waits.".into()]);
        document.data(
            "d",
            serde_json::json!({"name": "</script><script>alert(1)"}),
        );
        let html = document.html();
        assert!(
            !html.contains("<img") && !html.contains("alert(1)</script>"),
            "{html}"
        );
        assert_eq!(html.matches("</script>").count(), 2);
    }

    #[test]
    fn backquotes_make_names() {
        assert_eq!(
            marked_up("`a` waits for `b<`"),
            "<code>a</code> waits for <code>b&lt;</code>"
        );
        assert_eq!(marked_up("a ` b"), "a ` b");
    }

    #[test]
    fn colours_are_those_of_the_page() {
        let svg = "<svg width=\"10\" height=\"4\" viewBox=\"0 0 10 4\"><rect fill=\"#FFFFFF\"/><text fill=\"#222222\">#222222</text></svg>";
        assert_eq!(
            themed(svg),
            "<svg class=\"chart\" viewBox=\"0 0 10 4\"><rect fill=\"var(--paper)\"/><text fill=\"var(--text)\">#222222</text></svg>"
        );
    }
}

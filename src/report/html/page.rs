//! One HTML page that needs nothing else: its style, its script, its pictures and its data are in it.

use std::fmt::Write as _;

use super::table::HtmlTable;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page from the top to the bottom.
pub(super) struct Page {
    title: String,
    body: String,
}

impl Page {
    /// A page with that title, and what it is about below it.
    pub(super) fn new(title: &str, about: Option<&str>) -> Self {
        let mut page = Self {
            title: title.to_owned(),
            body: String::new(),
        };
        let _ = write!(page.body, "<header><h1>{}</h1>", escape(title));
        if let Some(about) = about {
            page.paragraph(about);
        }
        page.body.push_str("</header>\n<main>\n");
        page
    }

    /// Begins a part of the page.
    pub(super) fn section(&mut self, heading: &str) {
        let _ = writeln!(self.body, "<h2>{}</h2>", escape(heading));
    }

    /// Plain text, in which what stands between backquotes is a name.
    pub(super) fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", marked_up(text));
    }

    /// The answer: sentences of which the first matters most.
    pub(super) fn answer(&mut self, sentences: &[String]) {
        self.body.push_str("<ul class=\"answer\">\n");
        for sentence in sentences {
            let _ = writeln!(self.body, "<li>{}</li>", marked_up(sentence));
        }
        self.body.push_str("</ul>\n");
    }

    /// What is met and what is missed, in words and with a mark.
    pub(super) fn marked(&mut self, sentences: impl Iterator<Item = (bool, String)>) {
        self.body.push_str("<ul>\n");
        for (is_met, sentence) in sentences {
            let (class, mark) = if is_met {
                ("met", "✓ met")
            } else {
                ("missed", "✗ missed")
            };
            let sentence = marked_up(&sentence);
            let _ = writeln!(
                self.body,
                "<li><span class=\"{class}\">{mark}</span> {sentence}</li>"
            );
        }
        self.body.push_str("</ul>\n");
    }

    /// What the script makes possible.
    pub(super) fn hint(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p class=\"hint\">{}</p>", escape(text));
    }

    /// Text that is shown when asked for.
    pub(super) fn folded(&mut self, heading: &str, text: &str) {
        let (heading, text) = (escape(heading), escape(text));
        let _ = writeln!(
            self.body,
            "<details><summary>{heading}</summary><pre><code>{text}</code></pre></details>"
        );
    }

    /// A chart, and in words what it shows for those who do not see it.
    pub(super) fn figure(&mut self, svg: &str, words: &str) {
        let words = escape(words);
        let _ = writeln!(
            self.body,
            "<figure role=\"img\" aria-label=\"{words}\">\n{svg}\n</figure>"
        );
    }

    /// A table that can be sorted by any of its columns.
    pub(super) fn table(&mut self, table: &HtmlTable) {
        table.write(&mut self.body);
    }

    /// Pairs of a word and what it means here.
    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        self.body.push_str("<dl>\n");
        for (name, fact) in facts {
            let _ = writeln!(
                self.body,
                "<dt>{}</dt><dd>{}</dd>",
                escape(name),
                marked_up(fact)
            );
        }
        self.body.push_str("</dl>\n");
    }

    /// A command to copy.
    pub(super) fn command(&mut self, text: &str) {
        let _ = writeln!(self.body, "<pre><code>{}</code></pre>", escape(text));
    }

    /// Values for the script, as JSON.
    pub(super) fn data(&mut self, id: &str, json: &str) {
        // Within a script only its own end must not occur.
        let json = json.replace('<', "\\u003c");
        let _ = writeln!(
            self.body,
            "<script type=\"application/json\" id=\"{id}\">{json}</script>"
        );
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        let Self { title, body } = self;
        let title = escape(&title);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title} · slotwise</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</main>\n\
             <footer>slotwise {}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION")
        )
    }
}

/// Text that means nothing to a browser.
pub(super) fn escape(text: &str) -> String {
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
pub(super) fn marked_up(text: &str) -> String {
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
        let mut page = Page::new("<script>alert(1)</script>", None);
        page.answer(&["`<img src=x onerror=alert(1)>` waits.".into()]);
        page.data("d", "{\"name\": \"</script><script>\"}");
        let html = page.finish();
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
}

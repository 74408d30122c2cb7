//! The report as text for pull requests and wikis, with its charts in files beside it.

use std::fmt::Write as _;

use super::{Block, Document, Table};

impl Document {
    /// The report in Markdown (GitHub's kind, for its tables); its charts are `NAME.svg` beside it.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n", escape(&self.title));
        if let Some(about) = &self.about {
            let _ = write!(text, "\n{}\n", marked_up(about));
        }
        for block in &self.blocks {
            let block = block_markdown(block);
            if !block.is_empty() {
                let _ = write!(text, "\n{block}");
            }
        }
        let _ = write!(text, "\n---\nslotwise {}\n", self.slotwise);
        text
    }
}

fn block_markdown(block: &Block) -> String {
    match block {
        Block::Section { heading } => format!("## {}\n", escape(heading)),
        Block::Paragraph { text } => marked_up(text) + "\n",
        Block::Answer { sentences } => {
            let items = sentences.iter();
            let items = items.map(|sentence| format!("- {}\n", marked_up(sentence)));
            items.collect()
        }
        Block::Marked { lines } => {
            let items = lines.iter().map(|line| {
                let mark = if line.met { "✓ met" } else { "✗ missed" };
                format!("- **{mark}** {}\n", marked_up(&line.sentence))
            });
            items.collect()
        }
        Block::Figure { name, words, .. } => format!("![{}]({name}.svg)\n", escape(words)),
        Block::Table(table) => table_markdown(table),
        Block::Facts { facts } => {
            let items = facts.iter();
            let items =
                items.map(|(name, fact)| format!("- **{}:** {}\n", escape(name), marked_up(fact)));
            items.collect()
        }
        Block::Command { text } => fenced("sh", text),
        Block::Folded { heading, text } => format!(
            "<details><summary>{}</summary>\n\n{}\n</details>\n",
            escape(heading),
            fenced("yaml", text)
        ),
        // Nothing points at a text, and nothing runs in it.
        Block::Hint { .. } | Block::Data { .. } => String::new(),
    }
}

fn table_markdown(table: &Table) -> String {
    let line = |fields: Vec<String>| format!("| {} |\n", fields.join(" | "));
    let mut text = format!("{}:\n\n", marked_up(&table.caption));
    let columns = table.columns.iter();
    text += &line(columns.clone().map(|one| escape(&one.name)).collect());
    let is_number = |at: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(at));
        cells.any(|cell| cell.value.is_some())
    };
    let rules = (0..table.columns.len()).map(|at| if is_number(at) { "--:" } else { "---" });
    text += &line(rules.map(str::to_owned).collect());
    for row in &table.rows {
        text += &line(row.iter().map(|cell| escape(&cell.text)).collect());
    }
    text
}

/// A block of code, between fences that it does not hold itself.
fn fenced(language: &str, text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// Text that means nothing to Markdown and stays in its line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '`' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Names between backquotes are code, in which nothing is escaped.
fn marked_up(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let parts = parts.iter().enumerate().map(|(at, part)| {
        if at % 2 == 0 {
            escape(part)
        } else {
            format!("`{}`", part.replace(char::is_control, " "))
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::Cell;

    #[test]
    fn what_a_name_holds_stays_a_name() {
        let mut document = Document::new("a|b <script>", Some("about *it*"));
        document.answer(&["`<b>` waits for [x](y).".into()]);
        let mut table = Table::new("Pools", &[("pool", "its name"), ("used", "share")]);
        table.row([Cell::name("a|b\n# c"), Cell::bar(Some(0.25))]);
        document.table(table);
        document.figure("chart", b"", "What [it] shows");
        document.folded("s.yaml", "text: |\n  ```\n");
        let expected = "# a\\|b \\<script\\>\n\nabout \\*it\\*\n\n- `<b>` waits for \\[x\\](y).\n\nPools:\n\n\
                        | pool | used |\n| --- | --: |\n| a\\|b \\# c | 25 % |\n\n![What \\[it\\] shows](chart.svg)\n\n\
                        <details><summary>s.yaml</summary>\n\n````yaml\ntext: |\n  ```\n````\n\n</details>\n\n---\nslotwise ";
        let text = document.markdown();
        assert!(text.starts_with(expected), "{text}");
    }
}

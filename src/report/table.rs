//! How tables and sentences are laid out for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};

use super::headline::percent;

/// Below this width columns stand one space apart, else two.
const ROOMY: u16 = 100;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-'));

/// A table of at most `width` columns, the first to the left and the others to the right.
pub(super) fn table<R: Into<Row>>(
    width: u16,
    columns: impl Into<Row>,
    rows: impl Iterator<Item = R>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(columns)
        .add_rows(rows)
        // Whoever prints it takes the colours out where nobody sees them.
        .enforce_styling();
    let gap = gap(width);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 0 } else { gap }, 0));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// How far apart columns stand.
pub(super) const fn gap(width: u16) -> u16 {
    if width < ROOMY { 1 } else { 2 }
}

/// Sentences, each on a line of its own and wrapped.
pub(super) fn paragraph(sentences: impl IntoIterator<Item = String>, width: u16) -> String {
    let sentences = sentences.into_iter();
    let lines: Vec<String> = sentences.map(|one| wrapped(&one, width)).collect();
    lines.join("\n")
}

/// Words in lines of at most `width` columns, those after the first indented.
pub(super) fn wrapped(text: &str, width: u16) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < usize::from(width) => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// A percentage without the space, which would cost a column.
pub(super) fn share(value: f64) -> String {
    percent(value).replace(' ', "")
}

//! Two reports as one: their answers, their charts, and the figures in which they differ.

use super::table::Column;
use super::{Block, Cell, Document, Table};
use crate::report::headline::percent;

/// The document that sets one beside the other; `names` are what the two are called.
pub fn side_by_side(names: [&str; 2], both: [&Document; 2]) -> Document {
    let mut document = Document::new(&format!("{} beside {}", names[0], names[1]), None);
    for (name, one) in names.into_iter().zip(both) {
        document.section(&format!("{name}: {}", one.title));
        if let Some(about) = &one.about {
            document.paragraph(about);
        }
        let told = one.blocks.iter();
        let told =
            told.filter(|block| matches!(block, Block::Answer { .. } | Block::Marked { .. }));
        document.blocks.extend(told.cloned());
    }
    document.section("Where do the figures differ?");
    document.paragraph(
        "Each result has luck of its own unless both were made with the same seed; whether a difference is real, and not \
         luck, is what `slotwise compare` of the two files says.",
    );
    let [first, second] = both.map(tables);
    for table in &first {
        if let Some(other) = second.iter().find(|other| other.caption == table.caption) {
            compare(&mut document, names, [*table, *other]);
        }
    }
    charts(&mut document, names, both);
    for (name, one) in names.into_iter().zip(both) {
        document.section(&format!("How {name} came about"));
        let told = one.blocks.iter();
        let told = told.filter(|block| {
            matches!(
                block,
                Block::Facts { .. } | Block::Command { .. } | Block::Folded { .. }
            )
        });
        document.blocks.extend(told.cloned());
    }
    document
}

fn tables(document: &Document) -> Vec<&Table> {
    let blocks = document.blocks.iter();
    let tables = blocks.filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    tables.collect()
}

/// The lines of two tables of the same caption in which some number differs.
fn compare(document: &mut Document, names: [&str; 2], both: [&Table; 2]) {
    let [first, second] = both;
    let columns = [
        ("of", "what the figure is about"),
        ("figure", "its column in the reports"),
        (names[0], "the first result"),
        (names[1], "the second result"),
        ("change", "from the first to the second, in percent"),
    ];
    let caption = format!("{}, where they differ", first.caption);
    let mut table = Table::new(&caption, &columns);
    let mut same = 0;
    for row in &first.rows {
        let is_partner = |other: &&Vec<Cell>| other[0].text == row[0].text;
        let Some(other) = second.rows.iter().find(is_partner) else {
            continue;
        };
        for (at, column) in first.columns.iter().enumerate().skip(1) {
            let (from, to) = match column_like(second, column, at) {
                Some(place) => (&row[at], &other[place]),
                None => continue,
            };
            if from.text == to.text {
                same += 1;
                continue;
            }
            table.row([
                row[0].clone(),
                Cell::name(&column.name),
                from.clone(),
                to.clone(),
                change(from, to),
            ]);
        }
    }
    if !table.rows.is_empty() {
        document.table(table);
    }
    if same > 0 {
        let what = &first.caption;
        document.paragraph(&format!("{what}: {same} figures are the same in both."));
    }
}

/// Where a table has a column of that name; two may have the same, and then the one in the same place is meant.
fn column_like(table: &Table, column: &Column, at: usize) -> Option<usize> {
    let is_it = |one: &Column| one.name == column.name;
    if table.columns.get(at).is_some_and(is_it) {
        return Some(at);
    }
    table.columns.iter().position(is_it)
}

/// By how much a number changed, if both are numbers and the first is not nought.
fn change(from: &Cell, to: &Cell) -> Cell {
    match (from.number(), to.number()) {
        (Some(from), Some(to)) if from != 0.0 => {
            let share = (to - from) / from.abs();
            let sign = if share > 0.0 { "+" } else { "" };
            Cell::sorted(format!("{sign}{}", percent(share)), share)
        }
        _ => Cell::nothing(),
    }
}

/// The charts of both, those of one name next to each other.
fn charts(document: &mut Document, names: [&str; 2], both: [&Document; 2]) {
    let figures = |document: &Document| -> Vec<Block> {
        let blocks = document.blocks.iter();
        let figures = blocks.filter(|block| matches!(block, Block::Figure { .. }));
        figures.cloned().collect()
    };
    let [first, mut second] = both.map(figures);
    if first.is_empty() && second.is_empty() {
        return;
    }
    document.section("The charts of both");
    for figure in first {
        let partner = second
            .iter()
            .position(|other| name(other) == name(&figure))
            .map(|at| second.remove(at));
        place(document, names[0], "1", figure);
        if let Some(partner) = partner {
            place(document, names[1], "2", partner);
        }
    }
    for figure in second {
        place(document, names[1], "2", figure);
    }
}

fn name(figure: &Block) -> Option<&str> {
    match figure {
        Block::Figure { name, .. } => Some(name),
        _ => None,
    }
}

fn place(document: &mut Document, of: &str, number: &str, figure: Block) {
    if let Block::Figure { name, words, svg } = figure {
        document.paragraph(&format!("{of}:"));
        document.blocks.push(Block::Figure {
            name: format!("{name}_{number}"),
            words: format!("{of}. {words}"),
            svg,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(wait: f64, svg: &str) -> Document {
        let mut document = Document::new("site", None);
        document.answer(&["It waits.".into()]);
        document.figure("queue", svg.as_bytes(), "A queue");
        let mut table = Table::new("Pools", &[("pool", ""), ("slots", ""), ("wait", "")]);
        table.row([Cell::name("a"), Cell::count(4), Cell::seconds(Some(wait))]);
        table.row([Cell::name("b"), Cell::count(9), Cell::nothing()]);
        document.table(table);
        document
    }

    #[test]
    fn figures_that_differ_stand_beside_each_other() {
        let both = side_by_side(
            ["as_is", "more"],
            [&document(60.0, "one"), &document(45.0, "two")],
        );
        let tables = tables(&both);
        let rows = &tables[0].rows;
        assert_eq!(rows.len(), 1);
        let texts: Vec<&str> = rows[0].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(texts, ["a", "wait", "1m", "45s", "-25 %"]);
        let charts: Vec<_> = both.figures().collect();
        assert_eq!(charts, [("queue_1", "one"), ("queue_2", "two")]);
    }
}

//! Results on stdout: a table for people, plain columns for `awk`, JSON for programs, as Airflow's own commands do.

use std::io::{self, Write};

use comfy_table::{ContentLineStyle, LineStyle, Table, TableStyle};
use serde_json::{Map, Value};

use super::Failure;
use crate::experiment::Verdict;
use crate::report::{Meaning, OutputFormat};

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Tables for people.
    #[default]
    Table,
    /// JSON for programs.
    Json,
    /// Columns without rules, for `awk` and `cut`.
    Plain,
}

/// The lines that Airflow draws.
const RULED: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('=').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

impl Output {
    /// Lays out `rows`, each with a value for every one of `columns`. It ends with a line break.
    pub(crate) fn lay_out<const N: usize>(
        self,
        columns: [&str; N],
        rows: Vec<[Value; N]>,
    ) -> String {
        let text = match self {
            Self::Table => table(columns, rows, RULED, (1, 1)),
            Self::Plain => table(columns, rows, TableStyle::new(), (0, 2)),
            Self::Json => json(columns, rows).to_string(),
        };
        text + "\n"
    }
}

/// The same in the words of the report.
pub(crate) const fn format(output: Output) -> OutputFormat {
    match output {
        Output::Table => OutputFormat::Table,
        Output::Json => OutputFormat::Json,
        Output::Plain => OutputFormat::Plain,
    }
}

/// Writes results to stdout, coloured only where a person looks. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Outside(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Talks on stderr, likewise.
pub(crate) fn say(text: &str) {
    // With stderr gone there is nobody to talk to.
    let _ = writeln!(anstream::AutoStream::auto(io::stderr().lock()), "{text}");
}

/// What is said of an objective.
pub(crate) fn told(verdict: &Verdict) -> String {
    Meaning::of(verdict.met).words(&verdict.to_string())
}

/// Says of each objective whether it is met.
pub(crate) fn say_verdicts(verdicts: &[Verdict]) {
    for verdict in verdicts {
        say(&told(verdict));
    }
}

/// How many columns a table may have: those of the terminal as far as the shell tells, at least 80.
pub(crate) fn width() -> u16 {
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    told.unwrap_or(80).max(80)
}

fn json<const N: usize>(columns: [&str; N], rows: Vec<[Value; N]>) -> Value {
    let object =
        |row: [Value; N]| -> Map<_, _> { columns.map(String::from).into_iter().zip(row).collect() };
    rows.into_iter().map(object).collect()
}

fn table<const N: usize>(
    columns: [&str; N],
    rows: Vec<[Value; N]>,
    style: TableStyle,
    padding: (u16, u16),
) -> String {
    let mut table = Table::new();
    table.load_style(style).set_header(columns);
    for row in rows {
        table.add_row(row.map(cell));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding(if at == 0 { (0, padding.1) } else { padding });
    }
    table.trim_fmt()
}

/// A value as a person writes it; nothing for null.
fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lay_out(output: Output) -> String {
        let rows = vec![
            [json!("api"), json!(4), json!(null)],
            [json!("batch"), json!(-1), json!("night")],
        ];
        output.lay_out(["pool", "slots", "description"], rows)
    }

    #[test]
    fn a_table_is_ruled() {
        let table = "pool  | slots | description\n\
                     ======+=======+=============\n\
                     api   | 4     |\n\
                     batch | -1    | night\n";
        assert_eq!(lay_out(Output::Table), table);
    }

    #[test]
    fn plain_columns_have_no_rules() {
        let plain = "pool   slots  description\n\
                     api    4\n\
                     batch  -1     night\n";
        assert_eq!(lay_out(Output::Plain), plain);
    }

    #[test]
    fn json_keeps_types_and_the_order_of_columns() {
        let json = "[{\"pool\":\"api\",\"slots\":4,\"description\":null},\
                    {\"pool\":\"batch\",\"slots\":-1,\"description\":\"night\"}]\n";
        assert_eq!(lay_out(Output::Json), json);
    }
}

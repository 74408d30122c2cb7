//! `slotwise schema`: prints the JSON Schema of scenario files, for editors, or of reports, for programs.

use super::Failure;
use super::output::print;
use crate::report::document::Document;
use crate::scenario;

/// The arguments of `slotwise schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Of which files.
    #[arg(value_enum, default_value_t)]
    pub of: SchemaOf,
}

/// The kinds of files that have a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SchemaOf {
    /// Scenario files.
    #[default]
    Scenario,
    /// `report.json`.
    Report,
}

/// Prints the schema.
pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = match args.of {
        SchemaOf::Scenario => scenario::schema(),
        SchemaOf::Report => Document::schema(),
    };
    print(&(schema.trim_end().to_owned() + "\n"))
}

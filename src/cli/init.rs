//! `slotwise init`: writes a commented scenario to start from.

use std::path::PathBuf;

use super::output::say;
use super::{Failure, files};
use crate::scenario;

/// The arguments of `slotwise init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The file to write; an existing one is never overwritten.
    #[arg(value_name = "FILE", default_value = "scenario.yaml")]
    pub file: PathBuf,
}

/// Writes the starter file.
pub(crate) fn run(args: &InitArgs) -> Result<(), Failure> {
    let shown = args.file.display();
    if args.file.exists() {
        return Err(Failure::Invalid(format!(
            "`{shown}` exists already: name another file"
        )));
    }
    files::write(&args.file, scenario::starter())?;
    say(&format!("wrote `{shown}`; next: slotwise run {shown}"));
    Ok(())
}

//! `slotwise import`: makes a scenario of what was recorded elsewhere.

use std::path::PathBuf;

use super::output::{print, say};
use super::{Failure, files, scenario_file};
use crate::import::workflow::Workflow;

/// The arguments of `slotwise import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// What to import.
    #[command(subcommand)]
    pub source: ImportSource,
}

/// What can be imported.
#[derive(Debug, clap::Subcommand)]
pub enum ImportSource {
    /// A recorded scientific workflow, in `WfFormat` 1.5 or in the compact form.
    Workflow {
        /// The recording (JSON).
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The scenario to write; an existing file is never overwritten. Without it the scenario goes to stdout.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Reads the whole recording, and only then writes the whole scenario.
pub(crate) fn run(args: &ImportArgs) -> Result<(), Failure> {
    let ImportSource::Workflow { file, out } = &args.source;
    if let Some(out) = out.as_ref().filter(|out| out.is_file()) {
        return Err(Failure::Invalid(format!(
            "`{}` exists already: name another file",
            out.display()
        )));
    }
    let text = files::read(file)?;
    let workflow = Workflow::read(&text, &file.display().to_string())
        .map_err(|problems| Failure::Diagnosed(problems.render(scenario_file::color())))?;
    let scenario = workflow.to_scenario();
    match out {
        None => print(&scenario),
        Some(out) => {
            files::write(out, &scenario)?;
            let shown = out.display();
            say(&format!("wrote `{shown}`; next: slotwise run {shown}"));
            Ok(())
        }
    }
}

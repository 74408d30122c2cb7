//! `slotwise import`: makes a scenario of what was recorded elsewhere.

mod airflow;
mod calibration;

use std::path::{Path, PathBuf};

pub use airflow::AirflowArgs;
pub(crate) use calibration::read_history;

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
    /// An Airflow site: its metadata database, or CSV files of its tables.
    Airflow(AirflowArgs),
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

/// Imports what was asked for.
pub(crate) fn run(args: &ImportArgs) -> Result<(), Failure> {
    match &args.source {
        ImportSource::Airflow(args) => airflow::run(args),
        ImportSource::Workflow { file, out } => import_workflow(file, out.as_deref()),
    }
}

/// Reads the whole recording, and only then writes the whole scenario.
fn import_workflow(file: &Path, out: Option<&Path>) -> Result<(), Failure> {
    if let Some(out) = out.filter(|out| out.is_file()) {
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

//! `slotwise import`: makes a scenario of what was recorded elsewhere.

mod airflow;
mod calibration;

use std::path::{Path, PathBuf};

pub use airflow::AirflowArgs;
pub(crate) use calibration::read_history;

use super::output::{print, say};
use super::{Failure, files, pools, scenario_file};
use crate::deployment::Pool;
use crate::import::pools::section as pools_section;
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
    /// The pools of a site, as the section `pools` of a scenario.
    Pools {
        /// The file that `airflow pools export` has written.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The file to write; an existing one is never overwritten. Without it the section goes to stdout.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
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
        ImportSource::Pools { file, out } => import_pools(file, out.as_deref()),
        ImportSource::Workflow { file, out } => import_workflow(file, out.as_deref()),
    }
}

/// Reads the whole file, every entry of which must be a pool, and only then writes.
fn import_pools(file: &Path, out: Option<&Path>) -> Result<(), Failure> {
    is_new(out)?;
    let pools: Vec<Pool> = pools::open(file)?.pools().collect();
    put(&pools_section(&pools), out, |shown| {
        format!("wrote `{shown}`: the section `pools` of a scenario")
    })
}

/// Reads the whole recording, and only then writes the whole scenario.
fn import_workflow(file: &Path, out: Option<&Path>) -> Result<(), Failure> {
    is_new(out)?;
    let text = files::read(file)?;
    let workflow = Workflow::read(&text, &file.display().to_string())
        .map_err(|problems| Failure::Diagnosed(problems.render(scenario_file::color())))?;
    put(&workflow.to_scenario(), out, |shown| {
        format!("wrote `{shown}`; next: slotwise run {shown}")
    })
}

/// A file that somebody may have changed is never overwritten.
fn is_new(out: Option<&Path>) -> Result<(), Failure> {
    match out.filter(|out| out.exists()) {
        Some(out) => Err(Failure::Invalid(format!(
            "`{}` exists already: name another file",
            out.display()
        ))),
        None => Ok(()),
    }
}

/// Prints the text or writes it to a file, and then says `done` of it.
fn put(text: &str, out: Option<&Path>, done: impl FnOnce(&str) -> String) -> Result<(), Failure> {
    match out {
        None => print(text),
        Some(out) => {
            files::write(out, text)?;
            say(&done(&out.display().to_string()));
            Ok(())
        }
    }
}

//! The command line: one file a subcommand. Results go to stdout, talk goes to stderr.

mod failure;
mod files;
mod output;
mod pools;

pub use failure::Failure;
pub use output::Output;
pub use pools::{PoolsAction, PoolsArgs};

/// Plans the pools of Apache Airflow by simulating its scheduler.
#[derive(Debug, clap::Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Reads and changes a pools file in Airflow's own format.
    Pools(PoolsArgs),
}

/// Does what was asked for.
///
/// # Errors
/// Whatever kept it from being done; [`Failure`] knows the exit code.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Pools(args) => pools::run(args),
    }
}

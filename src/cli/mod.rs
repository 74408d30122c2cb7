//! The command line: one file a subcommand. Results go to stdout, talk goes to stderr.

mod advice;
mod alternatives;
mod backtest;
mod candidates;
mod cells;
mod check;
mod chosen_run;
mod compare;
mod compare_part;
mod explain;
mod failure;
mod files;
mod import;
mod init;
mod merge;
mod output;
mod pools;
mod progress;
mod replication_args;
mod report;
mod results;
mod run;
mod run_many;
mod run_part;
mod scenario_file;
mod schema;
mod select;
mod sensitivity;
mod sensitivity_part;
mod sweep;
mod warm_up;

pub use advice::AdviceArg;
pub use backtest::BacktestArgs;
pub use cells::PartArg;
pub use check::CheckArgs;
pub use chosen_run::ChosenRunArgs;
pub use compare::CompareArgs;
pub use explain::ExplainArgs;
pub use failure::Failure;
pub use import::{AirflowArgs, ImportArgs, ImportSource};
pub use init::InitArgs;
pub use merge::MergeArgs;
pub use output::Output;
pub use pools::{PoolsAction, PoolsArgs};
pub use replication_args::ReplicationArgs;
pub use report::ReportArgs;
pub use run::{RunArgs, TraceFormat};
pub use scenario_file::ScenarioArgs;
pub use schema::{SchemaArgs, SchemaOf};
pub use select::SelectArgs;
pub use sensitivity::SensitivityArgs;
pub use sweep::SweepArgs;

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
    /// Writes a commented scenario to start from.
    Init(InitArgs),
    /// Reads a scenario and says what is wrong with it.
    #[command(alias = "validate")]
    Check(CheckArgs),
    /// Simulates a scenario and says what happened.
    Run(RunArgs),
    /// Simulates policies, or whole files, on the same luck and says which differences are real.
    Compare(CompareArgs),
    /// Finds the best policy, or point of a sweep, without running each of them to the end.
    Select(SelectArgs),
    /// Simulates every point of a scenario's sweep, each on the same luck.
    Sweep(SweepArgs),
    /// Joins the parts of a plan that several machines have carried out.
    Merge(MergeArgs),
    /// Turns every knob a little on the same luck and says what one more slot is worth.
    Sensitivity(SensitivityArgs),
    /// Tells what one task instance waited for, and who was taken before it.
    Explain(ExplainArgs),
    /// Makes a report again from the results on disk, or sets two side by side.
    Report(ReportArgs),
    /// Makes a scenario of what was recorded elsewhere.
    Import(ImportArgs),
    /// Holds an imported scenario against the history of its site.
    Backtest(BacktestArgs),
    /// Prints the JSON Schema of scenario files, or of reports.
    Schema(SchemaArgs),
    /// Reads and changes a pools file in Airflow's own format.
    Pools(PoolsArgs),
}

/// Does what was asked for.
///
/// # Errors
/// Whatever kept it from being done; [`Failure`] knows the exit code.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Select(args) => select::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Sensitivity(args) => sensitivity::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Backtest(args) => backtest::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Pools(args) => pools::run(args),
    }
}

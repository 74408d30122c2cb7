//! `slotwise sweep`: simulates every point of a scenario's sweep and estimates how the factors tell.

use std::path::PathBuf;

use super::cells::{
    Cells, Finished, PartArg, PlanFile, Planned, Work, carry_out, carry_out_part, finish, folder,
};
use super::chosen_run::{overrides, policy_named};
use super::output::{print, say, width};
use super::replication_args::{DEFAULT_REPLICATIONS, ReplicationArgs};
use super::results::{RunFolder, Started};
use super::scenario_file::{ScenarioArgs, ScenarioFile};
use super::{Failure, Output, files};
use crate::experiment::{Design, Part};
use crate::report::{SweepReport, sweep_plain, sweep_table};

/// The arguments of `slotwise sweep`.
#[derive(Debug, clap::Args)]
pub struct SweepArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// How often each point is simulated.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// The seed of all random numbers, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long to simulate, instead of the scenario's horizon, such as `14d`.
    #[arg(long, value_name = "DURATION")]
    pub horizon: Option<String>,
    /// A policy to simulate at each point, by its name in the scenario; may be given several times. The default is the
    /// first one.
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Where results go: a folder; the default is `sweep/` in `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Goes on with what an interrupted sweep has left in the folder.
    #[arg(long)]
    pub resume: bool,
    /// Simulates only the i-th of n parts, for `slotwise merge`: `i/n`, or `env` or `env/n` within an array job.
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartArg>,
    /// How the estimates are printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Simulates all points, or a part of the plan, and writes the results.
pub(crate) fn run(args: &SweepArgs) -> Result<(), Failure> {
    let started = Started::now();
    let part = args.part.map(PartArg::part).transpose()?;
    let file = args
        .scenario
        .read(overrides(args.seed, args.horizon.as_deref()))?;
    let design = design(args, &file)?;
    let files = [file];
    let plan = PlanFile::new(Planned::Sweep, &files, &design);
    let sites = plan.sites(&files)?;
    sites.check()?;
    let folder = folder(args.out.as_deref(), &plan, &files)?;
    let threads = args.replications.thread_pool()?;
    let work = Work {
        plan: &plan,
        design: &design,
        sites: &sites,
        part: part.unwrap_or(Part::WHOLE),
        is_resumed: args.resume,
    };
    if part.is_some() {
        return carry_out_part(&work, &folder, &threads);
    }
    let Some(journal) = carry_out(&work, &folder, &threads)? else {
        return Ok(());
    };
    let cells = Cells {
        plan: &plan,
        files: &files,
        design: &design,
        sites: &sites,
        kept: &journal,
        missing: &[],
    };
    let finished = finish(&cells, &folder)?;
    folder.write_log(&started, threads.current_num_threads())?;
    journal.remove()?;
    if let Finished::Sweep(report) = &finished {
        show(report, &folder, args.output)?;
    }
    say(&format!("results are in `{}`", folder.path().display()));
    Ok(())
}

/// Prints what the points come to.
pub(super) fn show(
    report: &SweepReport,
    folder: &RunFolder,
    output: Output,
) -> Result<(), Failure> {
    match output {
        Output::Table => print(&sweep_table(report, width())),
        Output::Json => print(&files::read(&folder.path().join("sweep.json"))?),
        Output::Plain => print(&sweep_plain(&files::read(
            &folder.path().join("estimates.csv"),
        )?)),
    }
}

fn design(args: &SweepArgs, file: &ScenarioFile) -> Result<Design, Failure> {
    let scenario = &file.scenario;
    let name = args.scenario.file.display();
    let Some(points) = scenario.points else {
        return Err(Failure::Invalid(format!(
            "`{name}` has no `sweep`: add one, such as `sweep: {{pools.default_pool.slots: [64, 128]}}`"
        )));
    };
    let command = format!("slotwise sweep {name}");
    let asked = args.replications.fixed(scenario, &command, args.part)?;
    let count = asked.unwrap_or(DEFAULT_REPLICATIONS);
    let chosen = args.policies.iter();
    let chosen = chosen.map(|policy| Ok(policy_named(scenario, policy)?.0.to_owned()));
    let mut policies = chosen
        .map(|policy| policy.map(Some))
        .collect::<Result<Vec<_>, Failure>>()?;
    if policies.is_empty() {
        policies.push(scenario.policies.keys().next().cloned());
    }
    let level = args.replications.level(scenario);
    Ok(Design::new(points, policies, count, level)?)
}

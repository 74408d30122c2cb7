//! `slotwise sweep`: simulates every point of a scenario's sweep and estimates how the factors tell.

use std::path::PathBuf;

use super::cells::{Cells, Finished, Journal, PartArg, PlanFile, Planned, Work, carry_out, finish};
use super::chosen_run::{overrides, policy_named};
use super::output::{print, say, width};
use super::replication_args::{DEFAULT_REPLICATIONS, ReplicationArgs};
use super::results::{RunFolder, Started, usual_folder};
use super::scenario_file::{ScenarioArgs, ScenarioFile, diagnosed};
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
    let points = file.points(true)?;
    let design = design(args, &file)?;
    points.check().map_err(|problems| diagnosed(&problems))?;
    let plan = PlanFile::new(Planned::Sweep, &file, &design);
    let usual = usual_folder(&file.scenario.name).join("sweep");
    let folder = folder(args.out.as_deref(), usual)?;
    let threads = args.replications.thread_pool()?;
    let work = Work {
        plan: &plan,
        design: &design,
        points: &points,
        part: part.unwrap_or(Part::WHOLE),
        is_resumed: args.resume,
    };
    let Some(journal) = carry_out(&work, &folder, &threads)? else {
        return Ok(());
    };
    if let Some(part) = part {
        return part_is_done(&folder, &journal, part);
    }
    let cells = Cells {
        plan: &plan,
        file: &file,
        design: &design,
        points: &points,
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

/// The folder of cells; they must be kept somewhere.
pub(super) fn folder(
    asked: Option<&std::path::Path>,
    usual: PathBuf,
) -> Result<RunFolder, Failure> {
    RunFolder::open(asked, usual)?.ok_or_else(|| {
        let message =
            "finished cells are kept in the folder of results, so `--out` cannot be `none`";
        Failure::Invalid(message.into())
    })
}

/// Says what to do with a part.
pub(super) fn part_is_done(
    folder: &RunFolder,
    journal: &Journal,
    part: Part,
) -> Result<(), Failure> {
    journal.sync()?;
    let folder = folder.path().display();
    say(&format!(
        "part {part} is done, in `{folder}`: `slotwise merge` joins the parts"
    ));
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
    let asked = args.replications.replications.or(scenario.replications);
    let count = asked.unwrap_or(DEFAULT_REPLICATIONS);
    if scenario.precision.is_some() && args.replications.replications.is_none() {
        return Err(decides_in_rounds(&format!(
            "slotwise sweep {name} --replications {count}"
        )));
    }
    if scenario.auto_warm_up {
        return Err(settles_first(&name.to_string()));
    }
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

/// How many cells there are must be known before they are split or kept.
pub(super) fn decides_in_rounds(instead: &str) -> Failure {
    Failure::Invalid(format!(
        "`precision` decides in rounds how many replications there are, but here the number must be fixed: use `{instead}`"
    ))
}

/// So must be what is measured of each.
pub(super) fn settles_first(file: &str) -> Failure {
    Failure::Invalid(format!(
        "`warm_up: auto` looks for the warm-up of one site, but here it must be given: `slotwise run {file}` finds it, \
         `--set warm_up=6h` gives it"
    ))
}

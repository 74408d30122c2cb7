//! `slotwise run`: simulates a scenario, once unless more is asked for, and says what happened.

use std::path::PathBuf;

use super::chosen_run::ChosenRunArgs;
use super::output::{format, print, say, say_verdicts};
use super::replication_args::ReplicationArgs;
use super::results::{RunFolder, Started, usual_folder};
use super::scenario_file::ScenarioFile;
use super::{AdviceArg, Failure, Output, PartArg, advice, run_many, run_part, warm_up};
use crate::experiment::{Replication, Verdict, WarmUp, judge, replicate, summarise};
use crate::policy::PolicyPlan;
use crate::report::{RunHeading, RunReport, advice_text, summary};
use crate::scenario::Scenario;
use crate::trace::{CsvRows, LongestRun, RunningSummary, StarvingTasks, WeekOfPools};

/// The arguments of `slotwise run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// What is simulated.
    #[command(flatten)]
    pub chosen: ChosenRunArgs,
    /// How often it is simulated.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// Where results go: a folder, or `none`; the default is `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Simulates only the i-th of n parts of the replications, for `slotwise merge`: `i/n`, or `env` or `env/n` within an
    /// array job.
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartArg>,
    /// Goes on with what an interrupted process has left of the part.
    #[arg(long, requires = "part")]
    pub resume: bool,
    /// How the summary is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
    /// Whether the report of a single run also says what other sizes and policies would change, which takes replications of
    /// its own: by itself if that is a matter of seconds.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub advice: AdviceArg,
    /// Also writes every task instance, to `task_instances.csv`.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub trace: Option<TraceFormat>,
}

/// The formats of a full trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TraceFormat {
    /// Comma-separated values, one line a segment.
    Csv,
}

/// Simulates, prints the summary and writes the results.
pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    let started = Started::now();
    let mut file = args.chosen.read()?;
    if let Some(part) = args.part {
        return run_part::run(args, &file, part);
    }
    let threads = args.replications.thread_pool()?;
    let chosen = |scenario: &Scenario| {
        let policy = args.chosen.policy(scenario)?;
        Ok(vec![policy.map(|(_, plan)| plan.clone())])
    };
    let warm_up = warm_up::settle(&mut file, chosen, &threads)?;
    let scenario = &file.scenario;
    let policy = args.chosen.policy(scenario)?;
    let folder = RunFolder::open(args.out.as_deref(), usual_folder(&scenario.name))?;
    if args
        .replications
        .asked(scenario)
        .is_some_and(|count| count != 1)
    {
        let heading = heading(&file, policy, warm_up);
        return run_many::run(args, &file, heading, &started, folder.as_ref());
    }
    let replication = Replication {
        scenario,
        policy: policy.map(|(_, plan)| plan),
        number: 0,
    };
    let (summary_of_run, details) = simulate(&replication, args.trace, folder.as_ref())?;
    let heading = heading(&file, policy, warm_up);
    let mut report = RunReport::new(heading, &scenario.deployment, &summary_of_run);
    if let Some(details) = details {
        report = report.with_details(&scenario.deployment, details);
    }
    print(&summary(
        &report,
        format(args.output),
        super::output::width(),
    ))?;
    let verdicts = judge(scenario, &report.metrics);
    say_verdicts(&verdicts);
    if let Some(folder) = &folder {
        let metrics = &report.metrics;
        let advice = advice::look(args, &file, metrics, report.heading.warm_up.as_ref())?;
        folder.write(&file, &report, &verdicts, advice.as_ref())?;
        if let Some(advice) = &advice {
            advice::write(folder, advice)?;
            if args.output == Output::Table {
                print(&advice_text(advice, metrics, super::output::width()))?;
            }
        }
        if let Some(found) = &report.heading.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(&started, rayon::current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    missed(&verdicts)
}

/// What only charts show.
type Details = (LongestRun, (WeekOfPools, StarvingTasks));

/// Simulates once; charts, and with them what only they show, are wanted where there is a folder.
fn simulate(
    replication: &Replication<'_>,
    trace: Option<TraceFormat>,
    folder: Option<&RunFolder>,
) -> Result<(RunningSummary, Option<Details>), Failure> {
    let (deployment, window) = (&replication.scenario.deployment, replication.window());
    let summary = || replication.empty_summary();
    let details = || {
        (
            LongestRun::new(window),
            (
                WeekOfPools::new(deployment, window),
                StarvingTasks::new(deployment.pools.len(), window),
            ),
        )
    };
    match (trace, folder) {
        (None, None) => Ok((summarise(replication)?, None)),
        (None, Some(_)) => {
            let (summary, details) = replicate(replication, (summary(), details()))?;
            Ok((summary, Some(details)))
        }
        (Some(TraceFormat::Csv), None) => Err(Failure::Invalid(
            "`--trace csv` needs a folder to write to, but `--out` is `none`".into(),
        )),
        (Some(TraceFormat::Csv), Some(folder)) => folder.stream("task_instances.csv", |out| {
            let recorder = ((summary(), details()), CsvRows::new(deployment, out));
            let ((summary, details), rows) = replicate(replication, recorder)?;
            rows.finish().map_err(|error| {
                Failure::Outside(format!("cannot write `task_instances.csv`: {error}"))
            })?;
            Ok((summary, Some(details)))
        }),
    }
}

/// What is said of a run before its facts.
pub(super) fn heading(
    file: &ScenarioFile,
    policy: Option<(&str, &PolicyPlan)>,
    warm_up: Option<WarmUp>,
) -> RunHeading {
    let Scenario {
        name,
        description,
        seed,
        until_done,
        ..
    } = &file.scenario;
    RunHeading {
        scenario: name.clone(),
        description: description.clone(),
        policy: policy.map(|(name, _)| name.to_owned()),
        seed: *seed,
        until_done: *until_done,
        warm_up,
    }
}

/// Objectives that are not met are a failure of their own, so that pipelines can gate on it.
pub(crate) fn missed(verdicts: &[Verdict]) -> Result<(), Failure> {
    let missed = verdicts.iter().filter(|verdict| !verdict.met).count();
    if missed == 0 {
        return Ok(());
    }
    Err(Failure::ObjectiveMissed(format!(
        "{missed} of {} objectives not met",
        verdicts.len()
    )))
}

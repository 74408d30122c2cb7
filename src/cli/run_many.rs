//! `slotwise run` with replications: every indicator with its mean and a confidence interval.

use super::output::{print, say, say_verdicts, width};
use super::progress::Bar;
use super::results::{RunFolder, Started};
use super::run::{RunArgs, missed};
use super::scenario_file::ScenarioFile;
use super::{Failure, output, warm_up};
use crate::experiment::{Case, Measure, estimate};
use crate::report::{EstimationReport, RunHeading, estimation};

/// Simulates as often as planned, prints the estimates and writes them with the values of every replication.
pub(super) fn run(
    args: &RunArgs,
    file: &ScenarioFile,
    heading: RunHeading,
    started: &Started,
    folder: Option<&RunFolder>,
) -> Result<(), Failure> {
    refuse_trace(args)?;
    let scenario = &file.scenario;
    let policy = heading.policy.as_ref();
    let policy = policy.and_then(|name| scenario.policies.get(name));
    let case = Case { scenario, policy };
    let plan = args.replications.plan(scenario)?;
    let threads = args.replications.thread_pool()?;
    let bar = Bar::new("replications");
    let outcome = threads.install(|| estimate(case, &plan, &|progress| bar.tell(progress)))?;
    drop(bar);
    let report = EstimationReport::new(heading, scenario, outcome);
    let format = output::format(args.output);
    print(&estimation(&report, format, width()))?;
    let objectives = &report.estimation.objectives;
    say_verdicts(objectives);
    if let Some(folder) = folder {
        folder.write_estimation(file, &report, &Measure::all(scenario), &[])?;
        if let Some(found) = &report.heading.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(started, threads.current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    missed(objectives)
}

/// All rows are written of one run alone.
pub(super) fn refuse_trace(args: &RunArgs) -> Result<(), Failure> {
    if args.trace.is_none() {
        return Ok(());
    }
    let message = "`--trace` writes one run: add `--replications 1`";
    Err(Failure::Invalid(message.into()))
}

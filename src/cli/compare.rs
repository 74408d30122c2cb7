//! `slotwise compare`: simulates every policy of a scenario, or several files, on the same luck and says which differences
//! are real.

use std::path::PathBuf;

use super::alternatives::Alternatives;
use super::chosen_run::overrides;
use super::output::{format, print, say, told, width};
use super::progress::Bar;
use super::replication_args::ReplicationArgs;
use super::results::{RunFolder, Started, usual_folder};
use super::run::missed;
use super::scenario_file::{ScenarioArgs, ScenarioFile, color};
use super::{Failure, Output, PartArg, compare_part, warm_up};
use crate::experiment::compare;
use crate::report::{Compared, ComparisonReport, comparison};
use crate::scenario::{ReadFile, Scenario, comparable, without_counterpart};

/// What has no counterpart is named up to this number.
const MAX_NAMED: usize = 5;

/// The arguments of `slotwise compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The scenario file whose policies are compared, or several files to be compared with each other.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Replaces a value in every file, such as `--set pools.database_pool.slots=12`; may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,
    /// How often each alternative is simulated; of several files the first says it.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// The seed of all random numbers, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long to simulate, instead of the scenario's horizon, such as `14d`.
    #[arg(long, value_name = "DURATION")]
    pub horizon: Option<String>,
    /// A policy to compare, by its name in the scenario; may be given several times; the default is all policies. Of
    /// several files, the policy that each of them uses; the default is its first.
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// What the others are compared with, and judged by the objectives: a policy, or a file without its folder and
    /// ending. The default is the first.
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Where results go: a folder, or `none`; the default is `compare/` in `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Simulates only the i-th of n parts of the replications, for `slotwise merge`: `i/n`, or `env` or `env/n` within an
    /// array job.
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartArg>,
    /// Goes on with what an interrupted process has left of the part.
    #[arg(long, requires = "part")]
    pub resume: bool,
    /// How the comparison is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Simulates all alternatives, prints the comparison and writes the results.
pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let started = Started::now();
    let mut files = read(args)?;
    let alternatives = Alternatives::of(&files, args)?;
    if let Some(part) = args.part {
        return compare_part::run(args, &files, &alternatives, part);
    }
    let threads = args.replications.thread_pool()?;
    let plan = args
        .replications
        .plan(&files[alternatives.baseline_file()].scenario)?;
    let warm_up = warm_up::settle_all(&mut files, &alternatives.cases(), &threads)?;
    let contenders = alternatives.contenders(&files);
    let baseline = contenders[0].scenario;
    let usual = usual_folder(&baseline.name).join("compare");
    let folder = RunFolder::open(args.out.as_deref(), usual)?;
    let bar = Bar::new("replications of alternatives");
    let tell = |progress| bar.tell(progress);
    let outcome = threads.install(|| compare(&contenders, &plan, &tell))?;
    drop(bar);
    let compared = match files.len() {
        1 => Compared::Policies,
        _ => Compared::Files,
    };
    let report = ComparisonReport::new(compared, baseline, warm_up, outcome);
    let verdict = show(&report, args.output)?;
    if let Some(folder) = &folder {
        let asked = match files.len() {
            1 => asked_policies(baseline, &report),
            _ => asked(args),
        };
        folder.write_comparison(&files, &report, &asked, &[])?;
        if let Some(found) = &report.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(&started, threads.current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    verdict
}

/// Prints the comparison; also whether the baseline meets its objectives.
pub(super) fn show(
    report: &ComparisonReport,
    output: Output,
) -> Result<Result<(), Failure>, Failure> {
    print(&comparison(report, format(output), width()))?;
    for (at, one) in report.comparison.alternatives.iter().enumerate() {
        // Of the others only the bad news: a site may have an objective for each of its DAGs.
        for verdict in one.objectives.iter().filter(|it| at == 0 || !it.met) {
            say(&format!("{}: {}", one.name, told(verdict)));
        }
    }
    Ok(missed(&report.comparison.alternatives[0].objectives))
}

/// The words of the command that compares these policies in this order, the same however it was asked for.
pub(super) fn asked_policies(scenario: &Scenario, report: &ComparisonReport) -> Vec<String> {
    let compared = report.comparison.alternatives.iter().map(|one| &one.name);
    if scenario.policies.is_empty() || scenario.policies.keys().eq(compared.clone()) {
        return Vec::new();
    }
    compared
        .flat_map(|name| ["--policy".to_owned(), name.clone()])
        .collect()
}

/// The words of the command that choose what is compared with what, of several files.
pub(super) fn asked(args: &CompareArgs) -> Vec<String> {
    let policies = args.policies.iter().map(|name| ("--policy", name));
    let baseline = args.baseline.iter().map(|name| ("--baseline", name));
    let all = policies.chain(baseline);
    all.flat_map(|(option, name)| [option.to_owned(), name.clone()])
        .collect()
}

/// Reads all files and sees to it that they can be compared.
fn read(args: &CompareArgs) -> Result<Vec<ScenarioFile>, Failure> {
    let read_one = |file: &PathBuf| {
        let scenario = ScenarioArgs {
            file: file.clone(),
            settings: args.settings.clone(),
        };
        scenario.read(overrides(args.seed, args.horizon.as_deref()))
    };
    let files = args.files.iter().map(read_one);
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let all: Vec<ReadFile<'_>> = files.iter().map(ScenarioFile::read_file).collect();
    comparable(&all).map_err(|problems| Failure::Diagnosed(problems.render(color())))?;
    for (at, file) in files.iter().enumerate() {
        // The first is held against the second, all others against the first.
        if let Some(other) = files.get(usize::from(at == 0)) {
            tell_what_stands_alone(file, other);
        }
    }
    Ok(files)
}

fn tell_what_stands_alone(file: &ScenarioFile, other: &ScenarioFile) {
    let alone = without_counterpart(&file.scenario, &other.scenario);
    if alone.is_empty() {
        return;
    }
    let named = alone.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    let more = match alone.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    say(&format!(
        "note: {}{more} of `{}` has no counterpart in `{}`: estimated, but not compared",
        named.join(", "),
        file.name,
        other.name
    ));
}

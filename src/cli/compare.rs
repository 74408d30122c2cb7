//! `slotwise compare`: simulates every policy on the same luck and says which differences are real.

use std::path::PathBuf;

use super::chosen_run::{overrides, policy_named};
use super::output::{format, print, say, width};
use super::progress::Bar;
use super::replication_args::ReplicationArgs;
use super::results::{RunFolder, Started, usual_folder};
use super::run::missed;
use super::scenario_file::ScenarioArgs;
use super::{Failure, Output, warm_up};
use crate::experiment::{Contender, compare};
use crate::report::{ComparisonReport, comparison};
use crate::scenario::Scenario;

/// What a scenario without policies is compared under.
const NO_POLICY: Contender<'static> = Contender {
    name: "as_is",
    policy: None,
};

/// The arguments of `slotwise compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// How often each policy is simulated.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// The seed of all random numbers, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long to simulate, instead of the scenario's horizon, such as `14d`.
    #[arg(long, value_name = "DURATION")]
    pub horizon: Option<String>,
    /// A policy to compare, by its name in the scenario; may be given several times. Differences are against the
    /// first, which is also judged by the objectives; the default is all policies of the scenario.
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Where results go: a folder, or `none`; the default is `compare/` in `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the comparison is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Simulates all policies, prints the comparison and writes the results.
pub(crate) fn run(args: &CompareArgs) -> Result<(), Failure> {
    let started = Started::now();
    let mut file = args
        .scenario
        .read(overrides(args.seed, args.horizon.as_deref()))?;
    let threads = args.replications.thread_pool()?;
    let plan = args.replications.plan(&file.scenario)?;
    let all = |scenario: &Scenario| {
        let contenders = contenders(scenario, args)?;
        Ok(contenders.iter().map(|one| one.policy.cloned()).collect())
    };
    let warm_up = warm_up::settle(&mut file, all, &threads)?;
    let scenario = &file.scenario;
    let policies = contenders(scenario, args)?;
    let usual = usual_folder(&scenario.name).join("compare");
    let folder = RunFolder::open(args.out.as_deref(), usual)?;
    let bar = Bar::new();
    let tell = |progress| bar.tell(progress);
    let outcome = threads.install(|| compare(scenario, &policies, &plan, &tell))?;
    drop(bar);
    let report = ComparisonReport::new(scenario, warm_up, outcome);
    print(&comparison(&report, format(args.output), width()))?;
    let policies = &report.comparison.policies;
    for (at, policy) in policies.iter().enumerate() {
        // Of the others only the bad news: a site may have an objective for each of its DAGs.
        for verdict in policy.objectives.iter().filter(|one| at == 0 || !one.met) {
            say(&format!("{}: {verdict}", policy.name));
        }
    }
    if let Some(folder) = &folder {
        folder.write_comparison(&file, &report)?;
        if let Some(found) = &report.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(&started, threads.current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    missed(&policies[0].objectives)
}

/// The policies that take part; one that does nothing if the scenario has none.
fn contenders<'a>(
    scenario: &'a Scenario,
    args: &'a CompareArgs,
) -> Result<Vec<Contender<'a>>, Failure> {
    let contender = |(name, plan)| Contender {
        name,
        policy: Some(plan),
    };
    let mut policies: Vec<Contender<'a>> = if args.policies.is_empty() {
        let all = scenario.policies.iter();
        all.map(|(name, plan)| contender((name.as_str(), plan)))
            .collect()
    } else {
        let named = args.policies.iter();
        named
            .map(|name| policy_named(scenario, name).map(contender))
            .collect::<Result<_, _>>()?
    };
    if policies.is_empty() {
        say("the scenario has no `policies` to compare: estimating its pools as they are");
        policies.push(NO_POLICY);
    }
    Ok(policies)
}

//! `slotwise select`: finds the best policy or point of a sweep, dropping on the way what is surely worse.

use std::path::PathBuf;

use super::candidates::{Candidates, policies};
use super::chosen_run::overrides;
use super::output::{format, print, say, width};
use super::progress::Bar;
use super::replication_args::{DEFAULT_REPLICATIONS, ReplicationArgs};
use super::results::{RunFolder, Started, usual_folder, with_replications};
use super::scenario_file::ScenarioArgs;
use super::{Failure, Output, PartArg, warm_up};
use crate::deployment::Deployment;
use crate::experiment::{Measure, Procedure, SelectionPlan, select};
use crate::report::{SelectionReport, selection};
use crate::scenario::{Amount, ObjectiveTarget, Scenario};

/// The arguments of `slotwise select`.
#[derive(Debug, clap::Args)]
pub struct SelectArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// How often all are simulated before one may be dropped, and how surely the best is found.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// What decides, such as `pool_wait_p95`; the default is what the first objective of the scenario is about.
    #[arg(long, value_name = "NAME")]
    pub indicator: Option<String>,
    /// The pool that the indicator is of; without pool, DAG and task it is of the whole site.
    #[arg(
        long,
        value_name = "POOL",
        requires = "indicator",
        conflicts_with = "dag"
    )]
    pub pool: Option<String>,
    /// The DAG that the indicator is of.
    #[arg(long, value_name = "DAG_ID", requires = "indicator")]
    pub dag: Option<String>,
    /// The task of the DAG that the indicator is of.
    #[arg(long, value_name = "TASK_ID", requires = "dag")]
    pub task: Option<String>,
    /// Differences smaller than this do not matter (a duration or a number): goes on until one is left. Without it,
    /// all that may be the best are left after the replications.
    #[arg(long, value_name = "DELTA")]
    pub indifference: Option<String>,
    /// With `--indifference`: where it ends all the same.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub max_replications: u32,
    /// The seed of all random numbers, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long to simulate, instead of the scenario's horizon, such as `14d`.
    #[arg(long, value_name = "DURATION")]
    pub horizon: Option<String>,
    /// A policy to choose from, by its name in the scenario; may be given several times. The default is all of them, and
    /// the first one where the points of a sweep are chosen from.
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Where results go: a folder, or `none`; the default is `select/` in `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Refused, because a selection decides in rounds what goes on.
    #[arg(long, value_name = "I/N", hide = true)]
    pub part: Option<PartArg>,
    /// How the selection is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Selects, prints what is left and writes the results.
pub(crate) fn run(args: &SelectArgs) -> Result<(), Failure> {
    let started = Started::now();
    let mut file = args
        .scenario
        .read(overrides(args.seed, args.horizon.as_deref()))?;
    if let Some(part) = args.part {
        return Err(no_parts(args, &file.scenario, part));
    }
    let threads = args.replications.thread_pool()?;
    let warm_up = if file.scenario.points.is_some() {
        None
    } else {
        let all = |scenario: &Scenario| {
            let policies = policies(scenario, &args.policies)?;
            let plans = policies.into_iter().map(|(_, plan)| Some(plan.clone()));
            Ok(plans.collect())
        };
        warm_up::settle(&mut file, all, &threads)?
    };
    let candidates = Candidates::of(&file, &args.policies)?;
    let cases = candidates.cases();
    if cases.len() < 2 {
        return Err(Failure::Invalid(format!(
            "a selection takes two policies or points of a sweep or more, not {}",
            cases.len()
        )));
    }
    let scenario = cases[0].scenario;
    let measure = measure(scenario, args)?;
    let plan = plan(scenario, args)?;
    plan.check(cases.len(), &measure)?;
    let folder = RunFolder::open(
        args.out.as_deref(),
        usual_folder(&scenario.name).join("select"),
    )?;
    let bar = Bar::new("replications of candidates");
    let tell = |progress| bar.tell(progress);
    let outcome = threads.install(|| select(&cases, &measure, &plan, &tell))?;
    drop(bar);
    drop(cases);
    let Candidates { factors, list, .. } = candidates;
    let report = SelectionReport::new(&file.scenario, warm_up, factors, list, outcome);
    print(&selection(&report, format(args.output), width()))?;
    if let Some(folder) = &folder {
        folder.write_selection(&file, &report, &asked(args, &report))?;
        if let Some(found) = &report.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(&started, threads.current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    Ok(())
}

/// What has parts instead: the same candidates, each simulated equally often.
fn no_parts(args: &SelectArgs, scenario: &Scenario, part: PartArg) -> Failure {
    let command = if scenario.points.is_some() {
        "sweep"
    } else {
        "compare"
    };
    let file = args.scenario.file.display();
    let count = args.replications.asked(scenario);
    let count = count.unwrap_or(DEFAULT_REPLICATIONS);
    Failure::Invalid(format!(
        "a selection decides in rounds what is simulated further, so it has no parts: \
         use `slotwise {command} {file} --replications {count} --part {part}`"
    ))
}

/// The words of the command after the file, with what the scenario decided where nothing was asked.
fn asked(args: &SelectArgs, report: &SelectionReport) -> Vec<String> {
    let plan = &report.selection.plan;
    let mut words = Vec::new();
    let options = [
        ("--indicator", &args.indicator),
        ("--pool", &args.pool),
        ("--dag", &args.dag),
        ("--task", &args.task),
        ("--indifference", &args.indifference),
    ];
    for (option, value) in options {
        words.extend(
            value
                .iter()
                .flat_map(|value| [option.to_owned(), value.clone()]),
        );
    }
    let first = match plan.procedure {
        Procedure::Subset { replications } => replications,
        Procedure::KimNelson {
            first_replications,
            max_replications,
            ..
        } => {
            words.extend([
                "--max-replications".to_owned(),
                max_replications.to_string(),
            ]);
            first_replications
        }
    };
    let policies = args.policies.iter();
    words.extend(policies.flat_map(|name| ["--policy".to_owned(), name.clone()]));
    words.extend(with_replications(first, plan.level));
    words
}

fn plan(scenario: &Scenario, args: &SelectArgs) -> Result<SelectionPlan, Failure> {
    let replications = args.replications.replications.or(scenario.replications);
    let replications = replications.unwrap_or(DEFAULT_REPLICATIONS);
    let level = args.replications.level(scenario);
    let Some(text) = &args.indifference else {
        let procedure = Procedure::Subset { replications };
        return Ok(SelectionPlan { procedure, level });
    };
    let amount = Amount::parse(text);
    let amount = amount.map_err(|error| Failure::Invalid(format!("`--indifference`: {error}")))?;
    let procedure = Procedure::KimNelson {
        first_replications: replications,
        indifference: amount.0,
        max_replications: args.max_replications,
    };
    Ok(SelectionPlan { procedure, level })
}

/// What decides.
fn measure(scenario: &Scenario, args: &SelectArgs) -> Result<Measure, Failure> {
    let (kind, name, indicator) = match &args.indicator {
        Some(indicator) => {
            let (kind, name) = match (&args.pool, &args.dag, &args.task) {
                (Some(pool), ..) => ("pool", pool.clone()),
                (None, Some(dag), Some(task)) => ("task", format!("{dag}.{task}")),
                (None, Some(dag), None) => ("dag", dag.clone()),
                (None, None, _) => ("site", scenario.name.clone()),
            };
            (kind, name, indicator.clone())
        }
        None => first_objective(scenario).ok_or_else(|| {
            Failure::Invalid(
                "what decides? give `--indicator`, and what it is of: the scenario has no objective of a pool, DAG or task".into(),
            )
        })?,
    };
    Measure::named(kind, &name, &indicator, scenario).ok_or_else(|| {
        Failure::Invalid(format!(
            "there is no indicator `{indicator}` of {kind} `{name}`"
        ))
    })
}

fn first_objective(scenario: &Scenario) -> Option<(&'static str, String, String)> {
    let deployment: &Deployment = &scenario.deployment;
    let objective = scenario.objectives.first()?;
    let (kind, name) = match objective.target {
        ObjectiveTarget::Site => return None,
        ObjectiveTarget::Pool(id) => ("pool", deployment.pools[id.index()].name.clone()),
        ObjectiveTarget::Resource(id) => {
            ("resource", deployment.resources[id.index()].name.clone())
        }
        ObjectiveTarget::Dag(id) => ("dag", deployment.dags[id.index()].dag_id.clone()),
        ObjectiveTarget::Task(id) => {
            let task = &deployment.tasks[id.index()];
            let dag = &deployment.dags[task.dag.index()];
            ("task", format!("{}.{}", dag.dag_id, task.task_id))
        }
    };
    Some((kind, name, objective.indicator.clone()))
}

//! `slotwise sensitivity`: turns every knob of a scenario a little, on the same luck, and says what one more slot is worth.

use std::path::PathBuf;

use super::chosen_run::ChosenRunArgs;
use super::output::{format, print, say, width};
use super::progress::Bar;
use super::replication_args::{DEFAULT_REPLICATIONS, ReplicationArgs};
use super::results::{RunFolder, Started, usual_folder};
use super::run::heading;
use super::scenario_file::ScenarioFile;
use super::{Failure, Output, PartArg, sensitivity_part, warm_up};
use crate::experiment::{Measure, Step, Varied, sensitivity};
use crate::metrics::Entity;
use crate::report::{self, SensitivityReport};
use crate::scenario::near::suggestion;
use crate::scenario::{Knob, Scenario};
use crate::trace::Indicator;

/// The arguments of `slotwise sensitivity`.
#[derive(Debug, clap::Args)]
pub struct SensitivityArgs {
    /// What is simulated.
    #[command(flatten)]
    pub chosen: ChosenRunArgs,
    /// How often each side of each knob is simulated. The number is fixed: a `precision` of the scenario is not looked at.
    #[command(flatten)]
    pub replications: ReplicationArgs,
    /// What is looked at; the default is `pool_wait_p95`, with `horizon: until_done` it is `time_to_clear`.
    #[arg(long, value_name = "NAME")]
    pub indicator: Option<String>,
    /// The pool of which it is; the default is the whole site.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["dag", "task"])]
    pub pool: Option<String>,
    /// The DAG of which it is.
    #[arg(long, value_name = "NAME")]
    pub dag: Option<String>,
    /// The task of that DAG of which it is.
    #[arg(long, value_name = "NAME", requires = "dag")]
    pub task: Option<String>,
    /// By how much each knob is turned to both sides: a number, or a share of its value such as `10%`.
    #[arg(long, value_name = "STEP", default_value = "1")]
    pub step: Step,
    /// Turns only the knobs whose path begins so, such as `pools`; may be given several times.
    #[arg(long = "knob", value_name = "PATH")]
    pub knobs: Vec<String>,
    /// Where results go: a folder, or `none`; the default is `sensitivity/` in `output/` and the scenario's name.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Simulates only the i-th of n parts of the replications, for `slotwise merge`: `i/n`, or `env` or `env/n` within an
    /// array job.
    #[arg(long, value_name = "I/N")]
    pub part: Option<PartArg>,
    /// Goes on with what an interrupted process has left of the part.
    #[arg(long, requires = "part")]
    pub resume: bool,
    /// How the ranking is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Turns all knobs, prints the ranking and writes the results.
pub(crate) fn run(args: &SensitivityArgs) -> Result<(), Failure> {
    let started = Started::now();
    let mut file = args.chosen.read()?;
    if let Some(part) = args.part {
        return sensitivity_part::run(args, &file, part);
    }
    let threads = args.replications.thread_pool()?;
    let chosen = |scenario: &Scenario| {
        let policy = args.chosen.policy(scenario)?;
        Ok(vec![policy.map(|(_, plan)| plan.clone())])
    };
    let warm_up = warm_up::settle(&mut file, chosen, &threads)?;
    let scenario = &file.scenario;
    let policy = args.chosen.policy(scenario)?;
    let measure = measure(args, scenario)?;
    let asked = args.replications.asked(scenario);
    let varied = Varied {
        scenario,
        policy: policy.map(|(name, _)| name),
        measure: &measure,
        knobs: chosen_knobs(&args.knobs, &file)?,
        step: args.step,
        replications: asked.unwrap_or(DEFAULT_REPLICATIONS),
        level: args.replications.level(scenario),
    };
    let usual = usual_folder(&scenario.name).join("sensitivity");
    let folder = RunFolder::open(args.out.as_deref(), usual)?;
    let bar = Bar::new("replications of turned knobs");
    let turn = |knob: &Knob, to: i64| turn(&file, knob, to);
    let outcome = threads.install(|| sensitivity(&varied, &turn, &|it| bar.tell(it)))?;
    drop(bar);
    let heading = heading(&file, policy, warm_up);
    let report = SensitivityReport::new(heading, scenario, args.step, outcome);
    show(&report, args.output)?;
    if let Some(folder) = &folder {
        folder.write_sensitivity(&file, &report, &args.knobs, &[])?;
        if let Some(found) = &report.heading.warm_up {
            warm_up::write(folder, found)?;
        }
        folder.write_log(&started, threads.current_num_threads())?;
        say(&format!("results are in `{}`", folder.path().display()));
    }
    Ok(())
}

/// Prints the ranking.
pub(super) fn show(report: &SensitivityReport, output: Output) -> Result<(), Failure> {
    print(&report::sensitivity(report, format(output), width()))
}

/// The knobs whose paths begin as asked, or all.
pub(super) fn chosen_knobs(asked: &[String], file: &ScenarioFile) -> Result<Vec<Knob>, Failure> {
    let all = file.knobs()?;
    let is_chosen = |knob: &Knob| asked.iter().any(|path| knob.path.starts_with(path));
    let paths: Vec<&str> = all.iter().map(|knob| knob.path.as_str()).collect();
    for asked in asked {
        if !paths.iter().any(|path| path.starts_with(asked)) {
            return Err(Failure::Invalid(format!(
                "no knob begins with `{asked}`: {}",
                suggestion(asked, &paths)
            )));
        }
    }
    let chosen = all
        .iter()
        .filter(|knob| asked.is_empty() || is_chosen(knob));
    Ok(chosen.cloned().collect())
}

/// The scenario with a knob at another value, measured over the same time.
pub(super) fn turn(file: &ScenarioFile, knob: &Knob, to: i64) -> Result<Scenario, String> {
    let turned = file.with_setting(&setting(knob, to));
    let mut scenario = turned.map_err(|problems| {
        let first = problems.list.first();
        let problem = first.map_or("", |problem| &problem.message);
        format!("{to} is not possible: {problem}")
    })?;
    scenario.warm_up = file.scenario.warm_up;
    scenario.auto_warm_up = file.scenario.auto_warm_up;
    Ok(scenario)
}

/// The setting that turns a knob.
pub(super) fn setting(knob: &Knob, to: i64) -> String {
    format!("{}={to}", knob.path)
}

/// What is looked at.
pub(super) fn measure(args: &SensitivityArgs, scenario: &Scenario) -> Result<Measure, Failure> {
    let usual = if scenario.until_done {
        "time_to_clear"
    } else {
        "pool_wait_p95"
    };
    let name = args.indicator.as_deref().unwrap_or(usual);
    let indicator: Indicator = name.parse().map_err(|_| {
        let known: Vec<String> = Indicator::all().map(|it| it.to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        Failure::Invalid(format!(
            "there is no indicator `{name}`: {}",
            suggestion(name, &known)
        ))
    })?;
    let entity = entity(args, scenario, indicator)?;
    if !indicator.applies_to(entity.kind()) {
        let kind = entity.kind().name();
        return Err(Failure::Invalid(format!(
            "a {kind} has no indicator `{indicator}`: name something else by `--pool`, `--dag` or `--task`"
        )));
    }
    Ok(Measure::of(indicator, entity, scenario))
}

/// Of what it is asked; the only DAG need not be named.
fn entity(
    args: &SensitivityArgs,
    scenario: &Scenario,
    indicator: Indicator,
) -> Result<Entity, Failure> {
    let deployment = &scenario.deployment;
    let unknown = |kind: &str, name: &str| {
        Failure::Invalid(format!("there is no {kind} `{name}` in the scenario"))
    };
    if let Some(pool) = &args.pool {
        let found = deployment.pool_named(pool);
        return found.map(Entity::Pool).ok_or_else(|| unknown("pool", pool));
    }
    if let Some(name) = &args.dag {
        let dag = deployment
            .dag_named(name)
            .ok_or_else(|| unknown("DAG", name))?;
        let Some(task) = &args.task else {
            return Ok(Entity::Dag(dag));
        };
        let found = deployment.task_named(dag, task);
        return found.map(Entity::Task).ok_or_else(|| unknown("task", task));
    }
    let of_only_dag = deployment.dags.len() == 1 && !indicator.applies_to(Entity::Site.kind());
    let only = of_only_dag.then(|| Entity::Dag(crate::ids::DagId::new(0)));
    Ok(only
        .filter(|only| indicator.applies_to(only.kind()))
        .unwrap_or(Entity::Site))
}

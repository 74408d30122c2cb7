//! `slotwise explain`: the story of one task instance.

use super::chosen_run::ChosenRunArgs;
use super::output::{format, print};
use super::{Failure, Output};
use crate::deployment::Deployment;
use crate::experiment::{NoStory, Replication, StoryQuery, tell};
use crate::ids::TaskId;
use crate::report::story;

/// The arguments of `slotwise explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// What is simulated.
    #[command(flatten)]
    pub chosen: ChosenRunArgs,
    /// The DAG of the instance.
    #[arg(long, value_name = "DAG_ID")]
    pub dag: String,
    /// The task of the instance.
    #[arg(long, value_name = "TASK_ID")]
    pub task: String,
    /// The run: its id, or the beginning of its logical date or of the moment it is due, such as `2026-03-02T04`. The
    /// default is the run in which the task waited longest.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Which instance of a mapped task; the default is the one that waited longest.
    #[arg(long, value_name = "N")]
    pub map_index: Option<i32>,
    /// How the story is printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Simulates the scenario as `run` does and tells the story.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let file = args.chosen.read()?;
    let scenario = &file.scenario;
    let policy = args.chosen.policy(scenario)?;
    let replication = Replication {
        scenario,
        policy: policy.map(|(_, plan)| plan),
        number: 0,
    };
    let query = StoryQuery {
        task: task_named(&scenario.deployment, &args.dag, &args.task)?,
        run: args.run.as_deref(),
        map_index: args.map_index,
    };
    let told = tell(&replication, &query)?;
    print(&story(&scenario.deployment, &told, format(args.output)))
}

fn task_named(deployment: &Deployment, dag_id: &str, task_id: &str) -> Result<TaskId, Failure> {
    let dag = deployment.dag_named(dag_id).ok_or_else(|| {
        let known = deployment.dags.iter().map(|dag| dag.dag_id.as_str());
        unknown("DAG", dag_id, "the scenario", known)
    })?;
    let found = deployment
        .tasks_of(dag)
        .find(|(_, task)| task.task_id == task_id);
    found.map(|(id, _)| id).ok_or_else(|| {
        let known = deployment.tasks_of(dag);
        let known = known.map(|(_, task)| task.task_id.as_str());
        unknown("task", task_id, &format!("`{dag_id}`"), known)
    })
}

fn unknown<'a>(
    what: &str,
    name: &str,
    place: &str,
    known: impl Iterator<Item = &'a str>,
) -> Failure {
    let known = known.collect::<Vec<_>>().join("`, `");
    Failure::Invalid(format!(
        "there is no {what} `{name}`: {place} has `{known}`"
    ))
}

impl From<NoStory> for Failure {
    fn from(error: NoStory) -> Self {
        match error {
            NoStory::Policy(error) => error.into(),
            error => Self::Invalid(error.to_string()),
        }
    }
}

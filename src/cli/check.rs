//! `slotwise check`: reads a scenario and says what is wrong with it.

use super::Failure;
use super::output::print;
use super::scenario_file::{ScenarioArgs, diagnosed};
use crate::scenario::Scenario;

/// The arguments of `slotwise check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
}

/// Reads the scenario and all points of its sweep; in one line on stdout what it holds.
pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let file = args.scenario.read(Vec::new())?;
    let Scenario {
        name,
        deployment,
        policies,
        points,
        ..
    } = &file.scenario;
    let mut held = vec![
        count(deployment.pools.len(), "pool", "pools"),
        count(deployment.dags.len(), "DAG", "DAGs"),
        count(deployment.tasks.len(), "task", "tasks"),
        count(policies.len(), "policy", "policies"),
    ];
    if let Some(points) = *points {
        let checked = file.points(true)?.check();
        checked.map_err(|problems| diagnosed(&problems))?;
        held.push(count(points, "point", "points") + " to sweep");
    }
    print(&format!("{name}: {}\n", held.join(", ")))
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

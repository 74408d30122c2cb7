//! `slotwise check`: reads a scenario and says what is wrong with it.

use super::Failure;
use super::output::print;
use super::scenario_file::ScenarioArgs;
use crate::scenario::Scenario;

/// The arguments of `slotwise check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
}

/// Reads the scenario; in one line on stdout what it holds.
pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let Scenario {
        name,
        deployment,
        policies,
        ..
    } = args.scenario.read(Vec::new())?.scenario;
    print(&format!(
        "{name}: {}, {}, {}, {}\n",
        count(deployment.pools.len(), "pool", "pools"),
        count(deployment.dags.len(), "DAG", "DAGs"),
        count(deployment.tasks.len(), "task", "tasks"),
        count(policies.len(), "policy", "policies"),
    ))
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

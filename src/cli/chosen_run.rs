//! Which run of a scenario is simulated: its luck, its length and its policy.

use super::Failure;
use super::scenario_file::{ScenarioArgs, ScenarioFile};
use crate::policy::PolicyPlan;
use crate::scenario::Scenario;

/// A scenario, and one way to run it.
#[derive(Clone, Debug, clap::Args)]
pub struct ChosenRunArgs {
    /// The scenario.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The seed of all random numbers, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How long to simulate, instead of the scenario's horizon, such as `14d`.
    #[arg(long, value_name = "DURATION")]
    pub horizon: Option<String>,
    /// The sizing policy, by its name in the scenario; the default is the first one.
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
}

impl ChosenRunArgs {
    /// Reads the scenario.
    pub(crate) fn read(&self) -> Result<ScenarioFile, Failure> {
        self.scenario
            .read(overrides(self.seed, self.horizon.as_deref()))
    }

    /// The policy asked for, with its name; none if the scenario has none.
    pub(crate) fn policy<'a>(
        &'a self,
        scenario: &'a Scenario,
    ) -> Result<Option<(&'a str, &'a PolicyPlan)>, Failure> {
        if let Some(name) = &self.policy {
            return policy_named(scenario, name).map(Some);
        }
        let first = scenario.policies.first();
        Ok(first.map(|(name, plan)| (name.as_str(), plan)))
    }
}

/// Settings that have an option of their own.
pub(crate) fn overrides(seed: Option<u64>, horizon: Option<&str>) -> Vec<String> {
    let seed = seed.map(|seed| format!("seed={seed}"));
    seed.into_iter()
        .chain(horizon.map(|horizon| format!("horizon={horizon}")))
        .collect()
}

/// The policy of that name, with its name.
pub(crate) fn policy_named<'a>(
    scenario: &'a Scenario,
    name: &'a str,
) -> Result<(&'a str, &'a PolicyPlan), Failure> {
    let known = || {
        let names = scenario.policies.keys().map(String::as_str);
        names.collect::<Vec<_>>().join("`, `")
    };
    match scenario.policies.get(name) {
        Some(plan) => Ok((name, plan)),
        None if scenario.policies.is_empty() => Err(Failure::Invalid(format!(
            "there is no policy `{name}`: the scenario has no `policies`"
        ))),
        None => Err(Failure::Invalid(format!(
            "there is no policy `{name}`: the scenario has `{}`",
            known()
        ))),
    }
}

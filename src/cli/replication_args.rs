//! How often something is simulated, on how many threads, and how sure the intervals are.

use std::num::NonZeroUsize;

use super::{Failure, PartArg};
use crate::experiment::Plan;
use crate::scenario::Scenario;

/// How often an experiment simulates each case if neither the command line nor the scenario says.
pub(crate) const DEFAULT_REPLICATIONS: u32 = 10;

/// The level of intervals if neither the command line nor the scenario says.
const DEFAULT_LEVEL: f64 = 0.95;

/// The arguments of commands that replicate.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplicationArgs {
    /// How often each case is simulated; the default is the scenario's number. Given here, it also replaces the
    /// scenario's `precision`.
    #[arg(short = 'n', long, value_name = "N")]
    pub replications: Option<u32>,
    /// How many threads simulate; the default is one a core. The results are the same for any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// The confidence level of the intervals, in percent; the default is the scenario's, else 95.
    #[arg(long, value_name = "PERCENT")]
    pub level: Option<f64>,
}

impl ReplicationArgs {
    /// How often the command line or the scenario wants each case simulated; none if neither says.
    pub(crate) fn asked(&self, scenario: &Scenario) -> Option<u32> {
        let first_round = scenario.precision.as_ref().map(|_| DEFAULT_REPLICATIONS);
        self.replications.or(scenario.replications).or(first_round)
    }

    /// The plan for a scenario.
    pub(crate) fn plan(&self, scenario: &Scenario) -> Result<Plan, Failure> {
        let replications = self.asked(scenario).unwrap_or(DEFAULT_REPLICATIONS);
        let plan = Plan::new(replications, self.level(scenario))?;
        let is_fixed = self.replications.is_some();
        Ok(plan.until(scenario.precision.clone().filter(|_| !is_fixed)))
    }

    /// How often a plan of cells simulates each case, if anybody says: how many cells there are, and what is measured of
    /// each, must be known before they are split or kept. `command` is the one that was given, without its numbers.
    pub(crate) fn fixed(
        &self,
        scenario: &Scenario,
        command: &str,
        part: Option<PartArg>,
    ) -> Result<Option<u32>, Failure> {
        let asked = self.replications.or(scenario.replications);
        if scenario.precision.is_some() && self.replications.is_none() {
            let count = asked.unwrap_or(DEFAULT_REPLICATIONS);
            let part = part.map_or_else(String::new, |part| format!(" --part {part}"));
            return Err(Failure::Invalid(format!(
                "`precision` decides in rounds how many replications there are, but here the number must be fixed: \
                 use `{command} --replications {count}{part}`"
            )));
        }
        given_warm_up(scenario, command)?;
        Ok(asked)
    }

    /// The level of intervals.
    pub(crate) fn level(&self, scenario: &Scenario) -> f64 {
        let given = self.level.map(|percent| percent / 100.0);
        given.or(scenario.level).unwrap_or(DEFAULT_LEVEL)
    }

    /// The threads that simulate.
    pub(crate) fn thread_pool(&self) -> Result<rayon::ThreadPool, Failure> {
        // Zero lets rayon take one a core.
        let count = self.threads.map_or(0, NonZeroUsize::get);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        pool.map_err(|error| Failure::Outside(format!("cannot start {count} threads: {error}")))
    }
}

/// Refuses a warm-up that is still to be found, where many sites are to be measured alike.
pub(crate) fn given_warm_up(scenario: &Scenario, command: &str) -> Result<(), Failure> {
    if !scenario.auto_warm_up {
        return Ok(());
    }
    Err(Failure::Invalid(format!(
        "`warm_up: auto` looks for the warm-up of one site, but here it must be given: `slotwise run` finds it, \
         `{command} --set warm_up=6h` gives it"
    )))
}

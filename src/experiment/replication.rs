//! One replication: a scenario under a policy, with one draw of luck.

use crate::airflow::{Drawn, DynamicPoolError, Simulation, as_plain_site, as_queueing_network};
use crate::metrics::check_identities;
use crate::policy::PolicyPlan;
use crate::random::StreamKey;
use crate::scenario::Scenario;
use crate::trace::{MeasurementWindow, Recorder, RunningSummary};

/// What is to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct Replication<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The policy that sizes its pools, if any.
    pub policy: Option<&'a PolicyPlan>,
    /// Which draw of luck: the same number means the same luck under every policy.
    pub number: u64,
}

impl Replication<'_> {
    /// From the start to the horizon, measured after the warm-up. One that is over when all is done ends earlier.
    pub fn window(&self) -> MeasurementWindow {
        let Scenario {
            start,
            warm_up,
            horizon,
            ..
        } = *self.scenario;
        MeasurementWindow {
            start,
            warm_up_end: start + warm_up,
            end: start + horizon,
        }
    }

    /// A summary of nothing yet. Unless it may be over before, courses are kept for the whole time to the horizon.
    pub(crate) fn empty_summary(&self) -> RunningSummary {
        let empty = RunningSummary::new(&self.scenario.deployment, self.window());
        if self.scenario.until_done {
            empty
        } else {
            empty.to_the_horizon()
        }
    }
}

/// Simulates a replication and hands its facts to `recorder`.
///
/// # Errors
/// A policy that cannot be attached to its pools, or that fails.
pub fn replicate<R: Recorder>(
    replication: &Replication<'_>,
    recorder: R,
) -> Result<R, DynamicPoolError> {
    let Scenario {
        deployment, seed, ..
    } = replication.scenario;
    let window = replication.window();
    let key = StreamKey::root(*seed, replication.number);
    // The quick way writes the same rows, but knows neither policies nor an end that depends on what happens.
    let mut recorder = recorder;
    if replication.policy.is_none() && !replication.scenario.until_done {
        recorder = match as_plain_site(deployment, key, window.start, window.end, recorder) {
            Ok(recorder) => return Ok(recorder),
            Err(recorder) => recorder,
        };
    }
    let mut simulation = Simulation::new(
        deployment,
        window.start,
        key,
        Drawn::new(deployment),
        recorder,
    );
    if let Some(plan) = replication.policy {
        simulation.govern(plan)?;
    }
    if replication.scenario.until_done {
        simulation.run_until_done(window.end);
    } else {
        simulation.run_until(window.end);
    }
    if let Some(failure) = simulation.failure() {
        return Err(failure.clone());
    }
    Ok(simulation.finish())
}

/// Simulates a replication and keeps its running summary.
///
/// # Errors
/// A policy that cannot be attached to its pools, or that fails.
pub fn summarise(replication: &Replication<'_>) -> Result<RunningSummary, DynamicPoolError> {
    summarise_into(replication, replication.empty_summary())
}

/// The same for those who ask for figures only: no course of a pool over time is kept.
pub(super) fn summarise_figures(
    replication: &Replication<'_>,
) -> Result<RunningSummary, DynamicPoolError> {
    summarise_into(replication, replication.empty_summary().without_courses())
}

fn summarise_into(
    replication: &Replication<'_>,
    empty: RunningSummary,
) -> Result<RunningSummary, DynamicPoolError> {
    let summary = match summarise_network(replication) {
        Some(summary) => summary,
        None => replicate(replication, empty)?,
    };
    debug_assert_eq!(check_identities(&summary), Ok(()));
    Ok(summary)
}

/// The quick way, which comes to the same, for sites that are open queueing networks.
fn summarise_network(replication: &Replication<'_>) -> Option<RunningSummary> {
    let scenario = replication.scenario;
    let key = StreamKey::root(scenario.seed, replication.number);
    // It knows neither policies nor an end that depends on what happens.
    let is_covered = replication.policy.is_none() && !scenario.until_done;
    if !is_covered {
        return None;
    }
    as_queueing_network(&scenario.deployment, key, replication.window())
}

//! What a selection chooses from: the points of the scenario's sweep, or its policies.

use super::Failure;
use super::chosen_run::policy_named;
use super::replication_args::given_warm_up;
use super::scenario_file::{ScenarioFile, diagnosed};
use crate::experiment::Case;
use crate::policy::PolicyPlan;
use crate::report::Candidate;
use crate::scenario::Scenario;

/// Candidates with what they are cases of.
pub(super) struct Candidates {
    /// The paths that vary; none without a sweep.
    pub(super) factors: Vec<String>,
    pub(super) list: Vec<Candidate>,
    /// The scenarios of the points, or the only one.
    scenarios: Vec<Scenario>,
}

impl Candidates {
    /// Every point of the sweep under each of the policies asked for, by default the first one; without a sweep these
    /// policies, by default all of them.
    ///
    /// # Errors
    /// A policy that is unknown, and points that are no scenarios.
    pub(super) fn of(file: &ScenarioFile, asked: &[String]) -> Result<Self, Failure> {
        if file.scenario.points.is_some() {
            return Self::of_sweep(file, asked);
        }
        let policies = policies(&file.scenario, asked)?;
        let list = policies.iter().map(|(name, _)| Candidate::policy(name));
        Ok(Self {
            factors: Vec::new(),
            list: list.collect(),
            scenarios: vec![file.scenario.clone()],
        })
    }

    fn of_sweep(file: &ScenarioFile, asked: &[String]) -> Result<Self, Failure> {
        let scenario = &file.scenario;
        given_warm_up(scenario, &format!("slotwise select {}", file.name))?;
        let points = file.points(true)?;
        points.check().map_err(|problems| diagnosed(&problems))?;
        let mut policies = Vec::new();
        for name in asked {
            policies.push(Some(policy_named(scenario, name)?.0.to_owned()));
        }
        if policies.is_empty() {
            policies.push(scenario.policies.keys().next().cloned());
        }
        let mut scenarios = Vec::new();
        let mut list = Vec::new();
        for point in 0..points.count() {
            let checked = points.scenario(point);
            scenarios.push(checked.map_err(|problems| diagnosed(&problems))?.value);
            list.extend(policies.iter().map(|policy| Candidate {
                point: Some(point),
                values: points.values(point),
                policy: policy.clone(),
            }));
        }
        Ok(Self {
            factors: points.factors().map(str::to_owned).collect(),
            list,
            scenarios,
        })
    }

    /// The cases, in the order of the list.
    pub(super) fn cases(&self) -> Vec<Case<'_>> {
        let case = |candidate: &Candidate| {
            let scenario = &self.scenarios[candidate.point.unwrap_or(0)];
            let policy = candidate.policy.as_ref();
            Case {
                scenario,
                policy: policy.and_then(|name| scenario.policies.get(name)),
            }
        };
        self.list.iter().map(case).collect()
    }
}

/// The policies of a scenario that are asked for, or all of them.
pub(super) fn policies<'a>(
    scenario: &'a Scenario,
    asked: &'a [String],
) -> Result<Vec<(&'a str, &'a PolicyPlan)>, Failure> {
    if asked.is_empty() {
        let all = scenario.policies.iter();
        return Ok(all.map(|(name, plan)| (name.as_str(), plan)).collect());
    }
    let asked = asked.iter();
    asked.map(|name| policy_named(scenario, name)).collect()
}

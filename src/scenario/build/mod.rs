//! From syntax to meaning: names become ids, defaults are filled in, texts become schedules and distributions.
//!
//! Building goes on after a problem, with a harmless value in its place, so that all problems are found at once;
//! the outcome counts only if there was none.

mod arrivals;
mod assets;
mod awaits;
mod costs;
mod dags;
mod distribution;
mod empirical;
mod endings;
mod events;
mod executors;
mod links;
mod mixture;
mod names;
mod objectives;
mod policies;
mod profile;
mod resources;
mod schedule;
mod scripts;
mod settings;
mod sizes;
mod sweep;
mod table;
mod task_kind;
mod tasks;
mod worker_events;

use indexmap::IndexSet;

use super::diagnostic::{Diagnostic, Source};
use super::syntax::{Horizon, ScenarioSyntax, WarmUp};
use super::{Files, Scenario};
use crate::deployment::Deployment;
use crate::time::{SimDuration, SimTime};

/// Monday, 2026-01-05T00:00:00Z: where a scenario begins that does not say.
const DEFAULT_START: SimTime = SimTime::from_micros(1_767_571_200_000_000);

/// What was built, and what was wrong with it.
pub(super) struct Built {
    /// The scenario; none if it is too large to be built.
    pub(super) scenario: Option<Scenario>,
    /// The problems so far.
    pub(super) found: Vec<Diagnostic>,
    /// The files beside the scenario that problems may point into; they come after the texts that were given.
    pub(super) files_read: Vec<Source>,
}

/// Builds a scenario.
pub(super) fn build(syntax: &ScenarioSyntax, sources: &[Source], files: &dyn Files) -> Built {
    let mut builder = Builder {
        syntax,
        sources,
        files,
        deployment: Deployment::default(),
        assets: IndexSet::new(),
        found: Vec::new(),
        files_read: Vec::new(),
    };
    let scenario = builder.scenario();
    Built {
        scenario,
        found: builder.found,
        files_read: builder.files_read,
    }
}

/// A building site: what is read from, what stands already, and the problems so far.
struct Builder<'a> {
    syntax: &'a ScenarioSyntax,
    sources: &'a [Source],
    files: &'a dyn Files,
    deployment: Deployment,
    assets: IndexSet<String>,
    found: Vec<Diagnostic>,
    files_read: Vec<Source>,
}

impl Builder<'_> {
    fn scenario(&mut self) -> Option<Scenario> {
        let syntax = self.syntax;
        self.settings();
        self.pools();
        self.later_pools();
        self.resources();
        self.executors();
        self.dags()?;
        self.awaits();
        self.events();
        self.deployment.assets = std::mem::take(&mut self.assets).into_iter().collect();
        let policies = self.policies();
        self.deployment.costs = syntax.costs.as_ref().map(|costs| self.costs(costs));
        let budget = syntax.budget.as_ref();
        self.deployment.budget = budget.map(|budget| self.budget(budget, &policies));
        let objectives = self.objectives();
        let points = self.points();
        let precision = syntax.precision.as_ref().and_then(|it| self.precision(it));
        Some(Scenario {
            name: syntax
                .name
                .as_ref()
                .map_or("scenario", |name| name)
                .to_owned(),
            description: syntax.description.clone(),
            start: self.start(),
            horizon: syntax.horizon.value.longest(),
            until_done: syntax.horizon.value == Horizon::UntilDone,
            warm_up: match syntax.warm_up.as_ref().map(|given| given.value) {
                Some(WarmUp::Given(span)) => span,
                Some(WarmUp::Auto) | None => SimDuration::ZERO,
            },
            auto_warm_up: matches!(
                syntax.warm_up.as_ref().map(|given| given.value),
                Some(WarmUp::Auto)
            ),
            seed: syntax.seed.unwrap_or(1),
            replications: syntax.replications.as_ref().map(|count| count.value),
            precision,
            level: syntax.level.map(|level| level.0),
            deployment: std::mem::take(&mut self.deployment),
            policies,
            objectives,
            points,
        })
    }

    fn start(&self) -> SimTime {
        self.syntax
            .start
            .as_ref()
            .map_or(DEFAULT_START, |start| start.value)
    }

    fn report(&mut self, problem: Diagnostic) {
        self.found.push(problem);
    }
}

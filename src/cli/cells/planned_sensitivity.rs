//! A sensitivity analysis as a plan of cells: the first point is the site as it is, the others have one knob turned.

use serde::{Deserialize, Serialize};

use super::Sites;
use crate::cli::Failure;
use crate::cli::scenario_file::ScenarioFile;
use crate::cli::sensitivity::{chosen_knobs, setting, turn};
use crate::experiment::{Measure, Step, Turns};
use crate::scenario::Knob;

/// Which knobs are turned, and what is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlannedSensitivity {
    pub(crate) indicator: String,
    /// `pool`, `dag`, `task` or `site`.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) step: Step,
    /// How the paths of the knobs begin; all of them are turned if nothing is said.
    pub(crate) knobs: Vec<String>,
}

impl PlannedSensitivity {
    /// The sites of a file, under a policy of it.
    pub(crate) fn sites<'a>(
        &self,
        file: &'a ScenarioFile,
        policy: Option<&str>,
    ) -> Result<Sites<'a>, Failure> {
        let knobs = self.knobs(file)?;
        let turns = self.turns(file, policy, &knobs);
        let settings = turns.turned(&knobs).map(|(knob, to)| setting(knob, to));
        Ok(Sites::Turned(file, settings.collect()))
    }

    /// What is looked at.
    pub(crate) fn measure(&self, file: &ScenarioFile) -> Result<Measure, Failure> {
        let Self {
            indicator,
            kind,
            name,
            ..
        } = self;
        Measure::named(kind, name, indicator, &file.scenario).ok_or_else(|| {
            Failure::Invalid(format!(
                "there is no indicator `{indicator}` of {kind} `{name}`"
            ))
        })
    }

    /// The knobs that are turned.
    pub(crate) fn knobs(&self, file: &ScenarioFile) -> Result<Vec<Knob>, Failure> {
        chosen_knobs(&self.knobs, file)
    }

    /// The turns that are possible.
    pub(crate) fn turns(&self, file: &ScenarioFile, policy: Option<&str>, knobs: &[Knob]) -> Turns {
        let turn = |knob: &Knob, to: i64| turn(file, knob, to);
        Turns::of(&file.scenario, policy, knobs, self.step, &turn)
    }
}

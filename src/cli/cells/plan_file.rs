//! `plan.json`: all that it takes to carry out a plan, or to put its cells together, on any machine.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cli::Failure;
use crate::cli::scenario_file::{Inputs, ScenarioFile, sha1};
use crate::experiment::Design;

/// A plan. Two are the same if all fields are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    /// The version of slotwise, because another one may simulate something else.
    slotwise: String,
    pub(crate) command: Planned,
    scenario: String,
    /// None in the list stands for no policy.
    policies: Vec<Option<String>>,
    replications: u32,
    level: f64,
    points: usize,
    settings: Vec<String>,
    /// The files beside the scenario, by name.
    inputs: IndexMap<String, String>,
    scenario_text: String,
}

/// What the cells are put together to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Planned {
    /// The estimates of `slotwise run`.
    Run,
    /// The estimates of `slotwise sweep`.
    Sweep,
    /// What `slotwise compare` says of the policies of one file; the first is the baseline.
    Compare,
}

impl PlanFile {
    /// The name of the file.
    pub(crate) const NAME: &str = "plan.json";

    /// The plan of a command; all points of the file have been read.
    pub(crate) fn new(command: Planned, file: &ScenarioFile, design: &Design) -> Self {
        Self {
            slotwise: env!("CARGO_PKG_VERSION").into(),
            command,
            scenario: file.scenario.name.clone(),
            policies: design.policies().to_vec(),
            replications: design.replications(),
            level: design.level(),
            points: design.points(),
            settings: file.settings.clone(),
            inputs: file.inputs.texts(),
            scenario_text: file.text.clone(),
        }
    }

    /// The content of the file.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| Failure::Outside(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Whether the cells are those of a sweep.
    pub(crate) fn is_sweep(&self) -> bool {
        self.command == Planned::Sweep
    }

    /// What tells this plan from every other.
    pub(crate) fn fingerprint(&self) -> Result<String, Failure> {
        Ok(sha1(&self.text()?))
    }

    /// The plan in a text; `whose` names its folder.
    pub(crate) fn parse(text: &str, whose: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| {
            Failure::Invalid(format!(
                "`{}` in `{whose}` is no plan of this version: {error}",
                Self::NAME
            ))
        })
    }

    /// The scenario.
    pub(crate) fn scenario_file(&self) -> Result<ScenarioFile, Failure> {
        let inputs = Inputs::known(self.inputs.clone());
        let (text, settings) = (self.scenario_text.clone(), self.settings.clone());
        let (file, _) = ScenarioFile::read(self.scenario.clone(), text, settings, inputs)?;
        Ok(file)
    }

    /// The design.
    pub(crate) fn design(&self) -> Result<Design, Failure> {
        let design = Design::new(
            self.points,
            self.policies.clone(),
            self.replications,
            self.level,
        );
        Ok(design?)
    }

    /// The fields in which it differs from another plan.
    pub(crate) fn differences(&self, other: &Self) -> String {
        let differs = [
            ("version of slotwise", self.slotwise != other.slotwise),
            ("command", self.command != other.command),
            ("policies", self.policies != other.policies),
            ("replications", self.replications != other.replications),
            ("level", self.level.to_bits() != other.level.to_bits()),
            ("settings", self.settings != other.settings),
            ("input files", self.inputs != other.inputs),
            ("scenario", self.scenario_text != other.scenario_text),
        ];
        let names = differs.iter().filter(|(_, differs)| *differs);
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

//! `plan.json`: all that it takes to carry out a plan, or to put its cells together, on any machine.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{PlannedSensitivity, Sites};
use crate::cli::Failure;
use crate::cli::results::usual_folder;
use crate::cli::scenario_file::{Inputs, ScenarioFile, sha1};
use crate::experiment::Design;

/// A plan. Two are the same if all fields are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    /// The version of slotwise, because another one may simulate something else.
    slotwise: String,
    pub(crate) command: Planned,
    /// None in the list stands for no policy.
    policies: Vec<Option<String>>,
    replications: u32,
    level: f64,
    points: usize,
    files: Vec<PlannedFile>,
}

/// What the cells are put together to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Planned {
    /// The estimates of `slotwise run`.
    Run,
    /// The estimates of `slotwise sweep`.
    Sweep,
    /// What `slotwise compare` says of the policies of one file; the first is the baseline.
    Compare,
    /// What it says of several files; each is a point, the baseline the first.
    CompareFiles {
        alternatives: Vec<PlannedAlternative>,
        /// The words of the command that chose them.
        asked: Vec<String>,
    },
    /// What `slotwise sensitivity` says; the first point is the site as it is, the others have one knob turned.
    Sensitivity(PlannedSensitivity),
}

/// One of several files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlannedAlternative {
    pub(crate) name: String,
    /// By position.
    pub(crate) file: usize,
}

/// A scenario file with the files beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedFile {
    scenario: String,
    settings: Vec<String>,
    /// The files beside the scenario, by name.
    inputs: IndexMap<String, String>,
    scenario_text: String,
}

impl PlanFile {
    /// The name of the file.
    pub(crate) const NAME: &str = "plan.json";

    /// The plan of a command; all points of the files have been read.
    pub(crate) fn new(command: Planned, files: &[ScenarioFile], design: &Design) -> Self {
        Self {
            slotwise: env!("CARGO_PKG_VERSION").into(),
            command,
            policies: design.policies().to_vec(),
            replications: design.replications(),
            level: design.level(),
            points: design.points(),
            files: files.iter().map(PlannedFile::of).collect(),
        }
    }

    /// The content of the file.
    pub(super) fn text(&self) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|error| Failure::Outside(error.to_string()))?;
        Ok(text + "\n")
    }

    /// What tells this plan from every other.
    pub(crate) fn fingerprint(&self) -> Result<String, Failure> {
        Ok(sha1(&self.text()?))
    }

    /// The plan in a text; `whose` names its folder.
    pub(crate) fn parse(text: &str, whose: &str) -> Result<Self, Failure> {
        let no_plan = |why: &dyn std::fmt::Display| {
            Failure::Invalid(format!(
                "`{}` in `{whose}` is no plan of this version: {why}",
                Self::NAME
            ))
        };
        let plan: Self = serde_json::from_str(text).map_err(|error| no_plan(&error))?;
        if plan.files.is_empty() || plan.policies.is_empty() {
            return Err(no_plan(&"it has no file, or no case"));
        }
        if let Planned::CompareFiles { alternatives, .. } = &plan.command
            && let Some(one) = alternatives.iter().find(|it| it.file >= plan.files.len())
        {
            return Err(no_plan(&format!("there is no file of `{}`", one.name)));
        }
        Ok(plan)
    }

    /// The scenarios, one or more.
    pub(crate) fn scenario_files(&self) -> Result<Vec<ScenarioFile>, Failure> {
        self.files.iter().map(PlannedFile::read).collect()
    }

    /// What stands at its points; `files` are its scenarios.
    pub(crate) fn sites<'a>(&self, files: &'a [ScenarioFile]) -> Result<Sites<'a>, Failure> {
        match &self.command {
            Planned::Run | Planned::Compare => files[0].points(false).map(Sites::Points),
            Planned::Sweep => files[0].points(true).map(Sites::Points),
            Planned::CompareFiles { alternatives, .. } => {
                let places = alternatives.iter().map(|one| one.file);
                Ok(Sites::Files(files, places.collect()))
            }
            Planned::Sensitivity(asked) => asked.sites(&files[0], self.policies[0].as_deref()),
        }
    }

    /// Where its results usually go; `files` are its scenarios.
    pub(crate) fn usual_folder(&self, files: &[ScenarioFile]) -> PathBuf {
        let of_site = |file: usize| usual_folder(&files[file].scenario.name);
        match &self.command {
            Planned::Run => of_site(0),
            Planned::Sweep => of_site(0).join("sweep"),
            Planned::Compare => of_site(0).join("compare"),
            Planned::CompareFiles { alternatives, .. } => {
                let baseline = alternatives.first().map_or(0, |one| one.file);
                of_site(baseline).join("compare")
            }
            Planned::Sensitivity(_) => of_site(0).join("sensitivity"),
        }
    }

    /// The design.
    pub(crate) fn design(&self) -> Result<Design, Failure> {
        let (policies, count, level) = (self.policies.clone(), self.replications, self.level);
        Ok(match self.command {
            Planned::CompareFiles { .. } => Design::with_own_policies(policies, count, level)?,
            _ => Design::new(self.points, policies, count, level)?,
        })
    }

    /// The fields in which it differs from another plan.
    pub(crate) fn differences(&self, other: &Self) -> String {
        let of_files = |differs: fn(&PlannedFile, &PlannedFile) -> bool| {
            let mut pairs = self.files.iter().zip(&other.files);
            pairs.any(|(one, other)| differs(one, other))
        };
        let differs = [
            ("version of slotwise", self.slotwise != other.slotwise),
            ("command", self.command != other.command),
            ("policies", self.policies != other.policies),
            ("replications", self.replications != other.replications),
            ("level", self.level.to_bits() != other.level.to_bits()),
            ("files", self.files.len() != other.files.len()),
            ("settings", of_files(|a, b| a.settings != b.settings)),
            ("input files", of_files(|a, b| a.inputs != b.inputs)),
            (
                "scenario",
                of_files(|a, b| a.scenario_text != b.scenario_text),
            ),
        ];
        let names = differs.iter().filter(|(_, differs)| *differs);
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

impl PlannedFile {
    fn of(file: &ScenarioFile) -> Self {
        Self {
            scenario: file.scenario.name.clone(),
            settings: file.settings.clone(),
            inputs: file.inputs.texts(),
            scenario_text: file.text.clone(),
        }
    }

    fn read(&self) -> Result<ScenarioFile, Failure> {
        let inputs = Inputs::known(self.inputs.clone());
        let (text, settings) = (self.scenario_text.clone(), self.settings.clone());
        let (file, _) = ScenarioFile::read(self.scenario.clone(), text, settings, inputs)?;
        Ok(file)
    }
}

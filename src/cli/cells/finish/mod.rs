//! Puts finished cells together: the same files and the same words whether one machine has simulated them or many.

mod comparison;
mod sensitivity;
mod sweep;

use super::{PlanFile, Planned, Sites};
use crate::cli::Failure;
use crate::cli::results::RunFolder;
use crate::cli::run::heading;
use crate::cli::scenario_file::ScenarioFile;
use crate::experiment::{
    AtPoint, Design, Estimation, KeptCells, Sample, estimate_point, samples_of,
};
use crate::policy::PolicyPlan;
use crate::report::{ComparisonReport, EstimationReport, SensitivityReport, SweepReport};

/// Finished cells, and what they are cells of.
pub(crate) struct Cells<'a> {
    pub(crate) plan: &'a PlanFile,
    pub(crate) files: &'a [ScenarioFile],
    pub(crate) design: &'a Design,
    pub(crate) sites: &'a Sites<'a>,
    pub(crate) kept: &'a dyn KeptCells,
    /// In words, which parts are missing.
    pub(crate) missing: &'a [String],
}

/// What the cells come to.
pub(crate) enum Finished {
    /// The estimates of one site.
    Run(Box<EstimationReport>),
    /// Those of many points.
    Sweep(Box<SweepReport>),
    /// Policies or files side by side.
    Comparison(Box<ComparisonReport>),
    /// Knobs, ranked.
    Sensitivity(Box<SensitivityReport>),
}

/// Writes the results; the manifest comes last.
pub(crate) fn finish(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    match &cells.plan.command {
        Planned::Run => finish_run(cells, folder),
        Planned::Sweep => sweep::finish(cells, folder),
        Planned::Compare => comparison::finish(cells, folder),
        Planned::CompareFiles {
            alternatives,
            asked,
        } => comparison::finish_files(cells, alternatives, asked, folder),
        Planned::Sensitivity(asked) => sensitivity::finish(cells, asked, folder),
    }
}

fn finish_run(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let at = cells.at(0)?;
    let file = cells.file();
    let found = estimate_point(cells.design, &at, 0, 0, cells.kept)?;
    let estimation = found.map_or_else(
        || {
            let (measures, level) = (&at.measures, cells.design.level());
            Estimation::of(&file.scenario, measures, Vec::new(), level)
        },
        |found| found.estimation,
    );
    let heading = heading(file, cells.policy_of_first(), None);
    let report = EstimationReport::new(heading, &file.scenario, estimation);
    folder.write_estimation(file, &report, &at.measures, cells.missing)?;
    Ok(Finished::Run(Box::new(report)))
}

impl Cells<'_> {
    /// The first file, which is the only one but in comparisons.
    fn file(&self) -> &ScenarioFile {
        &self.files[0]
    }

    /// What is measured at a point.
    fn at(&self, point: usize) -> Result<AtPoint, Failure> {
        let read = |point| self.sites.read(point);
        Ok(AtPoint::new(&read, point)?)
    }

    /// The first policy of the design, if it names one.
    fn policy_of_first(&self) -> Option<(&str, &PolicyPlan)> {
        let name = self.design.policies()[0].as_ref()?;
        let found = self.file().scenario.policies.get_key_value(name)?;
        Some((found.0, found.1))
    }

    /// The replications of a policy at a point that were kept.
    fn samples(&self, at: &AtPoint, point: usize, policy: usize) -> Result<Vec<Sample>, Failure> {
        Ok(samples_of(self.design, at, point, policy, self.kept)?)
    }
}

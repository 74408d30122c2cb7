//! A sensitivity analysis put together from its cells.

use super::{Cells, Finished};
use crate::cli::Failure;
use crate::cli::cells::PlannedSensitivity;
use crate::cli::results::RunFolder;
use crate::cli::run::heading;
use crate::experiment::{Measure, Turns, Varied};
use crate::report::SensitivityReport;

/// Ranks the knobs.
pub(super) fn finish(
    cells: &Cells<'_>,
    asked: &PlannedSensitivity,
    folder: &RunFolder,
) -> Result<Finished, Failure> {
    let file = cells.file();
    let scenario = &file.scenario;
    let policy = cells.policy_of_first();
    let measure = asked.measure(file)?;
    let varied = Varied {
        scenario,
        policy: policy.map(|(name, _)| name),
        measure: &measure,
        knobs: asked.knobs(file)?,
        step: asked.step()?,
        replications: cells.design.replications(),
        level: cells.design.level(),
    };
    let turns = asked.turns(file, varied.policy, &varied.knobs)?;
    let values = values(cells, &turns, &measure)?;
    let heading = heading(file, policy, None);
    let outcome = turns.judge(&varied, &values);
    let report = SensitivityReport::new(heading, scenario, varied.step, outcome);
    folder.write_sensitivity(file, &report, &asked.knobs, cells.missing)?;
    Ok(Finished::Sensitivity(Box::new(report)))
}

/// The values of the measure at each point, by replication; none where a cell is missing.
fn values(
    cells: &Cells<'_>,
    turns: &Turns,
    measure: &Measure,
) -> Result<Vec<Vec<Option<f64>>>, Failure> {
    // A turned knob changes no name, so all points have the measures of the first.
    let at = cells.at(0)?;
    let place = at.measures.iter().position(|one| one == measure);
    let of_point = |point| {
        let mut values = vec![None; cells.design.replications() as usize];
        for sample in cells.samples(&at, point, 0)? {
            values[sample.replication as usize] = place.and_then(|at| sample.values[at]);
        }
        Ok(values)
    };
    (0..turns.sites()).map(of_point).collect()
}

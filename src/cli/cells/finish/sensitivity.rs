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
    let knobs = asked.knobs(file)?;
    let turns = asked.turns(file, policy.map(|(name, _)| name), &knobs);
    let (values, replications) = values(cells, &turns, &measure)?;
    let varied = Varied {
        scenario,
        policy: policy.map(|(name, _)| name),
        measure: &measure,
        knobs,
        step: asked.step,
        replications,
        level: cells.design.level(),
    };
    let heading = heading(file, policy, None);
    let outcome = turns.judge(&varied, &values);
    let report = SensitivityReport::new(heading, scenario, varied.step, outcome);
    folder.write_sensitivity(file, &report, &asked.knobs, cells.missing)?;
    Ok(Finished::Sensitivity(Box::new(report)))
}

/// The values of a point, by replication.
type Values = Vec<Option<f64>>;

/// The values of the measure at each point, by replication, none where a cell is missing; also the most replications that
/// there are of a point.
fn values(
    cells: &Cells<'_>,
    turns: &Turns,
    measure: &Measure,
) -> Result<(Vec<Values>, u32), Failure> {
    // A turned knob changes no name, so all points have the measures of the first.
    let at = cells.at(0)?;
    let place = at.measures.iter().position(|one| one == measure);
    let mut most = 0;
    let mut values = Vec::new();
    for point in 0..turns.sites() {
        let samples = cells.samples(&at, point, 0)?;
        most = most.max(samples.len());
        let mut of_point = vec![None; cells.design.replications() as usize];
        for sample in samples {
            of_point[sample.replication as usize] = place.and_then(|at| sample.values[at]);
        }
        values.push(of_point);
    }
    Ok((values, most as u32))
}

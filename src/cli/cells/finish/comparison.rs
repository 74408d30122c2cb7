//! A comparison put together from its cells.

use super::{Cells, Finished};
use crate::cli::Failure;
use crate::cli::alternatives::NO_POLICY;
use crate::cli::cells::PlannedAlternative;
use crate::cli::compare::asked_policies;
use crate::cli::results::RunFolder;
use crate::experiment::{Comparison, Contender};
use crate::report::{Compared, ComparisonReport};
use crate::scenario::Scenario;

/// The policies of one file.
pub(super) fn finish(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let scenario = &cells.file().scenario;
    let policies = cells.design.policies().iter();
    let contenders: Vec<Contender<'_>> = policies
        .map(|policy| {
            let name = policy.as_deref().unwrap_or(NO_POLICY);
            contender(name, scenario, policy.as_deref())
        })
        .collect();
    let at = cells.at(0)?;
    let samples = (0..contenders.len()).map(|policy| cells.samples(&at, 0, policy));
    let samples = samples.collect::<Result<Vec<_>, _>>()?;
    let comparison = Comparison::of(&contenders, &samples, cells.design.level());
    let report = ComparisonReport::new(Compared::Policies, scenario, None, comparison);
    let asked = asked_policies(scenario, &report);
    folder.write_comparison(cells.files, &report, &asked, cells.missing)?;
    Ok(Finished::Comparison(Box::new(report)))
}

/// Several files, each a point.
pub(super) fn finish_files(
    cells: &Cells<'_>,
    alternatives: &[PlannedAlternative],
    asked: &[String],
    folder: &RunFolder,
) -> Result<Finished, Failure> {
    let policies = cells.design.policies();
    let each = alternatives.iter().zip(policies);
    let contenders: Vec<Contender<'_>> = each
        .map(|(one, policy)| {
            let scenario = &cells.files[one.file].scenario;
            contender(&one.name, scenario, policy.as_deref())
        })
        .collect();
    let samples = (0..contenders.len()).map(|at| cells.samples(&cells.at(at)?, at, at));
    let samples = samples.collect::<Result<Vec<_>, _>>()?;
    let comparison = Comparison::of(&contenders, &samples, cells.design.level());
    let baseline = contenders[0].scenario;
    let report = ComparisonReport::new(Compared::Files, baseline, None, comparison);
    folder.write_comparison(cells.files, &report, asked, cells.missing)?;
    Ok(Finished::Comparison(Box::new(report)))
}

fn contender<'a>(name: &'a str, scenario: &'a Scenario, policy: Option<&str>) -> Contender<'a> {
    Contender {
        name,
        scenario,
        policy: policy.and_then(|policy| scenario.policies.get(policy)),
    }
}

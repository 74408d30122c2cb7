//! `warm_up: auto`: looks for the warm-up before an experiment, and keeps what it saw beside the results.

use super::Failure;
use super::progress::Bar;
use super::results::RunFolder;
use super::scenario_file::ScenarioFile;
use crate::experiment::{Case, WarmUp, find_warm_up};
use crate::policy::PolicyPlan;
use crate::report::charts::{ImageFormat, draw_warm_up};
use crate::report::warm_up_csv;
use crate::scenario::Scenario;

/// Finds the warm-up that the scenario leaves open, the longest that one of the policies needs, and sets it.
pub(super) fn settle(
    file: &mut ScenarioFile,
    policies: impl FnOnce(&Scenario) -> Result<Vec<Option<PolicyPlan>>, Failure>,
    threads: &rayon::ThreadPool,
) -> Result<Option<WarmUp>, Failure> {
    if !file.scenario.auto_warm_up {
        return Ok(None);
    }
    let policies = policies(&file.scenario)?;
    let cases = policies.iter().map(|policy| (0, policy.as_ref()));
    settle_all(
        std::slice::from_mut(file),
        &cases.collect::<Vec<_>>(),
        threads,
    )
}

/// The same for several files that are to be measured alike; each case is a file, by position, under a policy.
pub(super) fn settle_all(
    files: &mut [ScenarioFile],
    cases: &[(usize, Option<&PolicyPlan>)],
    threads: &rayon::ThreadPool,
) -> Result<Option<WarmUp>, Failure> {
    if !files.iter().all(|file| file.scenario.auto_warm_up) {
        return Ok(None);
    }
    let case = |&(file, policy): &(usize, _)| Case {
        scenario: &files[file].scenario,
        policy,
    };
    let cases: Vec<Case<'_>> = cases.iter().map(case).collect();
    let bar = Bar::new("pilots, for the warm-up");
    let found = threads.install(|| find_warm_up(&cases, &|progress| bar.tell(progress)))?;
    for file in files {
        file.scenario.warm_up = found.length;
        file.scenario.auto_warm_up = false;
    }
    Ok(Some(found))
}

/// Writes the series and Welch's plot.
pub(super) fn write(folder: &RunFolder, warm_up: &WarmUp) -> Result<(), Failure> {
    folder.put("warm_up.csv", &warm_up_csv(warm_up))?;
    for format in ImageFormat::ALL {
        let drawn = draw_warm_up(warm_up, format)?;
        folder.put(&format!("warm_up.{}", format.extension()), &drawn)?;
    }
    Ok(())
}

//! `slotwise sensitivity --part`: every n-th of the replications of all turned knobs, kept for `slotwise merge`.

use std::slice;

use super::cells::{PlanFile, Planned, PlannedSensitivity, Work, carry_out_part, folder};
use super::replication_args::{DEFAULT_REPLICATIONS, given_warm_up};
use super::scenario_file::ScenarioFile;
use super::sensitivity::{SensitivityArgs, measure};
use super::{Failure, PartArg};
use crate::experiment::Design;

/// Simulates the part.
pub(super) fn run(
    args: &SensitivityArgs,
    file: &ScenarioFile,
    part: PartArg,
) -> Result<(), Failure> {
    let scenario = &file.scenario;
    let name = args.chosen.scenario.file.display();
    given_warm_up(scenario, &format!("slotwise sensitivity {name}"))?;
    let measure = measure(args, scenario)?;
    let asked = PlannedSensitivity {
        indicator: measure.indicator,
        kind: measure.kind.to_owned(),
        name: measure.name,
        step: args.step,
        knobs: args.knobs.clone(),
    };
    let policy = args.chosen.policy(scenario)?;
    let policy = policy.map(|(name, _)| name.to_owned());
    let sites = asked.sites(file, policy.as_deref())?;
    let count = args.replications.asked(scenario);
    let design = Design::new(
        sites.count(),
        vec![policy],
        count.unwrap_or(DEFAULT_REPLICATIONS),
        args.replications.level(scenario),
    )?;
    let files = slice::from_ref(file);
    let plan = PlanFile::new(Planned::Sensitivity(asked), files, &design);
    let work = Work {
        plan: &plan,
        design: &design,
        sites: &sites,
        part: part.part()?,
        is_resumed: args.resume,
    };
    let folder = folder(args.out.as_deref(), &plan, files)?;
    carry_out_part(&work, &folder, &args.replications.thread_pool()?)
}

//! `slotwise run --part`: every n-th of the replications, kept for `slotwise merge`.

use std::slice;

use super::cells::{PlanFile, Planned, Work, carry_out_part, folder};
use super::replication_args::DEFAULT_REPLICATIONS;
use super::run::RunArgs;
use super::scenario_file::ScenarioFile;
use super::{Failure, PartArg, run_many};
use crate::experiment::Design;

/// Simulates the part.
pub(super) fn run(args: &RunArgs, file: &ScenarioFile, part: PartArg) -> Result<(), Failure> {
    run_many::refuse_trace(args)?;
    let scenario = &file.scenario;
    let command = format!("slotwise run {}", args.chosen.scenario.file.display());
    let count = args
        .replications
        .fixed(scenario, &command, Some(part))?
        .ok_or_else(|| {
            Failure::Invalid(format!(
                "a single run has no parts: use `{command} --replications {DEFAULT_REPLICATIONS} --part {part}`"
            ))
        })?;
    let policy = args.chosen.policy(scenario)?;
    let policies = vec![policy.map(|(name, _)| name.to_owned())];
    let design = Design::new(1, policies, count, args.replications.level(scenario))?;
    let files = slice::from_ref(file);
    let plan = PlanFile::new(Planned::Run, files, &design);
    let work = Work {
        plan: &plan,
        design: &design,
        sites: &plan.sites(files)?,
        part: part.part()?,
        is_resumed: args.resume,
    };
    let folder = folder(args.out.as_deref(), &plan, files)?;
    carry_out_part(&work, &folder, &args.replications.thread_pool()?)
}

//! `slotwise compare --part`: every n-th of the replications of what is compared, kept for `slotwise merge`.

use super::alternatives::Alternatives;
use super::cells::{PlanFile, Planned, Work, carry_out_part, folder};
use super::compare::{CompareArgs, asked};
use super::replication_args::DEFAULT_REPLICATIONS;
use super::scenario_file::ScenarioFile;
use super::{Failure, PartArg};
use crate::experiment::Design;

/// Simulates the part.
pub(super) fn run(
    args: &CompareArgs,
    files: &[ScenarioFile],
    alternatives: &Alternatives,
    part: PartArg,
) -> Result<(), Failure> {
    let baseline = &files[alternatives.baseline_file()].scenario;
    let names = args.files.iter().map(|file| file.display().to_string());
    let command = format!("slotwise compare {}", names.collect::<Vec<_>>().join(" "));
    let given = &args.replications;
    let count = given.fixed(baseline, &command, Some(part))?;
    let count = count.unwrap_or(DEFAULT_REPLICATIONS);
    let (policies, level) = (alternatives.policies(), given.level(baseline));
    let (planned, design) = if files.len() == 1 {
        let design = Design::new(1, policies, count, level)?;
        (Planned::Compare, design)
    } else {
        let planned = Planned::CompareFiles {
            alternatives: alternatives.planned(),
            asked: asked(args),
        };
        let design = Design::with_own_policies(policies, count, level)?;
        (planned, design)
    };
    let plan = PlanFile::new(planned, files, &design);
    let work = Work {
        plan: &plan,
        design: &design,
        sites: &plan.sites(files)?,
        part: part.part()?,
        is_resumed: args.resume,
    };
    let folder = folder(args.out.as_deref(), &plan, files)?;
    carry_out_part(&work, &folder, &given.thread_pool()?)
}

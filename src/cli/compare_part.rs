//! `slotwise compare --part`: every n-th of the replications of what is compared, kept for `slotwise merge`.

use super::alternatives::Alternatives;
use super::cells::{PlanFile, Planned, Sites, Work, carry_out_part, folder};
use super::compare::{CompareArgs, asked};
use super::replication_args::DEFAULT_REPLICATIONS;
use super::results::usual_folder;
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
    let (planned, design, sites) = match files {
        [file] => (
            Planned::Compare,
            Design::new(1, policies, count, level)?,
            Sites::Points(file.points(false)?),
        ),
        files => (
            Planned::CompareFiles {
                alternatives: alternatives.planned(),
                asked: asked(args),
            },
            Design::with_own_policies(policies, count, level)?,
            Sites::Files(files, alternatives.files().collect()),
        ),
    };
    let work = Work {
        plan: &PlanFile::new(planned, files, &design),
        design: &design,
        sites: &sites,
        part: part.part()?,
        is_resumed: args.resume,
    };
    let usual = usual_folder(&baseline.name).join("compare");
    let folder = folder(args.out.as_deref(), usual)?;
    carry_out_part(&work, &folder, &given.thread_pool()?)
}

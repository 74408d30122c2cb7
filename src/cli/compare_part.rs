//! `slotwise compare --part`: every n-th of the replications of a file's policies, kept for `slotwise merge`.

use super::Failure;
use super::alternatives::Alternatives;
use super::cells::{PlanFile, Planned, Work, carry_out};
use super::compare::CompareArgs;
use super::replication_args::DEFAULT_REPLICATIONS;
use super::results::usual_folder;
use super::scenario_file::ScenarioFile;
use super::sweep::{decides_in_rounds, folder, part_is_done, settles_first};
use crate::experiment::{Design, Part};

/// Simulates the part.
pub(super) fn run(
    args: &CompareArgs,
    files: &[ScenarioFile],
    alternatives: &Alternatives,
    part: Part,
) -> Result<(), Failure> {
    let [file] = files else {
        return Err(Failure::Invalid(
            "a plan with parts has one file: compare its policies, or make the difference between the files a `sweep`"
                .into(),
        ));
    };
    let scenario = &file.scenario;
    let name = args.files[0].display();
    let asked = args.replications.replications.or(scenario.replications);
    let count = asked.unwrap_or(DEFAULT_REPLICATIONS);
    if scenario.precision.is_some() && args.replications.replications.is_none() {
        return Err(decides_in_rounds(&format!(
            "slotwise compare {name} --replications {count} --part {part}"
        )));
    }
    if scenario.auto_warm_up {
        return Err(settles_first(&name.to_string()));
    }
    let level = args.replications.level(scenario);
    let design = Design::new(1, alternatives.policies(), count, level)?;
    let plan = PlanFile::new(Planned::Compare, file, &design);
    let points = file.points(false)?;
    let usual = usual_folder(&scenario.name).join("compare");
    let folder = folder(args.out.as_deref(), usual)?;
    let threads = args.replications.thread_pool()?;
    let work = Work {
        plan: &plan,
        design: &design,
        points: &points,
        part,
        is_resumed: args.resume,
    };
    match carry_out(&work, &folder, &threads)? {
        Some(journal) => part_is_done(&folder, &journal, part),
        None => Ok(()),
    }
}

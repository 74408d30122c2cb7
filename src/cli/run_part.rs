//! `slotwise run --part`: every n-th of the replications, kept for `slotwise merge`.

use super::cells::{PlanFile, Planned, Work, carry_out};
use super::replication_args::DEFAULT_REPLICATIONS;
use super::results::usual_folder;
use super::run::RunArgs;
use super::scenario_file::ScenarioFile;
use super::sweep::{decides_in_rounds, folder, part_is_done, settles_first};
use super::{Failure, run_many};
use crate::experiment::{Design, Part};

/// Simulates the part.
pub(super) fn run(args: &RunArgs, file: &ScenarioFile, part: Part) -> Result<(), Failure> {
    run_many::refuse_trace(args)?;
    let scenario = &file.scenario;
    let name = args.chosen.scenario.file.display();
    let asked = args.replications.replications.or(scenario.replications);
    let command = |count| format!("slotwise run {name} --replications {count} --part {part}");
    if scenario.precision.is_some() && args.replications.replications.is_none() {
        let count = asked.unwrap_or(DEFAULT_REPLICATIONS);
        return Err(decides_in_rounds(&command(count)));
    }
    let count = asked.ok_or_else(|| {
        let command = command(DEFAULT_REPLICATIONS);
        Failure::Invalid(format!("a single run has no parts: use `{command}`"))
    })?;
    if scenario.auto_warm_up {
        return Err(settles_first(&name.to_string()));
    }
    let policy = args.chosen.policy(scenario)?;
    let policies = vec![policy.map(|(name, _)| name.to_owned())];
    let design = Design::new(1, policies, count, args.replications.level(scenario))?;
    let plan = PlanFile::new(Planned::Run, file, &design);
    let points = file.points(false)?;
    let folder = folder(args.out.as_deref(), usual_folder(&scenario.name))?;
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

//! What `slotwise run` finds out besides the run itself, so that its report can say what to change, and how sure that is.

use super::Failure;
use super::progress::Bar;
use super::replication_args::DEFAULT_REPLICATIONS;
use super::results::RunFolder;
use super::run::RunArgs;
use super::scenario_file::ScenarioFile;
use super::sensitivity::turn;
use crate::experiment::{Advised, Plan, Progress, WarmUp, advise};
use crate::metrics::Metrics;
use crate::report::{AdviceReport, advice_json, comparison_csv};
use crate::scenario::{Knob, KnobKind};

/// More task instances than this are not simulated unasked: it would take longer than a cup of coffee lasts.
const UNASKED: u64 = 5_000_000;

/// Whether other sizes and policies are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum AdviceArg {
    /// If it takes no more than some seconds.
    #[default]
    Auto,
    /// However long it takes.
    Always,
    /// Never.
    Never,
}

/// Looks at other sizes and policies of what has been run once; none where that is not wanted, or takes too long.
pub(super) fn look(
    args: &RunArgs,
    file: &ScenarioFile,
    metrics: &Metrics,
    warm_up: Option<&WarmUp>,
) -> Result<Option<AdviceReport>, Failure> {
    if args.advice == AdviceArg::Never {
        return Ok(None);
    }
    let scenario = &file.scenario;
    let policy = args.chosen.policy(scenario)?;
    let mut pools = file.knobs()?;
    pools.retain(|knob| knob.kind == KnobKind::Slots);
    let asked = Advised {
        scenario,
        policy: policy.map(|(name, _)| name),
        metrics,
        pools,
        plan: Plan::new(DEFAULT_REPLICATIONS, args.replications.level(scenario))?,
    };
    if args.advice == AdviceArg::Auto && asked.effort() > UNASKED {
        return Ok(None);
    }
    let bar = Bar::new("");
    let tell = |what: &'static str, progress: Progress| bar.tell_of(what, progress);
    let turn = |knob: &Knob, to: i64| turn(file, knob, to);
    let threads = args.replications.thread_pool()?;
    let advice = threads.install(|| advise(&asked, &turn, &tell))?;
    Ok(Some(AdviceReport::new(scenario, warm_up, advice)))
}

/// Writes what the report says of other sizes and policies, for programs.
pub(super) fn write(folder: &RunFolder, advice: &AdviceReport) -> Result<(), Failure> {
    folder.put("advice.json", advice_json(advice).as_bytes())?;
    if let Some(sizes) = &advice.sizes {
        folder.put("sizes.csv", &comparison_csv(&sizes.report))?;
    }
    if let Some(policies) = &advice.policies {
        folder.put("policies.csv", &comparison_csv(policies))?;
    }
    Ok(())
}

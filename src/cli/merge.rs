//! `slotwise merge`: joins the parts of a plan to what one machine would have written.

use std::path::PathBuf;

use super::cells::{Cells, Finished, Journal, PlanFile, finish, folder};
use super::output::{format, print, say, say_verdicts, width};
use super::results::{RunFolder, Started};
use super::run::missed;
use super::{Failure, Output, compare, files, sensitivity, sweep};
use crate::experiment::{Design, KeptCells, Part, StoreError};
use crate::report::estimation;

/// The arguments of `slotwise merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// The folders of the parts; one may hold several.
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Where results go: a folder; the default is the one of the undivided plan, in `output/`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How they are printed.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,
}

/// Joins what is there; what is missing is told, and is a failure of its own.
pub(crate) fn run(args: &MergeArgs) -> Result<(), Failure> {
    let started = Started::now();
    let plan = plan_of_all(&args.folders)?;
    let parts = Parts::read(&args.folders, &plan.fingerprint()?)?;
    let scenarios = plan.scenario_files()?;
    let sites = plan.sites(&scenarios)?;
    let design = plan.design()?;
    let missing = parts.missing(&design)?;
    let folder = folder(args.out.as_deref(), &plan, &scenarios)?;
    let cells = Cells {
        plan: &plan,
        files: &scenarios,
        design: &design,
        sites: &sites,
        kept: &parts,
        missing: &missing,
    };
    let finished = finish(&cells, &folder)?;
    folder.write_log(&started, 1)?;
    let verdict = show(&finished, &folder, args.output)?;
    say(&format!("results are in `{}`", folder.path().display()));
    if missing.is_empty() {
        return verdict;
    }
    for part in &missing {
        say(&format!("missing: {part}"));
    }
    let (count, all) = (missing.len(), parts.of()?);
    Err(Failure::Partial(format!(
        "{count} of {all} parts are missing or unfinished: the results are those of the others"
    )))
}

/// Prints the results; also whether they meet the objectives, where the plan asks.
fn show(
    finished: &Finished,
    folder: &RunFolder,
    output: Output,
) -> Result<Result<(), Failure>, Failure> {
    match finished {
        Finished::Sweep(report) => {
            sweep::show(report, folder, output)?;
            Ok(Ok(()))
        }
        Finished::Comparison(report) => compare::show(report, output),
        Finished::Sensitivity(report) => {
            sensitivity::show(report, output)?;
            Ok(Ok(()))
        }
        Finished::Run(report) => {
            print(&estimation(report, format(output), width()))?;
            let objectives = &report.estimation.objectives;
            say_verdicts(objectives);
            Ok(missed(objectives))
        }
    }
}

/// The plan, which is the same in all folders.
fn plan_of_all(folders: &[PathBuf]) -> Result<PlanFile, Failure> {
    let mut common: Option<PlanFile> = None;
    for folder in folders {
        let name = folder.display().to_string();
        let plan = PlanFile::parse(&files::read(&folder.join(PlanFile::NAME))?, &name)?;
        let first = common.get_or_insert_with(|| plan.clone());
        if *first != plan {
            let differences = first.differences(&plan);
            let first = folders[0].display();
            return Err(Failure::Invalid(format!(
                "`{name}` holds a part of another plan than `{first}`, which differs in: {differences}"
            )));
        }
    }
    common.ok_or_else(|| Failure::Invalid("there is nothing to merge".into()))
}

/// The cells of all parts that were found.
struct Parts(Vec<Journal>);

impl Parts {
    fn read(folders: &[PathBuf], plan: &str) -> Result<Self, Failure> {
        let mut found = Vec::new();
        for folder in folders {
            let journals = Journal::all_in(folder)?;
            if journals.is_empty() {
                let folder = folder.display();
                return Err(Failure::Invalid(format!(
                    "`{folder}` holds no part of a plan"
                )));
            }
            for path in journals {
                found.push(Journal::read(path, plan)?);
            }
        }
        Ok(Self(found))
    }

    /// How many parts the plan was split into.
    fn of(&self) -> Result<u32, Failure> {
        let mut numbers = self.0.iter().map(|journal| journal.part().of());
        let first = numbers.next().unwrap_or(1);
        match numbers.find(|&other| other != first) {
            None => Ok(first),
            Some(other) => Err(Failure::Invalid(format!(
                "some parts are of {first}, others of {other}: they do not belong together"
            ))),
        }
    }

    /// The parts that lack cells, in words.
    fn missing(&self, design: &Design) -> Result<Vec<String>, Failure> {
        let of = self.of()?;
        let mut missing = Vec::new();
        for number in 1..=of {
            let part =
                Part::new(number, of).map_err(|error| Failure::Invalid(error.to_string()))?;
            let has = |cell: &u64| self.0.iter().any(|journal| journal.has(*cell));
            let (all, lacks) = design.cells_of(part).fold((0, 0), |(all, lacks), cell| {
                (all + 1, lacks + u64::from(!has(&cell)))
            });
            if lacks == 0 {
                continue;
            }
            missing.push(if self.0.iter().any(|journal| journal.part() == part) {
                format!("part {part} lacks {lacks} of {all} replications: `--resume` finishes it")
            } else {
                format!("part {part}")
            });
        }
        Ok(missing)
    }
}

impl KeptCells for Parts {
    fn values(&self, cell: u64) -> Result<Option<Vec<Option<f64>>>, StoreError> {
        let holder = self.0.iter().find(|journal| journal.has(cell));
        holder.map_or(Ok(None), |journal| journal.values(cell))
    }
}

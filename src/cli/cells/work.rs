//! Carries out a plan, or a part of it, in a folder; what is finished is kept, whatever happens.

use std::path::Path;

use super::{Journal, PlanFile, Sites};
use crate::cli::output::say;
use crate::cli::progress::Bar;
use crate::cli::results::RunFolder;
use crate::cli::scenario_file::ScenarioFile;
use crate::cli::{Failure, files};
use crate::experiment::{Design, Part, simulate_cells};

/// What is to be done.
pub(crate) struct Work<'a> {
    pub(crate) plan: &'a PlanFile,
    pub(crate) design: &'a Design,
    pub(crate) sites: &'a Sites<'a>,
    pub(crate) part: Part,
    /// Whether it goes on with what an earlier process has left.
    pub(crate) is_resumed: bool,
}

/// Simulates a part for `slotwise merge`, and says so.
pub(crate) fn carry_out_part(
    work: &Work<'_>,
    folder: &RunFolder,
    threads: &rayon::ThreadPool,
) -> Result<(), Failure> {
    let Some(journal) = carry_out(work, folder, threads)? else {
        return Ok(());
    };
    journal.sync()?;
    let (part, folder) = (work.part, folder.path().display());
    say(&format!(
        "part {part} is done, in `{folder}`: `slotwise merge` joins the parts"
    ));
    Ok(())
}

/// The folder of a plan's cells; they must be kept somewhere.
pub(crate) fn folder(
    asked: Option<&Path>,
    plan: &PlanFile,
    files: &[ScenarioFile],
) -> Result<RunFolder, Failure> {
    RunFolder::open(asked, plan.usual_folder(files))?.ok_or_else(|| {
        let message =
            "finished cells are kept in the folder of results, so `--out` cannot be `none`";
        Failure::Invalid(message.into())
    })
}

/// Simulates all cells of the part that are not finished yet; none if the whole plan has been finished before.
pub(crate) fn carry_out(
    work: &Work<'_>,
    folder: &RunFolder,
    threads: &rayon::ThreadPool,
) -> Result<Option<Journal>, Failure> {
    let Some(journal) = begin(work, folder)? else {
        return Ok(None);
    };
    let ours: Vec<u64> = work.design.cells_of(work.part).collect();
    let all = ours.len();
    let missing: Vec<u64> = ours
        .into_iter()
        .filter(|&cell| !journal.has(cell))
        .collect();
    if missing.len() < all {
        let done = all - missing.len();
        say(&format!("{done} of {all} replications are there already"));
    }
    let bar = Bar::new("cells");
    let tell = |progress| bar.tell(progress);
    let read = |point| work.sites.read(point);
    let simulated =
        threads.install(|| simulate_cells(work.design, &read, &missing, &journal, &tell));
    drop(bar);
    if let Err(error) = simulated {
        let folder = folder.path().display();
        say(&format!(
            "what is finished is kept in `{folder}`; `--resume` goes on from there"
        ));
        return Err(error.into());
    }
    Ok(Some(journal))
}

/// Makes sure that the folder belongs to the plan, and opens the journal; none if there is nothing left to do.
fn begin(work: &Work<'_>, folder: &RunFolder) -> Result<Option<Journal>, Failure> {
    let path = folder.path();
    let name = path.display();
    let plan_path = path.join(PlanFile::NAME);
    let text = work.plan.text()?;
    let before = files::read_if_there(&plan_path)?;
    let is_same = before.as_ref() == Some(&text);
    let journals = Journal::all_in(path)?;
    let is_begun = path.join(Journal::file_name(work.part)).exists();
    if work.is_resumed {
        if let Some(before) = before.filter(|_| !is_same) {
            let other = PlanFile::parse(&before, &name.to_string())?;
            let differences = work.plan.differences(&other);
            return Err(Failure::Invalid(format!(
                "`{name}` holds another plan, which differs in: {differences}"
            )));
        }
        if is_same && !is_begun && path.join(MANIFEST).exists() {
            say(&format!("`{name}` is finished already"));
            return Ok(None);
        }
        if work.part == Part::WHOLE {
            files::remove_unfinished(path)?;
        }
    } else if is_begun || (!journals.is_empty() && !is_same) {
        return Err(Failure::Invalid(format!(
            "`{name}` holds unfinished work: `--resume` goes on with it, `--out` names another folder"
        )));
    }
    if !is_same || !work.is_resumed {
        // Older results must not pass for those of this plan.
        files::remove(&path.join(MANIFEST))?;
        files::write(&plan_path, &text)?;
    }
    Journal::open(path, &work.plan.fingerprint()?, work.part).map(Some)
}

/// What is written last.
const MANIFEST: &str = "manifest.json";

//! What is said of the durations in a history that has just been written.

use std::path::{Path, PathBuf};

use super::super::results::RunFolder;
use super::super::{Failure, files};
use super::airflow::HISTORY;
use crate::calibrate::{Rules, site};
use crate::report::{calibration_csv, calibration_document};
use crate::trace::{History, RecordedFile};

/// The folder of the calibration, below the folder of an import.
const CALIBRATION: &str = "calibration";

/// Fits the history of an import and writes how far the fits can be trusted; it says where.
pub(super) fn write(out: &Path) -> Result<PathBuf, Failure> {
    let calibration = site(&read_history(out)?, &Rules::default());
    let document = calibration_document(&calibration)?;
    let folder = RunFolder::at(out.join(CALIBRATION))?;
    folder.put("calibration.csv", &calibration_csv(&calibration))?;
    folder.put_document(&document)?;
    Ok(folder.path().join("report.html"))
}

/// The recorded history that was imported to a folder.
pub(crate) fn read_history(out: &Path) -> Result<History, Failure> {
    let folder = out.join(HISTORY);
    let read = |of: RecordedFile| files::read(&folder.join(of.name()));
    let (runs, tries) = (read(RecordedFile::Runs)?, read(RecordedFile::Tries)?);
    let pokes = read(RecordedFile::Pokes)?;
    let history = History::read(runs.as_bytes(), tries.as_bytes(), pokes.as_bytes());
    history.map_err(|error| Failure::Invalid(format!("`{}`: {error}", folder.display())))
}

//! What is said of the fits of an import, and the history that another command reads again.

use std::path::{Path, PathBuf};

use super::super::results::RunFolder;
use super::super::{Failure, files};
use super::airflow::HISTORY;
use crate::calibrate::Calibration;
use crate::report::{calibration_csv, calibration_document};
use crate::trace::{History, RecordedFile};

/// The folder of the calibration, below the folder of an import.
const CALIBRATION: &str = "calibration";

/// Writes how far the fits of an import can be trusted; it says where.
pub(super) fn write(out: &Path, calibration: &Calibration) -> Result<PathBuf, Failure> {
    let document = calibration_document(calibration)?;
    let folder = RunFolder::at(out.join(CALIBRATION))?;
    folder.put("calibration.csv", &calibration_csv(calibration))?;
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

//! Backtests: a scenario held against the recorded history of the site that it describes.
//!
//! A [`replay`] lives the history through again with its own durations: what differs is the fault of the scheduler model,
//! or of limits that were not as the scenario says.

mod agreement;
mod arrivals;
mod names;
mod remembered;
mod replay;

pub use agreement::{Agreement, Bound, Waits};
pub use replay::{ComparedRuns, ComparedTry, Moments, Replay, SetAside, UnrecordedTry, replay};

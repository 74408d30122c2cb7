//! Backtests: a scenario held against the recorded history of the site that it describes.
//!
//! A [`replay`] lives the history through again with its own durations: what differs is the fault of the scheduler model,
//! or of limits that were not as the scenario says. A [`predict`]ion knows the first part of the history alone, and says
//! what may come of the second: what differs is the fault of the whole.

mod agreement;
mod arrivals;
mod calibrated;
mod daily;
mod foreseen;
mod names;
mod predict;
mod remembered;
mod replay;

pub use agreement::{Agreement, Bound, Waits};
pub use daily::Daily;
pub use predict::{
    Coverage, PredictedFigure, Prediction, PredictionError, PredictionPlan, predict,
};
pub use replay::{ComparedRuns, ComparedTry, Moments, Replay, SetAside, UnrecordedTry, replay};

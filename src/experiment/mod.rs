//! Experiments: one or many replications of a scenario, and what can be concluded from them.

mod advice;
mod backtest;
mod case;
mod comparison;
mod estimation;
mod measure;
mod objectives;
mod plan;
mod replication;
mod sample;
mod selection;
mod sensitivity;
mod story;
mod sweep;
mod warm_up;

pub use advice::{Advice, Advised, Sizes, advise};
pub use backtest::{
    Agreement, Bound, ComparedRuns, ComparedTry, Coverage, Daily, Moments, PredictedFigure,
    Prediction, PredictionError, PredictionPlan, Replay, SetAside, UnrecordedTry, Waits, predict,
    replay,
};
pub use case::Case;
pub use comparison::{
    Alternative, Comparison, Contender, Difference, DifferenceVerdict, Estimate, Figure,
    MAX_ALL_PAIRS, Outlook, Pair, compare,
};
pub use estimation::{Estimated, Estimation, estimate};
pub use measure::Measure;
pub use objectives::{Verdict, judge};
pub use plan::{MAX_REPLICATIONS, Plan, PlanError, Precise, Progress};
pub use replication::{Replication, replicate, summarise};
pub use sample::Sample;
pub use selection::{Procedure, SelectError, SelectedCase, Selection, SelectionPlan, select};
pub use sensitivity::{
    Effect, KnobEffect, Sensitivity, Step, TurnKnob, Turns, Varied, sensitivity,
};
pub use story::{NoStory, Precedence, SegmentStory, Story, StoryQuery, Taken, tell};
pub use sweep::{
    AtPoint, Cell, CellStore, Design, KeptCells, NoPart, Part, PointEstimation, ReadPoint,
    StoreError, SweepError, estimate_point, samples_of, simulate_cells,
};
pub use warm_up::{PILOTS, WarmUp, WarmUpCourse, find_warm_up};

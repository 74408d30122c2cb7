//! Experiments: one or many replications of a scenario, and what can be concluded from them.

mod case;
mod comparison;
mod estimation;
mod measure;
mod objectives;
mod plan;
mod replication;
mod sensitivity;
mod story;
mod warm_up;

pub use case::{Case, Outcome};
pub use comparison::{
    Alternative, Comparison, Contender, Difference, DifferenceVerdict, Estimate, Figure,
    MAX_ALL_PAIRS, Outlook, Pair, compare,
};
pub use estimation::{Estimated, Estimation, estimate};
pub use measure::Measure;
pub use objectives::{Verdict, judge, judge_replications};
pub use plan::{MAX_REPLICATIONS, Plan, PlanError, Precise, Progress};
pub use replication::{Replication, replicate, summarise};
pub use sensitivity::{Effect, KnobEffect, Sensitivity, Step, Varied, sensitivity};
pub use story::{NoStory, Precedence, SegmentStory, Story, StoryQuery, Taken, tell};
pub use warm_up::{PILOTS, WarmUp, WarmUpCourse, find_warm_up};

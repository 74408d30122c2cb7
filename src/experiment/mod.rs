//! Experiments: one or many replications of a scenario, and what can be concluded from them.

mod comparison;
mod objectives;
mod replication;
mod story;

pub use comparison::{
    CompareError, ComparedPolicy, Comparison, ComparisonDesign, Contender, Difference,
    DifferenceVerdict, Estimate, Figure, MAX_REPLICATIONS, Progress, compare,
};
pub use objectives::{Verdict, judge, judge_replications};
pub use replication::{Replication, replicate, summarise};
pub use story::{NoStory, Precedence, SegmentStory, Story, StoryQuery, Taken, tell};

//! Experiments: one or many replications of a scenario, and what can be concluded from them.

mod objectives;
mod replication;

pub use objectives::{Verdict, judge};
pub use replication::{Replication, replicate, summarise};

//! Experiments: one or many replications of a scenario, and what can be concluded from them.

mod replication;

pub use replication::{Replication, replicate, summarise};

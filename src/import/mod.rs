//! What enters from outside becomes a scenario in the format that a person writes.

pub mod airflow;
pub mod pools;
pub mod workflow;
mod yaml_text;

//! slotwise.
pub mod airflow;
pub mod cli;
pub mod deployment;
pub mod engine;
pub mod ids;
pub mod policy;
pub mod random;
pub mod stats;
pub mod time;
pub mod trace;

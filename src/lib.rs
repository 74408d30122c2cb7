//! slotwise.
pub mod airflow;
pub mod cli;
pub mod deployment;
pub mod engine;
pub mod experiment;
pub mod ids;
pub mod metrics;
pub mod policy;
pub mod random;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod time;
pub mod trace;

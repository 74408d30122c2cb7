//! slotwise.
pub mod airflow;
pub mod cli;
pub mod deployment;
pub mod ids;
pub mod policy;
pub mod random;
pub mod time;
pub mod trace;

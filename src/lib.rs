//! slotwise.
pub mod airflow;
pub mod deployment;
pub mod ids;
pub mod policy;
pub mod random;
pub mod time;
pub mod trace;

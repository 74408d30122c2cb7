//! slotwise.
pub mod deployment;
pub mod ids;
pub mod policy;
pub mod random;
pub mod scenario;
pub mod stats;
pub mod time;
pub mod trace;

//! Task instances: what they depend on, and what they wait for before and between their segments.

pub(super) mod awaits;
pub(super) mod choices;
pub(super) mod deferral;
pub(super) mod dependencies;
pub(super) mod first_pokes;
pub(super) mod instance;
pub(super) mod lost_tasks;
pub(super) mod present_try;
pub(super) mod sensing;
pub(super) mod task_scope;
pub(super) mod triggers;
pub(super) mod upstream;

//! Plans that are carried out cell by cell: what is planned, what has been finished, and which part of it is ours.

mod finish;
mod journal;
mod part;
mod plan_file;
mod planned_sensitivity;
mod sites;
mod work;

pub(crate) use finish::{Cells, Finished, finish};
pub(crate) use journal::Journal;
pub use part::PartArg;
pub(crate) use plan_file::{PlanFile, Planned, PlannedAlternative};
pub(crate) use planned_sensitivity::PlannedSensitivity;
pub(crate) use sites::Sites;
pub(crate) use work::{Work, carry_out, carry_out_part, folder};

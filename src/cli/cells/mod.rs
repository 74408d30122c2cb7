//! Plans that are carried out cell by cell: what is planned, what has been finished, and which part of it is ours.

mod finish;
mod journal;
mod part;
mod plan_file;
mod work;

pub(crate) use finish::{Cells, Finished, finish};
pub(crate) use journal::Journal;
pub use part::PartArg;
pub(crate) use plan_file::{PlanFile, Planned};
pub(crate) use work::{Work, carry_out};

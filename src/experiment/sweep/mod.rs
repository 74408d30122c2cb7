//! Sweeps: every point of a scenario under every policy, replicated on the same luck, cell by cell.
//!
//! A cell is one replication of one policy at one point. It depends on nothing but its number, so cells can be simulated
//! in any order, on any machine and at any time; what a store has kept of them is put together in their order.

mod design;
mod part;
mod points;
mod work;

pub use design::{Cell, Design};
pub use part::{NoPart, Part};
pub use points::{AtPoint, PointEstimation, ReadPoint, estimate_point, samples_of};
pub use work::{CellStore, KeptCells, StoreError, SweepError, simulate_cells};

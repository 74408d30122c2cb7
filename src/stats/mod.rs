//! Statistics: pure numerics on slices and signals. Formulas stand beside their source; nothing here knows what is
//! measured.

pub mod erlang;
mod histogram;
pub mod holm;
pub mod interval;
pub mod mser;
pub mod quantile;
pub mod selection;
pub mod student_t;
mod time_series;

pub use histogram::Histogram;
pub use time_series::{MAX_BINS, Tally, TimeSeries};

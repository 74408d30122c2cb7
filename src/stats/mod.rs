//! Pure numerics: what is counted, integrated and estimated.

mod histogram;
mod time_series;

pub use histogram::Histogram;
pub use time_series::{MAX_BINS, Tally, TimeSeries};

//! Keyed randomness.
pub mod arrivals;
pub mod distribution;
mod stream;
pub use arrivals::ArrivalProcess;
pub use distribution::Distribution;
pub use stream::{Purpose, Stream, StreamKey};

//! Keyed randomness.
pub mod arrivals;
pub mod distribution;
mod stream;
mod ziggurat;
pub use arrivals::ArrivalProcess;
pub use distribution::Distribution;
pub use stream::{Purpose, Stream, StreamKey};

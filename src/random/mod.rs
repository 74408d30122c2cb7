//! Randomness: keyed streams, distributions and arrival processes.
//!
//! A [`StreamKey`] names what is drawn for, a [`Stream`] gives its bits, and a [`Distribution`] or an
//! [`ArrivalProcess`] turns the bits into seconds. Everything here is portable: equal keys give equal numbers on
//! every machine.

pub mod arrivals;
pub mod distribution;
mod exponential_function;
mod stream;
mod ziggurat;

pub use arrivals::{ArrivalCursor, ArrivalProcess, PointProcess};
pub use distribution::{Distribution, EmpiricalMode, FamilyDescription, ParameterError, Quantity};
pub use stream::{Purpose, Stream, StreamKey};

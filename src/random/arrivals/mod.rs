//! Arrival processes of triggered runs.
use super::Stream;
use crate::time::{SimDuration, SimTime};
/// When triggered runs arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrivalProcess {
    /// Independent exponential gaps; the rate is per second.
    Poisson {
        /// Arrivals per second.
        rate: f64,
    },
}
impl ArrivalProcess {
    /// The arrival after `previous` (the start of the simulation for the first one). None: no more.
    pub fn next(&self, previous: SimTime, stream: &mut Stream) -> Option<SimTime> {
        match self {
            Self::Poisson { rate } => Some(
                previous + SimDuration::from_seconds_f64(-libm::log(stream.next_open()) / rate),
            ),
        }
    }
}

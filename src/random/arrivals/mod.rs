//! Arrival processes of triggered runs. Fixed intervals are timetables and live with the deployment.

mod poisson;

use super::Stream;
use crate::time::SimTime;

/// When triggered runs arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrivalProcess {
    /// Independent exponential gaps.
    Poisson {
        /// Arrivals per second; none ever come unless it is positive and finite.
        rate: f64,
    },
}

impl ArrivalProcess {
    /// The arrival after `previous` (the start of the simulation for the first one). None: no more.
    pub fn next(&self, previous: SimTime, stream: &mut Stream) -> Option<SimTime> {
        match *self {
            Self::Poisson { rate } => poisson::next(rate, previous, stream),
        }
    }
}

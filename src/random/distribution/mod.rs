//! Distributions (stub to be replaced).
use super::Stream;
/// A distribution of non-negative numbers (seconds for durations).
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Lognormal with these mu, sigma.
    Lognormal(f64, f64),
}
impl Distribution {
    /// One draw.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(x) => *x,
            Self::Exponential(m) => -m * libm::log(stream.next_open()),
            Self::Lognormal(mu, sigma) => {
                let r = libm::sqrt(-2.0 * libm::log(stream.next_open()));
                libm::exp(mu + sigma * r * libm::cos(std::f64::consts::TAU * stream.next_open()))
            }
        }
    }
    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(x) | Self::Exponential(x) => *x,
            Self::Lognormal(mu, sigma) => libm::exp(mu + sigma * sigma / 2.0),
        }
    }
}

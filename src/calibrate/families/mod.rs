//! The families that are fitted by maximum likelihood, one file each, and the dispatch to them.
//!
//! Observed values x contribute ln f(x), censored ones ln(1 - F(c)), those between two moments ln(F(b) - F(a)). Where values
//! are complete, the maximum is in closed form or the root of one equation; with others in general [`simplex::maximise`] climbs
//! from there. `triangular` and `pert` are left out, because the likelihood of their ends is not regular and no record shows
//! where they are.
//! `hyperexponential` and `mixture` are for people who know of the two kinds that are mixed.

mod digamma;
mod erlang;
mod exponential;
mod gamma;
mod lognormal;
mod normal;
mod pareto;
mod simplex;
mod uniform;
mod weibull;

#[cfg(test)]
mod intervals;
#[cfg(test)]
mod references;

use super::law::Law;
use super::samples::Samples;
use erlang::Erlang;
use exponential::Exponential;
use gamma::Gamma;
use lognormal::Lognormal;
use normal::Normal;
use pareto::Pareto;
use uniform::Uniform;
use weibull::Weibull;

macro_rules! families {
    ($($name:ident),* $(,)?) => {
        /// A family that durations may have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Family {
            $(#[doc = concat!("`", stringify!($name), "`.")] $name,)*
        }

        impl Family {
            /// All of them; of two that are equally likely, the first is taken.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What a scenario calls it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $name::NAME,)* }
            }

            /// How many parameters are fitted.
            pub const fn parameters(self) -> usize {
                match self { $(Self::$name => $name::PARAMETERS,)* }
            }

            /// Its most likely member; none if the values are not of this family, or not enough.
            pub(super) fn fit(self, samples: &Samples) -> Option<Model> {
                match self { $(Self::$name => $name::fit(samples).map(Model::$name),)* }
            }
        }

        /// A member of a family.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub(super) enum Model {
            $($name($name),)*
        }

        impl Model {
            /// ln f(x).
            pub(super) fn log_density(&self, x: f64) -> f64 {
                match self { $(Self::$name(model) => model.log_density(x),)* }
            }

            /// F(x) and 1 - F(x), each accurate where it is small.
            pub(super) fn tails(&self, x: f64) -> (f64, f64) {
                match self { $(Self::$name(model) => model.tails(x),)* }
            }

            /// As a scenario writes it.
            pub(super) fn law(&self) -> Law {
                match self {
                    $(Self::$name(model) => Law::Family {
                        family: $name::NAME,
                        parameters: model.parameters().to_vec(),
                    },)*
                }
            }
        }
    };
}

families![
    Exponential,
    Lognormal,
    Gamma,
    Weibull,
    Normal,
    Erlang,
    Uniform,
    Pareto
];

impl Model {
    /// The logarithm of the likelihood.
    pub(super) fn log_likelihood(&self, samples: &Samples) -> f64 {
        log_likelihood(samples, |x| self.log_density(x), |x| self.tails(x))
    }
}

fn log_likelihood(
    samples: &Samples,
    log_density: impl Fn(f64) -> f64,
    tails: impl Fn(f64) -> (f64, f64),
) -> f64 {
    // A share that is too small to be told from nothing is not impossible.
    let log = |share: f64| libm::log(share.max(f64::MIN_POSITIVE));
    let ended: f64 = samples.observed().iter().map(|&x| log_density(x)).sum();
    let went_on: f64 = samples.censored().iter().map(|&c| log(tails(c).1)).sum();
    let between = samples.between().iter();
    let between: f64 = between
        .map(|&(low, high)| log(share_between(tails(low), tails(high))))
        .sum();
    ended + went_on + between
}

/// The share between two points whose tails these are, from the ends of the tail in which they lie.
fn share_between(low: (f64, f64), high: (f64, f64)) -> f64 {
    if low.0 > 0.5 {
        low.1 - high.1
    } else {
        high.0 - low.0
    }
}

/// The mean of the values and of their logarithms, which is all that many of the equations ask for.
struct Means {
    n: f64,
    mean: f64,
    log_mean: f64,
}

impl Means {
    /// Of all values, as if the censored ones had ended; none of fewer than two.
    fn of(samples: &Samples) -> Option<Self> {
        let n = samples.all().count();
        if n < 2 || samples.ended() == 0 {
            return None;
        }
        let n = n as f64;
        let mean = samples.all().sum::<f64>() / n;
        let log_mean = samples.all().map(libm::log).sum::<f64>() / n;
        Some(Self { n, mean, log_mean })
    }
}

//! The closed set of families, and the dispatch to the one at hand.
//!
//! A family is a struct of its own file with the methods named below; a new one is its file and one name in the list
//! at the end. Every family is of non-negative numbers.

use super::constant::Constant;
use super::empirical::Empirical;
use super::erlang::Erlang;
use super::exponential::Exponential;
use super::gamma::Gamma;
use super::hyperexponential::Hyperexponential;
use super::lognormal::Lognormal;
use super::mixture::Mixture;
use super::normal::Normal;
use super::parameters::FamilyDescription;
use super::pareto::Pareto;
use super::pert::Pert;
use super::triangular::Triangular;
use super::uniform::Uniform;
use super::weibull::Weibull;
use crate::random::Stream;

macro_rules! families {
    ($($name:ident),* $(,)?) => {
        /// One member of the closed set of families.
        #[derive(Clone, Debug, PartialEq)]
        pub(super) enum Family {
            $($name($name),)*
        }

        /// How each of them describes itself.
        pub(super) const FAMILIES: &[FamilyDescription] = &[$($name::DESCRIPTION,)*];

        impl Family {
            /// One draw. What simulations draw most stands first, so that it needs no table of jumps and none of the
            /// room that others do.
            #[inline]
            pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
                match self {
                    Self::Lognormal(family) => family.sample(stream),
                    Self::Exponential(family) => family.sample(stream),
                    others => others.sample_seldom(stream),
                }
            }

            #[inline(never)]
            fn sample_seldom(&self, stream: &mut Stream) -> f64 {
                match self { $(Self::$name(family) => family.sample(stream),)* }
            }

            /// E\[X\].
            pub(super) fn mean(&self) -> f64 {
                match self { $(Self::$name(family) => family.mean(),)* }
            }

            /// E\[X²\] - E\[X\]².
            pub(super) fn variance(&self) -> f64 {
                match self { $(Self::$name(family) => family.variance(),)* }
            }

            /// P(X <= x).
            pub(super) fn cdf(&self, x: f64) -> f64 {
                self.partial_moment(0, x)
            }

            /// E\[X^k; X <= x\] for k = 0, 1, 2 and any x, infinity too: what clamped moments are made of.
            pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
                match self { $(Self::$name(family) => family.partial_moment(k, x),)* }
            }

            /// The smallest x with P(X <= x) >= p, for p from 0 to 1.
            pub(super) fn quantile(&self, p: f64) -> f64 {
                match self { $(Self::$name(family) => family.quantile(p),)* }
            }
        }
    };
}

families![
    Constant,
    Uniform,
    Triangular,
    Pert,
    Exponential,
    Erlang,
    Hyperexponential,
    Normal,
    Lognormal,
    Gamma,
    Weibull,
    Pareto,
    Empirical,
    Mixture,
];

//! The Erlang distribution: the sum of a whole number `phases` (k) of exponential phases, each of mean `scale` (s).
//!
//! It is the gamma distribution of a whole shape: F(x) = 1 - sum of (x/s)^i e^(-x/s) / i! for i < k; mean k s,
//! variance k s², coefficient of variation 1 / sqrt(k).
//! Source: Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions 1", ch. 17.

use super::family::Family;
use super::gamma::Gamma;
use super::given::{Given, positive};
use super::parameters::{FamilyDescription, ParameterError};
use crate::random::Stream;

/// More phases than these are a constant for every purpose.
const MOST_PHASES: f64 = 1e6;

/// How far, as a share of it, a given coefficient of variation may be from one of a whole number of phases: somebody
/// who writes 0.58 means three phases, whose coefficient is 0.577.
const CV_TOLERANCE: f64 = 0.005;

/// A sum of equal exponential phases.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Erlang(Gamma);

impl Erlang {
    pub(super) const DESCRIPTION: FamilyDescription = FamilyDescription {
        name: "erlang",
        summary: "several exponential phases one after the other",
        combinations: &[
            &["phases", "scale"],
            &["mean", "phases"],
            &["mean", "sd"],
            &["mean", "cv"],
        ],
        build: |given| Self::from_given(given).map(Family::Erlang),
    };

    fn from_given(given: &Given) -> Result<Self, ParameterError> {
        let (phases, scale) = if let Some([phases, scale]) = given.exactly(["phases", "scale"]) {
            (whole(phases)?, positive("scale", scale)?)
        } else if let Some([mean, phases]) = given.exactly(["mean", "phases"]) {
            let phases = whole(phases)?;
            (phases, positive("mean", mean)? / phases)
        } else if let Some((mean, sd)) = given.mean_and_sd()? {
            let phases = phases_of_cv(sd / mean)?;
            (phases, mean / phases)
        } else {
            return Err(given.misfit());
        };
        Gamma::new(phases, scale).map(Self)
    }

    pub(super) fn mean(&self) -> f64 {
        self.0.mean()
    }

    pub(super) fn variance(&self) -> f64 {
        self.0.variance()
    }

    pub(super) fn partial_moment(&self, k: i32, x: f64) -> f64 {
        self.0.partial_moment(k, x)
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        self.0.quantile(p)
    }

    #[inline]
    pub(super) fn sample(&self, stream: &mut Stream) -> f64 {
        self.0.sample(stream)
    }
}

fn whole(phases: f64) -> Result<f64, ParameterError> {
    if (1.0..=MOST_PHASES).contains(&phases) && phases.fract() == 0.0 {
        return Ok(phases);
    }
    let message = format!("`phases` must be a whole number from 1 to {MOST_PHASES}, not {phases}");
    Err(ParameterError::about("phases", message).with_help("`gamma` has shapes between them"))
}

/// The number of phases with this coefficient of variation.
fn phases_of_cv(cv: f64) -> Result<f64, ParameterError> {
    let phases = (1.0 / (cv * cv)).round().clamp(1.0, MOST_PHASES);
    let nearest = 1.0 / phases.sqrt();
    if (cv / nearest - 1.0).abs() <= CV_TOLERANCE {
        return Ok(phases);
    }
    let message = format!("no `erlang` has a coefficient of variation of {cv}");
    Err(ParameterError::about_all(message).with_help(format!(
        "{phases} phases have {nearest:.4}; use `gamma` for any other, `hyperexponential` for more than 1"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Distribution;
    use crate::random::distribution::goodness_of_fit::{check_against_statrs, check_draws};

    fn erlang(given: [(&str, f64); 2]) -> Distribution {
        Distribution::from_parameters("erlang", &given).unwrap()
    }

    #[test]
    fn every_way_to_give_it_is_the_same_distribution() {
        let reference = statrs::distribution::Erlang::new(4, 0.2).unwrap();
        for given in [
            [("phases", 4.0), ("scale", 5.0)],
            [("mean", 20.0), ("phases", 4.0)],
            [("mean", 20.0), ("sd", 10.0)],
            [("mean", 20.0), ("cv", 0.5)],
        ] {
            check_against_statrs(&erlang(given), &reference);
        }
    }

    #[test]
    fn draws_fit() {
        for phases in [1.0, 2.0, 9.0] {
            check_draws(&erlang([("mean", 40.0), ("phases", phases)]));
        }
    }

    #[test]
    fn a_rounded_coefficient_of_variation_means_whole_phases() {
        let three = erlang([("mean", 60.0), ("cv", 0.58)]);
        assert!((three.variance() - 1_200.0).abs() < 1e-9);
        let error = phases_of_cv(0.6).unwrap_err();
        assert!(error.help.unwrap().starts_with("3 phases have 0.5774"));
        assert!(phases_of_cv(1.4).is_err() && phases_of_cv(1e-9).is_err());
    }

    #[test]
    fn parts_of_phases_and_misfits_are_refused() {
        for (given, at) in [
            ([("phases", 2.5), ("scale", 1.0)], Some("phases")),
            ([("phases", 0.0), ("mean", 1.0)], Some("phases")),
            ([("phases", 2.0), ("mean", -1.0)], Some("mean")),
            ([("phases", 2.0), ("cv", 1.0)], None),
        ] {
            let error = Distribution::from_parameters("erlang", &given).unwrap_err();
            assert_eq!(error.parameter.as_deref(), at, "{error}");
        }
    }
}

//! Every fit and both distances against those of `scipy`: `scipy.stats` distributions whose negative log-likelihood was minimised by
//! `scipy.optimize.minimize(method="Nelder-Mead", xatol=1e-11, fatol=1e-13)`.

use super::*;
use crate::calibrate::goodness::statistics;

const ENDED: [f64; 12] = [
    31.2, 44.7, 58.1, 60.9, 72.4, 75.0, 88.3, 91.6, 103.5, 120.2, 147.8, 190.4,
];
const WENT_ON: [f64; 2] = [80.0, 150.0];

/// Family, log-likelihood, mean, A², D; of the values that ended.
const COMPLETE: [(Family, [f64; 4]); 7] = [
    (
        Family::Exponential,
        [-66.043_185_346_6, 90.341_666_67, 1.632_065_86, 0.307_680_40],
    ),
    (
        Family::Lognormal,
        [-60.988_052_978_0, 90.660_844_67, 0.106_028_50, 0.081_982_74],
    ),
    (
        Family::Gamma,
        [-61.026_375_017_2, 90.341_666_67, 0.119_342_62, 0.092_854_15],
    ),
    (
        Family::Weibull,
        [-61.436_355_269_9, 90.702_495_94, 0.195_484_21, 0.125_339_60],
    ),
    (
        Family::Normal,
        [-61.944_041_880_8, 90.341_666_67, 0.275_310_25, 0.141_896_61],
    ),
    (
        Family::Erlang,
        [-61.052_809_979_3, 90.341_666_67, 0.144_199_10, 0.099_381_84],
    ),
    (
        Family::Uniform,
        [-62.846_584_296_9, 110.8, 1.254_443_63, 0.288_799_77],
    ),
];

/// Family, log-likelihood, mean, standard deviation; of all values.
const CENSORED: [(Family, [f64; 3]); 5] = [
    (
        Family::Exponential,
        [-68.352_007_798, 109.508_333, 109.508_333],
    ),
    (
        Family::Lognormal,
        [-63.652_162_115, 101.880_819, 57.292_506],
    ),
    (Family::Gamma, [-63.713_234_727, 100.043_712, 49.208_458]),
    (Family::Weibull, [-64.049_826_581, 99.838_375, 47.785_873]),
    (Family::Normal, [-64.573_431_552, 99.114_735, 47.629_712]),
];

fn assert_near(actual: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (actual / expected - 1.0).abs();
    assert!(error < tolerance, "{what}: {actual}, not {expected}");
}

#[test]
fn complete_values_are_fitted_as_scipy_fits_them() {
    let samples = Samples::complete(ENDED.to_vec());
    for (family, [log_likelihood, mean, a_squared, d]) in COMPLETE {
        let (model, name) = (family.fit(&samples).unwrap(), family.name());
        let fitted = model.law().distribution().unwrap();
        let [anderson_darling, kolmogorov_smirnov] = statistics(&model, &ENDED);
        assert_near(model.log_likelihood(&samples), log_likelihood, 1e-9, name);
        assert_near(fitted.mean(), mean, 1e-5, name);
        assert_near(anderson_darling, a_squared, 1e-5, name);
        assert_near(kolmogorov_smirnov, d, 1e-5, name);
    }
}

#[test]
fn values_that_went_on_are_fitted_as_scipy_fits_them() {
    let samples = Samples::new(ENDED.to_vec(), WENT_ON.to_vec());
    for (family, [log_likelihood, mean, sd]) in CENSORED {
        let (model, name) = (family.fit(&samples).unwrap(), family.name());
        let fitted = model.law().distribution().unwrap();
        assert_near(model.log_likelihood(&samples), log_likelihood, 1e-9, name);
        assert_near(fitted.mean(), mean, 1e-5, name);
        assert_near(fitted.variance().sqrt(), sd, 1e-5, name);
    }
}

#[test]
fn the_written_distribution_is_the_fitted_one() {
    let samples = Samples::new(ENDED.to_vec(), WENT_ON.to_vec());
    for &family in Family::ALL {
        let Some(model) = family.fit(&samples) else {
            assert_eq!(
                family,
                Family::Pareto,
                "these vary less than an exponential"
            );
            continue;
        };
        let written = model.law().distribution().unwrap();
        for x in [20.0, 50.0, 90.0, 170.0] {
            let (below, beyond) = model.tails(x);
            assert!((below + beyond - 1.0).abs() < 1e-12, "{family:?}");
            assert!((written.cdf(x) - below).abs() < 1e-5, "{family:?} {x}");
            // The density is the slope of the distribution function.
            let slope = (model.tails(x + 1e-4).0 - model.tails(x - 1e-4).0) / 2e-4;
            let density = libm::exp(model.log_density(x));
            assert!((slope - density).abs() < 1e-6, "{family:?} {x}");
        }
    }
}

#[test]
fn no_sample_of_usual_sizes_makes_trouble() {
    let wide: Vec<f64> = (0..30).map(|i| libm::exp(f64::from(i) - 12.0)).collect();
    let narrow: Vec<f64> = (0..30).map(|i| 1e5 + f64::from(i)).collect();
    for values in [wide, narrow, vec![1.0, 2.0], vec![5e-7, 5e-7, 30.0]] {
        for &family in Family::ALL {
            let samples = Samples::new(values.clone(), vec![values[1]]);
            if let Some(model) = family.fit(&samples) {
                assert!(model.log_likelihood(&samples).is_finite(), "{model:?}");
            }
        }
    }
}

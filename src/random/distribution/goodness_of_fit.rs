//! The checks that every family passes, against statrs and against its own draws.
//!
//! Seeds are fixed in advance. Each statistical check has a level of 0.1 % or less, so that the few dozen of them
//! together would reject a correct house less often than once in twenty seeds.

use statrs::distribution::ContinuousCDF;

use crate::random::{Distribution, Purpose, StreamKey};

const DRAWS: usize = 50_000;

/// The reference's own mean and variance come from statrs as well.
pub(super) trait Reference:
    ContinuousCDF<f64, f64> + statrs::statistics::Distribution<f64>
{
}

impl<T: ContinuousCDF<f64, f64> + statrs::statistics::Distribution<f64>> Reference for T {}

/// Mean, variance, distribution function and quantiles equal those of the reference.
pub(super) fn check_against_statrs(ours: &Distribution, reference: &impl Reference) {
    let close = |a: f64, b: f64, what: &str| {
        assert!(
            (a / b - 1.0).abs() < 1e-8,
            "{what}: {a}, not {b}, for {ours:?}"
        );
    };
    close(ours.mean(), reference.mean().unwrap(), "mean");
    close(ours.variance(), reference.variance().unwrap(), "variance");
    for p in [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999] {
        let x = ours.quantile(p);
        close(
            reference.cdf(x),
            p,
            "statrs' distribution function at our quantile",
        );
        close(ours.cdf(x), p, "our distribution function at our quantile");
    }
}

/// Draws follow the distribution function, have its mean, and its moments are those of its quantiles.
pub(super) fn check_draws(ours: &Distribution) {
    let mut draws = draw(ours);
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let gap = |(i, &x): (usize, &f64)| {
        let share = ours.cdf(x);
        (share - i as f64 / n)
            .abs()
            .max((share - (i + 1) as f64 / n).abs())
    };
    let distance = draws.iter().enumerate().map(gap).fold(0.0, f64::max);
    // The 99.9 % quantile of the Kolmogorov distribution is 1.949.
    assert!(
        distance * n.sqrt() < 1.949,
        "distance {distance} for {ours:?}"
    );
    check_moments_against_draws(ours);
    check_partial_moments(ours);
    for p in [1e-4, 0.05, 0.4, 0.8, 0.999] {
        assert!(
            (ours.cdf(ours.quantile(p)) - p).abs() < 1e-9,
            "{p} for {ours:?}"
        );
    }
}

/// The sample mean lies within four standard errors; the sample variance within five of its own.
pub(super) fn check_moments_against_draws(ours: &Distribution) {
    let draws = draw(ours);
    let n = draws.len() as f64;
    let average = |of: &dyn Fn(f64) -> f64| draws.iter().map(|&x| of(x)).sum::<f64>() / n;
    let (mean, variance) = (ours.mean(), ours.variance());
    let off = average(&|x| x - mean);
    assert!(
        off.abs() < 4.0 * (variance / n).sqrt(),
        "mean off by {off} for {ours:?}"
    );
    let square = |x: f64| (x - mean) * (x - mean) - variance;
    let off = average(&square);
    let error = (average(&|x| square(x) * square(x)) / n).sqrt();
    assert!(
        off.abs() < 5.0 * error,
        "variance off by {off} for {ours:?}"
    );
}

/// What is clamped at c has the mean that the quantile function gives: the integral of min(Q(p), c) over p.
fn check_partial_moments(ours: &Distribution) {
    const STEPS: u32 = 20_000;
    for cut in [0.3, 0.9] {
        let bound = ours.quantile(cut);
        let clamped = ours.clone().modified(0.0, None, Some(bound)).unwrap();
        let points = (0..STEPS).map(|i| clamped.quantile((f64::from(i) + 0.5) / f64::from(STEPS)));
        let (sum, squares) =
            points.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        let mean = sum / f64::from(STEPS);
        let variance = squares / f64::from(STEPS) - mean * mean;
        assert!(
            (clamped.mean() / mean - 1.0).abs() < 1e-4,
            "mean {mean} for {clamped:?}"
        );
        assert!(
            (clamped.variance() / variance - 1.0).abs() < 1e-3,
            "variance {variance} for {clamped:?}"
        );
    }
}

fn draw(ours: &Distribution) -> Vec<f64> {
    let mut stream = StreamKey::root(1_905, 0).stream(Purpose::Duration);
    (0..DRAWS).map(|_| ours.sample(&mut stream)).collect()
}

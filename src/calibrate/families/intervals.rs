//! Fits of values of which is only known between which moments they lie.

use super::*;
use crate::random::{Distribution, Purpose, StreamKey};

#[test]
fn counts_in_cells_give_the_known_mean_of_the_exponential_family() {
    // The cell is geometric: of S = 0*6 + 1*3 + 2*2 + 4*1, and 3 more for the one that went on, q = S / (S + n).
    let cells = [(0, 6), (1, 3), (2, 2), (4, 1)];
    let intervals = cells.iter().flat_map(|&(cell, count)| {
        let low = 10.0 * f64::from(cell);
        std::iter::repeat_n((low, low + 10.0), count)
    });
    let samples = Samples::new(Vec::new(), vec![30.0]).with_between(intervals);
    let sum: f64 = 3.0 + 4.0 + 4.0 + 3.0;
    let mean = -10.0 / libm::log(sum / (sum + 12.0));
    let [(_, found)] = Exponential::fit(&samples).unwrap().parameters();
    assert!((found / mean - 1.0).abs() < 1e-6, "{found} {mean}");
}

#[test]
fn what_is_lost_between_pokes_is_not_lost_to_the_fit() {
    let mut errors = [0.0; 2];
    for (family, given) in [
        (Family::Lognormal, [("mean", 60.0), ("cv", 0.6)]),
        (Family::Gamma, [("mean", 60.0), ("cv", 0.6)]),
        (Family::Weibull, [("mean", 60.0), ("shape", 1.7)]),
        (Family::Normal, [("mean", 60.0), ("sd", 25.0)]),
    ] {
        let truth = Distribution::from_parameters(family.name(), &given).unwrap();
        let mut stream = StreamKey::root(21, 0).stream(Purpose::Duration);
        let values: Vec<f64> = (0..3_000).map(|_| truth.sample(&mut stream)).collect();
        // Pokes come every 60 s, which is as long as the wait is on average.
        let interval = |x: &f64| {
            let low = 60.0 * (x / 60.0).floor();
            (low, low + 60.0)
        };
        let between = Samples::default().with_between(values.iter().map(interval));
        let spread = |samples: &Samples| {
            let law = family.fit(samples).unwrap().law().distribution().unwrap();
            (law.mean(), law.variance().sqrt())
        };
        let (mean, sd) = spread(&between);
        let (true_mean, true_sd) = spread(&Samples::complete(values));
        assert!(
            (mean / true_mean - 1.0).abs() < 0.02,
            "{family:?}: {mean} {true_mean}"
        );
        assert!(
            (sd / true_sd - 1.0).abs() < 0.06,
            "{family:?}: {sd} {true_sd}"
        );
        let (_, of_middles) = spread(&between.with_middles());
        let error = |sd: f64| (sd / true_sd - 1.0).abs();
        errors = [errors[0] + error(sd), errors[1] + error(of_middles)];
    }
    assert!(errors[0] < 0.5 * errors[1], "{errors:?}");
}

#[test]
fn shares_of_cells_give_the_ends_of_the_uniform_family() {
    // 0.4 of 10..135 lie below 60, 0.12 above 120.
    let cells = [((0.0, 60.0), 40), ((60.0, 120.0), 48), ((120.0, 180.0), 12)];
    let intervals = cells
        .iter()
        .flat_map(|&(cell, count)| std::iter::repeat_n(cell, count));
    let samples = Samples::default().with_between(intervals);
    let [(_, low), (_, high)] = Uniform::fit(&samples).unwrap().parameters();
    assert!(
        (low - 10.0).abs() < 1e-4 && (high - 135.0).abs() < 1e-4,
        "{low} {high}"
    );
}

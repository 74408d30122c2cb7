//! The procedure KN: fully sequential selection with an indifference zone.
//!
//! After n0 rounds, system i is dropped in round r as soon as some system l that is still in has a sum so much smaller that
//! `sum_i - sum_l > max(0, δ / (2c) (h² S_il² / δ² - r))`, where `S_il²` is the variance of their first n0 differences, c = 1,
//! h² = 2 c η (n0 - 1) and η = ((2 α / (k - 1))^(-2 / (n0 - 1)) - 1) / 2. The one that is left is the best with a
//! probability of 1 - α at least, if all others are worse by δ or more; else it is within δ of the best. Systems that
//! share their luck are allowed, and are told apart sooner.
//!
//! Source: Kim and Nelson, "A fully sequential procedure for indifference-zone selection in simulation" (ACM
//! Transactions on Modeling and Computer Simulation 11, 2001), section 3, for normal observations.

use super::{SelectionError, check, check_round};
use crate::stats::interval::mean_and_variance;

/// A selection that goes on: feed it round by round until [`Self::is_decided`].
#[derive(Clone, Debug, PartialEq)]
pub struct KimNelson {
    zone: f64,
    h_squared: f64,
    first_rounds: usize,
    rounds: usize,
    survivors: Vec<usize>,
    /// Of every system, the sum of its observations while it was in.
    sums: Vec<f64>,
    /// Of every system, its observations of the first rounds: the spread of differences is computed from them when it is
    /// needed, because a table of all pairs of thousands of systems would be large.
    first: Vec<Vec<f64>>,
}

/// The constant η for so many systems, first rounds n0, and the probability `error` of a wrong choice, with c = 1.
pub fn eta(systems: usize, first_rounds: usize, error: f64) -> f64 {
    let share = 2.0 * error / (systems.max(2) - 1) as f64;
    0.5 * (libm::pow(share, -2.0 / (first_rounds.max(2) - 1) as f64) - 1.0)
}

/// The constant h² = 2 c η (n0 - 1) for the same, with c = 1.
pub fn h_squared(systems: usize, first_rounds: usize, error: f64) -> f64 {
    2.0 * eta(systems, first_rounds, error) * (first_rounds.max(2) - 1) as f64
}

impl KimNelson {
    /// A selection of so many systems that drops none before `first_rounds` (10 are usual), cares for differences of
    /// `zone` and more, and is wrong with a probability of `error` at most.
    ///
    /// # Errors
    /// Fewer than two first rounds, a zone that is not positive, and promises that mean nothing.
    pub fn new(
        systems: usize,
        first_rounds: usize,
        zone: f64,
        error: f64,
    ) -> Result<Self, SelectionError> {
        check(systems, first_rounds, error)?;
        if !(zone > 0.0 && zone.is_finite()) {
            return Err(SelectionError::Zone(zone));
        }
        Ok(Self {
            zone,
            h_squared: h_squared(systems, first_rounds, error),
            first_rounds,
            rounds: 0,
            survivors: (0..systems).collect(),
            sums: vec![0.0; systems],
            first: vec![Vec::with_capacity(first_rounds); systems],
        })
    }

    /// The systems that are still in, in rising order.
    pub fn survivors(&self) -> &[usize] {
        &self.survivors
    }

    /// Whether no further round is needed.
    pub fn is_decided(&self) -> bool {
        self.survivors.len() < 2
    }

    /// How many rounds there have been.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Takes a round: one observation of each survivor, in their order, and drops those that have been beaten.
    ///
    /// # Errors
    /// A round of another size, or values that are not finite.
    pub fn observe(&mut self, round: &[f64]) -> Result<(), SelectionError> {
        check_round(self.survivors.len(), round)?;
        self.rounds += 1;
        for (&system, &value) in self.survivors.iter().zip(round) {
            self.sums[system] += value;
            if self.rounds <= self.first_rounds {
                self.first[system].push(value);
            }
        }
        if self.rounds >= self.first_rounds {
            self.drop_beaten();
        }
        Ok(())
    }

    fn drop_beaten(&mut self) {
        let mut differences = Vec::with_capacity(self.first_rounds);
        let mut is_closed = true;
        let mut is_beaten = vec![false; self.survivors.len()];
        for (at, &one) in self.survivors.iter().enumerate() {
            for (behind, &other) in self.survivors.iter().enumerate().skip(at + 1) {
                let room = self.room(one, other, &mut differences);
                is_closed &= room == 0.0;
                let lead = self.sums[other] - self.sums[one];
                is_beaten[at] |= -lead > room;
                is_beaten[behind] |= lead > room;
            }
        }
        let mut beaten = is_beaten.into_iter();
        self.survivors.retain(|_| !beaten.next().unwrap_or(false));
        // Without room to any side only equal sums are left, and the first of equals is as good as any.
        if is_closed {
            self.survivors.truncate(1);
        }
    }

    /// By how much two sums may differ without a decision.
    fn room(&self, one: usize, other: usize, differences: &mut Vec<f64>) -> f64 {
        differences.clear();
        let pairs = self.first[one].iter().zip(&self.first[other]);
        differences.extend(pairs.map(|(a, b)| a - b));
        let (_, variance) = mean_and_variance(differences);
        let end = self.h_squared * variance / (self.zone * self.zone);
        (0.5 * self.zone * (end - self.rounds as f64)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_those_of_the_paper() {
        // Computed from the definition with forty digits.
        let eta = eta(10, 10, 0.05);
        assert!((eta / 0.859_083_429_9 - 1.0).abs() < 1e-9, "{eta}");
        assert!((h_squared(10, 10, 0.05) / 15.463_501_74 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_rival_is_dropped_when_its_sum_leaves_the_triangle() {
        // Two systems, n0 = 2, α = 0.1: η = (0.2^-2 - 1) / 2 = 12, h² = 24. Differences 1 and 3 have S² = 2, so with
        // δ = 2 the triangle ends at h² S² / δ² = 12, and the room in round r is 12 - r.
        let mut selection = KimNelson::new(2, 2, 2.0, 0.1).unwrap();
        let mut observe = |first, second| {
            selection.observe(&[first, second]).unwrap();
            selection.survivors().to_vec()
        };
        assert_eq!(observe(1.0, 0.0), [0, 1]);
        assert_eq!(observe(3.0, 0.0), [0, 1], "4 of 10");
        assert_eq!(observe(3.9, 0.0), [0, 1], "7.9 of 9");
        assert_eq!(observe(0.0, 0.0), [0, 1], "7.9 of 8");
        assert_eq!(observe(0.0, 0.0), [1], "7.9 of 7");
    }

    #[test]
    fn twins_are_decided_at_once_for_the_first() {
        let mut selection = KimNelson::new(3, 2, 1.0, 0.05).unwrap();
        for round in [[5.0, 1.0, 1.0], [9.0, 2.0, 2.0]] {
            assert!(!selection.is_decided());
            selection.observe(&round).unwrap();
        }
        while !selection.is_decided() {
            let twin = vec![2.0; selection.survivors().len()];
            selection.observe(&twin).unwrap();
        }
        assert_eq!(selection.survivors(), [1]);
    }

    #[test]
    fn the_far_worse_go_early_and_the_best_is_found() {
        let mut selection = KimNelson::new(50, 10, 1.0, 0.05).unwrap();
        let mut observations = 0;
        while !selection.is_decided() {
            let number = selection.rounds();
            // Seven kinds of luck by turns, each system with its own turn.
            let luck = |system: usize| ((number * 3 + system * 5) % 7) as f64 - 3.0;
            let observe = |&system: &usize| system as f64 + 0.5 * luck(system);
            let round: Vec<f64> = selection.survivors().iter().map(observe).collect();
            observations += round.len();
            selection.observe(&round).unwrap();
        }
        assert_eq!(selection.survivors(), [0]);
        assert!(observations < 50 * 20, "{observations}");
    }

    #[test]
    fn what_promises_nothing_is_refused() {
        let refused = |first, zone, error| {
            let selection = KimNelson::new(4, first, zone, error);
            selection.unwrap_err().to_string()
        };
        assert_eq!(
            refused(1, 1.0, 0.05),
            "a selection begins with 2 rounds or more, not with 1"
        );
        assert_eq!(
            refused(10, 0.0, 0.05),
            "an indifference zone is a positive number, not 0"
        );
        assert!(refused(10, 1.0, 0.75).contains("between 25 % and 100 %"));
        let mut selection = KimNelson::new(2, 2, 1.0, 0.1).unwrap();
        assert_eq!(
            selection.observe(&[1.0]).unwrap_err(),
            SelectionError::Round {
                expected: 2,
                given: 1
            }
        );
        assert!(selection.observe(&[1.0, f64::INFINITY]).is_err());
        assert_eq!(selection.rounds(), 0);
    }
}

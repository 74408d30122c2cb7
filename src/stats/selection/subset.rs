//! Subset selection: which systems may be the best, after the same number of observations of each.
//!
//! System i stays if for every other system l the mean difference `Y_i - Y_l` is at most t S / sqrt(n), where S² is the
//! variance of the n differences and t the 1 - α / (k - 1) quantile of Student's t with n - 1 degrees of freedom. The
//! best fails against one rival with a probability of at most α / (k - 1), so it stays with 1 - α at least, whatever
//! luck the systems share.
//!
//! Sources: Gupta, "On some multiple decision (selection and ranking) rules" (Technometrics 7, 1965); Nelson, Swann,
//! Goldsman and Song, "Simple procedures for selecting the best simulated system when the number of alternatives is
//! large" (Operations Research 49, 2001), whose bound for systems that share luck is the one above.

use super::{SelectionError, check, check_round};
use crate::stats::interval::mean_interval;

/// The systems that may have the smallest mean, in rising order; `rounds` has a value of each system in each round. The
/// one that has it is among them with a probability of 1 - `error` at least.
///
/// # Errors
/// Fewer than two rounds, rounds of unequal size, values that are not finite, and promises that mean nothing.
pub fn subset(rounds: &[Vec<f64>], error: f64) -> Result<Vec<usize>, SelectionError> {
    let systems = rounds.first().map_or(0, Vec::len);
    check(systems, rounds.len(), error)?;
    for round in rounds {
        check_round(systems, round)?;
    }
    // A two-sided interval of this level has the wanted quantile at either end.
    let level = 1.0 - 2.0 * error / (systems.max(2) - 1) as f64;
    let mut differences = vec![0.0; rounds.len()];
    let mut is_worse = |one: usize, other: usize| {
        for (difference, round) in differences.iter_mut().zip(rounds) {
            *difference = round[one] - round[other];
        }
        mean_interval(&differences, level).low() > 0.0
    };
    let may_be_best = |one: &usize| (0..systems).all(|other| !is_worse(*one, other));
    Ok((0..systems).filter(may_be_best).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student_t;

    #[test]
    fn what_is_worse_beyond_its_interval_goes() {
        // Three systems, n = 3. Against the first, the differences of the second are 1, 2, 3: mean 2, S = 1, and
        // t(2, 1 - 0.05 / 2) / sqrt(3) = 4.303 / 1.732 = 2.48, so it stays; those of the third are 5, 6, 7.
        let rounds = [
            vec![10.0, 11.0, 15.0],
            vec![20.0, 22.0, 26.0],
            vec![30.0, 33.0, 37.0],
        ];
        assert_eq!(subset(&rounds, 0.05).unwrap(), [0, 1]);
        // At t(2, 1 - 0.2 / 2) / sqrt(3) = 1.886 / 1.732 = 1.09 the second goes, too.
        assert!((student_t::quantile(0.9, 2.0) / 3f64.sqrt() - 1.089).abs() < 1e-3);
        assert_eq!(subset(&rounds, 0.2).unwrap(), [0]);
    }

    #[test]
    fn equals_stay_together_and_one_stays_alone() {
        let twins = [vec![1.0, 1.0], vec![4.0, 4.0]];
        assert_eq!(subset(&twins, 0.05).unwrap(), [0, 1]);
        assert_eq!(subset(&[vec![1.0], vec![2.0]], 0.05).unwrap(), [0]);
        assert_eq!(subset(&[vec![], vec![]], 0.05).unwrap(), [0; 0]);
    }

    #[test]
    fn what_promises_nothing_is_refused() {
        let refused = |rounds: &[Vec<f64>], error| subset(rounds, error).unwrap_err().to_string();
        let pair = || vec![1.0, 2.0];
        assert_eq!(
            refused(&[pair()], 0.05),
            "a selection begins with 2 rounds or more, not with 1"
        );
        assert_eq!(
            refused(&[pair(), vec![1.0]], 0.05),
            "a round has 2 observations, not 1"
        );
        assert_eq!(
            refused(&[pair(), vec![1.0, f64::NAN]], 0.05),
            "an observation is a finite number, not NaN"
        );
        assert_eq!(
            refused(&[pair(), pair()], 0.5),
            "the best of 2 can be promised with a confidence between 50 % and 100 %, not at 50 %"
        );
    }
}

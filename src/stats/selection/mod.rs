//! Choosing the best of several systems from observations that come in rounds, one of each system a round.
//!
//! Everywhere the best is the one with the *smallest* mean; where more is better, observe the negative. Systems may share
//! their luck within a round (common random numbers): both procedures look at differences alone. They know nothing
//! of time and threads, so the same observations always lead to the same choice.

mod kim_nelson;
mod subset;

pub use kim_nelson::{KimNelson, eta, h_squared};
pub use subset::subset;

/// Why nothing can be selected.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SelectionError {
    /// The spread of differences takes two values.
    #[error("a selection begins with 2 rounds or more, not with {0}")]
    FirstRounds(usize),
    /// Where differences of any size matter, equal systems are never told apart.
    #[error("an indifference zone is a positive number, not {0}")]
    Zone(f64),
    /// A choice at random is right with the probability 1 / k, so less need not be asked for.
    #[error(
        "the best of {systems} can be promised with a confidence between {} % and 100 %, not at {} %",
        percent(1.0 / *systems as f64),
        percent(1.0 - error)
    )]
    Error {
        /// How many systems there are.
        systems: usize,
        /// The probability of a wrong choice that was allowed.
        error: f64,
    },
    /// A round has one observation of each system that is still in.
    #[error("a round has {expected} observations, not {given}")]
    Round {
        /// How many systems are still in.
        expected: usize,
        /// How many observations there were.
        given: usize,
    },
    /// No sum survives it.
    #[error("an observation is a finite number, not {0}")]
    Observation(f64),
}

/// In percent with two decimals at most.
fn percent(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

/// Whether a selection among so many systems can begin with so many rounds and promise to be wrong with a probability of
/// `error` at most.
///
/// # Errors
/// What is wrong with it.
pub fn check(systems: usize, first_rounds: usize, error: f64) -> Result<(), SelectionError> {
    if first_rounds < 2 {
        return Err(SelectionError::FirstRounds(first_rounds));
    }
    check_error(systems, error)
}

/// Whether so small a probability of a wrong choice can be promised for so many systems.
fn check_error(systems: usize, error: f64) -> Result<(), SelectionError> {
    // Of one system no choice is wrong.
    let by_chance = if systems < 2 {
        1.0
    } else {
        1.0 - 1.0 / systems as f64
    };
    if error > 0.0 && error < by_chance {
        Ok(())
    } else {
        Err(SelectionError::Error { systems, error })
    }
}

/// One observation of each of so many systems.
fn check_round(expected: usize, round: &[f64]) -> Result<(), SelectionError> {
    let given = round.len();
    if given != expected {
        return Err(SelectionError::Round { expected, given });
    }
    match round.iter().find(|value| !value.is_finite()) {
        Some(&value) => Err(SelectionError::Observation(value)),
        None => Ok(()),
    }
}

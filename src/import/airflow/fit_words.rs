//! What a fitted law rests on, as a comment of a scenario says it.

use crate::calibrate::{Basis, Fit, Like};

/// What a law rests on: its family, how many values out of how many, which families may be right.
pub(super) fn words(fit: &Fit, of: usize) -> String {
    let chosen = if of > fit.n {
        format!(" of {of}")
    } else {
        String::new()
    };
    let censored = match fit.censored {
        0 => String::new(),
        censored => format!(" and {censored} that went on"),
    };
    let of = format!(
        "n {}{chosen}{censored}, mean {}",
        fit.n,
        seconds(fit.mean())
    );
    match fit.basis {
        Basis::Likelihood => format!("{of}; {}", accepted(fit)),
        Basis::NoSpread => format!("{of}; they never vary"),
        Basis::NothingElse if fit.candidates.is_empty() => {
            format!("{of}; EMPIRICAL, too few for a family")
        }
        Basis::NothingElse => format!("{of}; EMPIRICAL, no family is accepted"),
        Basis::Borrowed(like) => {
            let what = match fit.n {
                0 => "all of it",
                _ => "the spread",
            };
            format!("{of}; BORROWED {what} from {}", whose(like))
        }
    }
}

/// Whose values were borrowed.
pub(super) const fn whose(like: Like) -> &'static str {
    match like {
        Like::DagAndPool => "the tasks of its DAG and pool",
        Like::Pool => "the tasks of its pool",
        Like::Site => "all tasks",
    }
}

/// The families that may be right, the one that was taken first, with the p-values of Anderson and Darling.
fn accepted(fit: &Fit) -> String {
    let accepted = fit.candidates.iter().filter(|one| one.accepted);
    let named = accepted.map(|one| {
        let p = one.goodness.anderson_darling.p;
        format!("{} p {p:.2}", one.family.name())
    });
    format!("accepted: {}", named.collect::<Vec<_>>().join(", "))
}

/// A span as a scenario has it, to the millisecond.
pub(super) fn seconds(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}s")
}

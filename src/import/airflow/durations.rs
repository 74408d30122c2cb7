//! Distributions for a scenario, from samples.

use std::fmt::Write;

/// A distribution as a scenario has it, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The value of a field such as `duration`.
    pub yaml: String,
    /// Where it comes from, for a comment.
    pub words: String,
}

/// Fits a distribution of durations to samples in seconds; `censored` were still running after so long.
pub(super) fn fit(samples: &[f64], censored: &[f64]) -> Option<Fitted> {
    let n = samples.len();
    if n == 0 {
        return None;
    }
    let mean = samples.iter().sum::<f64>() / n as f64;
    let squares = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    let sd = (squares / (n.max(2) - 1) as f64).sqrt();
    let yaml = if mean > 0.0 && sd > 1e-3 * mean {
        format!(
            "{{ lognormal: {{ mean: {}, sd: {} }} }}",
            seconds(mean),
            seconds(sd)
        )
    } else {
        format!("{{ constant: {} }}", seconds(mean))
    };
    let mut words = format!("n {n}, mean {}", seconds(mean));
    if !censored.is_empty() {
        let _ = write!(words, ", {} still running at the end", censored.len());
    }
    Some(Fitted { yaml, words })
}

/// A span as a scenario has it, to the millisecond.
pub(super) fn seconds(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}s")
}

//! How much of the beginning is left out: found by MSER-5 over pilot replications, in whole periods where the load has a
//! rhythm.
//!
//! What is looked at is, for each pool, the slots that are held or waited for: the number in the system, which is the last
//! to settle. The pool that settles last decides. Pilots are the first replications of the experiment itself, measured
//! from the start.

mod pilot;
mod rhythm;
mod settle;

use serde::Serialize;

use super::case::Case;
use super::plan::{PlanError, Progress};
use crate::time::{SimDuration, SimTime};
use rhythm::{Rhythm, rhythm};

/// The replications that the decision rests on.
pub const PILOTS: u64 = 10;

/// A warm-up that was looked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WarmUp {
    /// How much is left out, in seconds.
    pub seconds: f64,
    /// Whether the site settles within the first half of the run; if not, that half is left out all the same.
    pub is_settled: bool,
    /// The pool that settles last.
    pub pool: String,
    /// The mean of its slots held or waited for in what is cut off (none if nothing is), and in the rest; of a site that
    /// does not settle in the third and in the last quarter of the run.
    pub slots_before: Option<f64>,
    /// See [`Self::slots_before`].
    pub slots_after: f64,
    /// After which time the load repeats: `hour`, `day` or `week`.
    pub rhythm: Option<&'static str>,
    /// What is averaged to one value of the rule, in seconds.
    pub batch_seconds: f64,
    /// How many pilot replications it rests on.
    pub replications: u64,
    /// The same as `seconds`.
    #[serde(skip)]
    pub length: SimDuration,
    /// The courses that were looked at, for Welch's plot.
    #[serde(skip)]
    pub courses: Vec<WarmUpCourse>,
}

/// The slots of a pool that are held or waited for over time, in the mean of the pilots.
#[derive(Clone, Debug, PartialEq)]
pub struct WarmUpCourse {
    /// The pool.
    pub pool: String,
    /// Where the course begins.
    pub start: SimTime,
    /// How long each value holds; the last may hold shorter.
    pub width: SimDuration,
    /// The means over the pilots.
    pub values: Vec<f64>,
    /// Welch's moving average; it ends earlier.
    pub smooth: Vec<f64>,
}

/// Looks for the warm-up of cases that are to be measured alike: the longest that one of them needs.
///
/// # Errors
/// A run too short to see anything settle, or a policy that cannot be attached to its pools.
pub fn find_warm_up(
    cases: &[Case<'_>],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<WarmUp, PlanError> {
    let rhythm = cases.iter().filter_map(|&case| rhythm(case)).max();
    let mut longest: Option<WarmUp> = None;
    for courses in pilot::courses(cases, rhythm, progress)? {
        let found = settle::settle(&courses, rhythm).ok_or(PlanError::ShortForWarmUp {
            rhythm: rhythm.map(Rhythm::name),
        })?;
        if longest
            .as_ref()
            .is_none_or(|longest| found.is_later_than(longest))
        {
            longest = Some(WarmUp { courses, ..found });
        }
    }
    longest.ok_or(PlanError::ShortForWarmUp { rhythm: None })
}

impl WarmUp {
    /// Whether it takes longer to settle; what does not settle takes longest.
    fn is_later_than(&self, other: &Self) -> bool {
        let key = |one: &Self| (!one.is_settled, one.length);
        key(self) > key(other)
    }
}

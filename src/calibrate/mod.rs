//! From what a site recorded to what a simulation draws from: fits of durations, delays, failures and factors.
//!
//! Pure numerics and rules. [`site()`] takes a recorded [`History`](crate::trace::History) apart into samples, [`fit()`] finds the
//! law of one sample, [`durations()`] the laws of tasks that lend to each other; everything else says how far either can be trusted. The method is explained in
//! `docs/background/calibration.md`.

mod chosen;
mod counts;
mod durations;
mod empirical;
mod families;
mod fit;
mod goodness;
mod law;
mod like_tasks;
mod proportion;
mod ranks;
mod recorded;
mod redrawn;
mod run_size;
mod samples;
mod site;
mod start_delay;
mod time_effects;
mod tries;

pub use chosen::{Chosen, MOST_CHOSEN};
pub use counts::Counts;
pub use durations::{DurationSamples, FittedDurations, durations};
pub use families::Family;
pub use fit::{Basis, Candidate, Fit, Like, Rules, fit};
pub use goodness::{Goodness, Tested};
pub use law::{Law, Tail};
pub use proportion::Proportion;
pub use run_size::CommonFactor;
pub use samples::Samples;
pub use site::{Calibration, TaskCalibration, site};
pub use start_delay::{Change, Span, StartDelay, Starts, What};
pub use time_effects::{Drift, Rhythm, TimeEffects, time_effects};
pub use tries::{Outcomes, Work};

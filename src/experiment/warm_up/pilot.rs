//! Pilot replications: the slots of each pool that are held or waited for, over time, in the mean of all pilots.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::rhythm::Rhythm;
use super::{PILOTS, WarmUpCourse};
use crate::airflow::DynamicPoolError;
use crate::experiment::case::Case;
use crate::experiment::plan::Progress;
use crate::experiment::replication::summarise;
use crate::stats::mser::moving_average;
use crate::time::SimDuration;
use crate::trace::{PoolSignal, PoolTally};

/// Welch's average is over this part of the run, or over the next whole number of periods.
const PART: f64 = 0.05;

/// What one pilot saw of each pool: how long a bin is, and the mean of each.
type Seen = Vec<(SimDuration, Vec<f64>)>;

/// For each case the courses of its pools in use.
pub(super) fn courses(
    cases: &[Case<'_>],
    rhythm: Option<Rhythm>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Vec<WarmUpCourse>>, DynamicPoolError> {
    let (each, done) = (PILOTS as usize, AtomicUsize::new(0));
    let total = each * cases.len();
    let one = |at: usize| {
        let seen = look(cases[at / each], (at % each) as u64);
        let done = 1 + done.fetch_add(1, Ordering::Relaxed);
        progress(Progress { done, total });
        seen
    };
    let all: Vec<Result<Seen, _>> = (0..total).into_par_iter().map(one).collect();
    // The first error in this order is the same for any number of threads.
    let all: Vec<Seen> = all.into_iter().collect::<Result<_, _>>()?;
    let pilots = all.chunks(each);
    let courses = cases
        .iter()
        .zip(pilots)
        .map(|(case, pilots)| mean_courses(*case, pilots, rhythm));
    Ok(courses.collect())
}

fn look(case: Case<'_>, number: u64) -> Result<Seen, DynamicPoolError> {
    let summary = summarise(&case.replication(number))?;
    let slots = summary.pool_ids().map(|pool| summary.slots_of(pool));
    let seen = slots.map(|slots| {
        let bins = slots.bins();
        (slots.bin_width(), bins.iter().map(in_system).collect())
    });
    Ok(seen.collect())
}

/// Slots that are held or waited for, those of deferred instances included.
fn in_system(bin: &PoolTally) -> f64 {
    let signals = [
        PoolSignal::Running,
        PoolSignal::Queued,
        PoolSignal::Scheduled,
        PoolSignal::Deferred,
    ];
    signals.into_iter().map(|signal| bin.mean(signal)).sum()
}

fn mean_courses(case: Case<'_>, pilots: &[Seen], rhythm: Option<Rhythm>) -> Vec<WarmUpCourse> {
    let pools = case.scenario.deployment.pools.iter().enumerate();
    let courses = pools.map(|(pool, described)| {
        let (width, first) = &pilots[0][pool];
        let mean = |bin: usize| {
            let values = pilots.iter().map(|seen| seen[pool].1[bin]);
            values.sum::<f64>() / pilots.len() as f64
        };
        let values: Vec<f64> = (0..first.len()).map(mean).collect();
        let bins = values.len() as f64;
        let period = rhythm.map_or(0.0, |rhythm| {
            rhythm.length().as_seconds() / width.as_seconds()
        });
        let span = match rhythm {
            // Over whole periods the average shows no rhythm.
            Some(_) => (PART * bins / period).ceil().max(1.0) * period,
            None => PART * bins,
        };
        WarmUpCourse {
            pool: described.name.clone(),
            start: case.scenario.start,
            width: *width,
            smooth: moving_average(&values, span.min(bins / 2.0), period),
            values,
        }
    });
    courses
        .filter(|course| course.values.iter().any(|&slots| slots > 0.0))
        .collect()
}

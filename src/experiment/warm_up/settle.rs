//! From courses to the warm-up: each pool is cut by MSER-5, and the one that settles last decides.

use super::rhythm::Rhythm;
use super::{PILOTS, WarmUp, WarmUpCourse};
use crate::stats::mser::{Truncation, mser};
use crate::time::SimDuration;

/// Observations that are averaged before the rule is applied, where the load has no rhythm.
const OBSERVATIONS: i64 = 5;

/// The warm-up of one case; none if the run is too short to tell.
pub(super) fn settle(courses: &[WarmUpCourse], rhythm: Option<Rhythm>) -> Option<WarmUp> {
    let of_pool = |course: &WarmUpCourse| {
        let batch = rhythm.map_or_else(
            || SimDuration::from_micros(course.width.as_micros() * OBSERVATIONS),
            Rhythm::length,
        );
        let means = batch_means(course, batch);
        let truncation = mser(&means)?;
        Some(decide(course, batch, &means, truncation, rhythm))
    };
    let all = courses.iter().map(of_pool).collect::<Option<Vec<_>>>()?;
    all.into_iter().reduce(|last, next| {
        if next.is_later_than(&last) {
            next
        } else {
            last
        }
    })
}

fn decide(
    course: &WarmUpCourse,
    batch: SimDuration,
    means: &[f64],
    truncation: Truncation,
    rhythm: Option<Rhythm>,
) -> WarmUp {
    let (n, half) = (means.len(), means.len() / 2);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let is_settled = truncation.cut <= half;
    let cut = truncation.cut.min(half);
    let (before, after) = if is_settled {
        ((cut > 0).then(|| mean(&means[..cut])), truncation.mean)
    } else {
        let last_quarter = n - n / 4;
        (
            Some(mean(&means[half..last_quarter])),
            mean(&means[last_quarter..]),
        )
    };
    let length = SimDuration::from_micros(batch.as_micros() * cut as i64);
    WarmUp {
        seconds: length.as_seconds(),
        is_settled,
        pool: course.pool.clone(),
        slots_before: before,
        slots_after: after,
        rhythm: rhythm.map(Rhythm::name),
        batch_seconds: batch.as_seconds(),
        replications: PILOTS,
        length,
        courses: Vec::new(),
    }
}

/// The means over whole batches; what is left at the end is not used.
fn batch_means(course: &WarmUpCourse, batch: SimDuration) -> Vec<f64> {
    let (width, batch) = (course.width.as_micros(), batch.as_micros());
    let end = width * course.values.len() as i64;
    let of_batch = |at: i64| {
        let (from, to) = (at * batch, (at + 1) * batch);
        let bins = from / width..(to - 1) / width + 1;
        let parts = bins.map(|bin| {
            let overlap = to.min((bin + 1) * width) - from.max(bin * width);
            course.values[bin as usize] * overlap as f64
        });
        parts.sum::<f64>() / batch as f64
    };
    (0..end / batch).map(of_batch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimTime;

    fn course_of(values: Vec<f64>) -> WarmUpCourse {
        WarmUpCourse {
            pool: "warehouse".into(),
            start: SimTime::default(),
            width: SimDuration::from_seconds(600),
            smooth: Vec::new(),
            values,
        }
    }

    #[test]
    fn batches_may_end_within_a_bin() {
        let course = course_of(vec![1.0, 2.0, 3.0, 4.0, 5.0]);
        let means = batch_means(&course, SimDuration::from_seconds(900));
        // 10 and 5 minutes of 1 and 2; 5 and 10 minutes of 2 and 3; 10 and 5 minutes of 4 and 5.
        assert_eq!(means, [4.0 / 3.0, 8.0 / 3.0, 13.0 / 3.0]);
    }

    #[test]
    fn the_pool_that_settles_last_decides() {
        let step = |at: usize| {
            let values = (0..200)
                .map(|bin| f64::from(u8::from(bin >= at)) * 10.0 + f64::from(bin as u8 % 5));
            course_of(values.collect())
        };
        let (quick, slow) = (
            step(20),
            WarmUpCourse {
                pool: "slow".into(),
                ..step(50)
            },
        );
        let found = settle(&[quick.clone(), slow.clone(), quick], None).unwrap();
        assert_eq!(
            (found.is_settled, found.pool.as_str(), found.length),
            (true, "slow", SimDuration::from_seconds(30_000))
        );
        assert_eq!((found.slots_before, found.slots_after), (Some(2.0), 12.0));
        // In whole days of 144 bins nothing can be told from one and a half days.
        assert_eq!(settle(&[slow], Some(Rhythm::Day)), None);
    }

    #[test]
    fn a_queue_that_grows_is_not_settled() {
        let growing = course_of((0..400).map(f64::from).collect());
        let found = settle(&[growing], None).unwrap();
        assert!(!found.is_settled);
        let half_of_eighty_batches = SimDuration::from_seconds(40 * 3_000);
        assert_eq!(found.length, half_of_eighty_batches);
        assert!(found.slots_before < Some(found.slots_after));
    }
}

//! How the warm-up was found: in words, and as the series behind Welch's plot.

use super::csv::lines;
use super::duration_text;
use crate::experiment::{WarmUp, WarmUpCourse};
use crate::time::SimDuration;

/// The decision and its reason.
pub(super) fn warm_up_text(warm_up: &WarmUp) -> String {
    let WarmUp {
        pool,
        replications,
        slots_after,
        ..
    } = warm_up;
    let span = duration_text(warm_up.seconds);
    let batches = match warm_up.rhythm {
        Some(rhythm) => format!("in whole {rhythm}s, because the load repeats every {rhythm}"),
        None => format!("in batches of {}", duration_text(warm_up.batch_seconds)),
    };
    match warm_up.slots_before {
        Some(before) if !warm_up.is_settled => format!(
            "NOT settled: MSER-5 over {replications} replications, {batches}, would cut more than half of the run. \
             {span}, half of it, is left out; the slots held or waited for in `{pool}` still drift \
             ({before:.1} in the third quarter of the run, {slots_after:.1} in the last)."
        ),
        Some(before) => format!(
            "Warm-up of {span} found by MSER-5 over {replications} replications, {batches}: \
             `{pool}` settles last, with {before:.1} slots held or waited for before and {slots_after:.1} after."
        ),
        None => format!(
            "No warm-up needed: MSER-5 over {replications} replications, {batches}, \
             finds every pool settled from the start."
        ),
    }
}

/// `warm_up.csv`: the slots that are held or waited for in each pool, in the mean of the pilots, with Welch's moving
/// average.
pub fn warm_up_csv(warm_up: &WarmUp) -> Vec<u8> {
    let header = ["time", "pool", "mean", "moving_average"].map(String::from);
    let rows = warm_up.courses.iter().flat_map(|course| {
        course.values.iter().enumerate().map(move |(at, value)| {
            let smooth = course.smooth.get(at);
            [
                moment(course, at).to_string(),
                course.pool.clone(),
                value.to_string(),
                smooth.map_or_else(String::new, f64::to_string),
            ]
        })
    });
    lines(std::iter::once(header).chain(rows))
}

/// Where a value of a course begins.
pub(super) fn moment(course: &WarmUpCourse, at: usize) -> crate::time::SimTime {
    course.start + SimDuration::from_micros(course.width.as_micros() * at as i64)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::time::SimTime;

    /// A pool that fills for an hour and then stays full.
    pub(in crate::report) fn filling() -> WarmUp {
        let value = |at: usize| (at as f64 / 10.0).min(6.0);
        let values: Vec<f64> = (0..360).map(value).collect();
        WarmUp {
            seconds: 3_600.0,
            is_settled: true,
            pool: "warehouse".into(),
            slots_before: Some(2.96),
            slots_after: 6.0,
            rhythm: None,
            batch_seconds: 300.0,
            replications: 10,
            length: SimDuration::from_seconds(3_600),
            courses: vec![WarmUpCourse {
                pool: "warehouse".into(),
                start: SimTime::default(),
                width: SimDuration::from_seconds(60),
                smooth: values[..350].to_vec(),
                values,
            }],
        }
    }

    #[test]
    fn the_decision_is_told_with_its_reason() {
        let mut warm_up = filling();
        assert_eq!(
            warm_up_text(&warm_up),
            "Warm-up of 1h found by MSER-5 over 10 replications, in batches of 5m: \
             `warehouse` settles last, with 3.0 slots held or waited for before and 6.0 after."
        );
        warm_up.rhythm = Some("day");
        warm_up.is_settled = false;
        let text = warm_up_text(&warm_up);
        assert!(text.starts_with("NOT settled: "), "{text}");
        assert!(
            text.contains("in whole days, because the load repeats every day"),
            "{text}"
        );
        warm_up.slots_before = None;
        assert!(warm_up_text(&warm_up).starts_with("No warm-up needed"));
    }

    #[test]
    fn the_average_ends_before_the_course() {
        let text = String::from_utf8(warm_up_csv(&filling())).unwrap();
        assert_eq!(text.lines().count(), 361);
        assert_eq!(
            text.lines().nth(2),
            Some("1970-01-01T00:01:00.000000Z,warehouse,0.1,0.1")
        );
        assert!(text.lines().last().unwrap().ends_with(",6,"));
    }
}

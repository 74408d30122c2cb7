//! A calibration as people read it: the worst fits first, how far each is from what was recorded, and a line a task.

mod rows;
mod sentences;

pub(super) use rows::LEVEL;
pub use rows::calibration_csv;
pub(super) use sentences::{p_text, sentences};

use std::cmp::Ordering;

use crate::calibrate::{Basis, Calibration, Candidate, Fit, TaskCalibration};

/// More points of a quantile plot than these lie on each other.
const MOST_POINTS: usize = 200;

/// The tasks, those first whose durations go worst with what is drawn for them: by p, then by A²; then what no test was made of.
pub(super) fn worst_first(calibration: &Calibration) -> Vec<&TaskCalibration> {
    let mut tasks: Vec<&TaskCalibration> = calibration.tasks.iter().collect();
    tasks.sort_by(|a, b| match (tested(a), tested(b)) {
        (Some(a), Some(b)) => {
            let (a, b) = (a.goodness.anderson_darling, b.goodness.anderson_darling);
            let farther_first = b.statistic.total_cmp(&a.statistic);
            a.p.total_cmp(&b.p).then(farther_first)
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    tasks
}

/// The family that was taken or, where none is accepted, the one that comes nearest; none where no test decides.
pub(super) fn tested(task: &TaskCalibration) -> Option<&Candidate> {
    let fit = task.duration.as_ref()?;
    let p = |candidate: &Candidate| candidate.goodness.anderson_darling;
    match fit.basis {
        Basis::Likelihood => fit.candidates.iter().find(|candidate| candidate.accepted),
        Basis::NothingElse => fit.candidates.iter().max_by(|a, b| {
            let (a, b) = (p(a), p(b));
            a.p.total_cmp(&b.p)
                .then(b.statistic.total_cmp(&a.statistic))
        }),
        Basis::NoSpread | Basis::Borrowed(_) => None,
    }
}

/// Mean and standard deviation of what is drawn, in seconds.
pub(super) fn moments(fit: &Fit) -> Option<(f64, f64)> {
    let distribution = fit.law.distribution().ok()?;
    Some((distribution.mean(), distribution.variance().sqrt()))
}

/// The families that may be those of the values, best first.
pub(super) fn accepted(fit: &Fit) -> impl Iterator<Item = &'static str> {
    let candidates = fit.candidates.iter();
    let accepted = candidates.filter(|candidate| candidate.accepted);
    accepted.map(|candidate| candidate.family.name())
}

/// Quantiles of the law and the recorded durations that stand there, in rising order, both in seconds.
///
/// The i-th of n durations that ended, with c that went on, stands at (i - 1/2) / (n + c): Hazen's position, as if those that
/// went on were the longest. Source: Chambers, Cleveland, Kleiner and Tukey, "Graphical Methods for Data Analysis" (1983),
/// chapter 6.
pub(super) fn quantile_points(task: &TaskCalibration) -> Vec<(f64, f64)> {
    let law = task
        .duration
        .as_ref()
        .and_then(|fit| Some((fit, fit.law.distribution().ok()?)));
    let Some((fit, distribution)) = law else {
        return Vec::new();
    };
    let n = task.values.len();
    let of = (n + fit.censored) as f64;
    let shown = n.min(MOST_POINTS);
    let points = (0..shown).map(|point| {
        // The first and the last value are always among them.
        let at = if shown == n {
            point
        } else {
            point * (n - 1) / (shown - 1)
        };
        let position = (at as f64 + 0.5) / of;
        (distribution.quantile(position), task.values[at])
    });
    points.collect()
}

/// What a task is called: its DAG and itself.
pub(super) fn name(task: &TaskCalibration) -> String {
    format!("{}.{}", task.dag_id, task.task_id)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::calibrate::{Rules, site};
    use crate::deployment::{DagRunState, TaskInstanceState};
    use crate::random::{Distribution, Purpose, StreamKey};
    use crate::time::{SimDuration, SimTime};
    use crate::trace::{History, RecordedRun, RecordedTry};

    /// Hourly runs of three tasks: durations of two kinds, of which no family knows; exponential ones; and one that is new.
    pub(in crate::report) fn calibration() -> Calibration {
        let exponential = Distribution::exponential(100.0).unwrap();
        let mut stream = StreamKey::root(3, 0).stream(Purpose::Duration);
        let seconds = |run: i64, drawn: f64| {
            [
                (
                    "two kinds",
                    if run % 2 == 0 { 10.0 } else { 500.0 } + drawn / 1_000.0,
                ),
                ("plain", drawn),
                ("new", 50.0 + drawn / 10.0),
            ]
        };
        let (mut runs, mut tries) = (Vec::new(), Vec::new());
        for run in 0..120_i64 {
            let due = SimTime::from_micros(run * 3_600_000_000);
            runs.push(RecordedRun {
                dag_id: "etl".into(),
                run_id: run.to_string(),
                run_type: "scheduled".into(),
                logical_date: Some(due),
                run_after: due,
                queued_at: Some(due),
                started_at: Some(due),
                ended_at: None,
                state: DagRunState::Success,
            });
            let drawn = exponential.sample(&mut stream);
            for (task_id, seconds) in seconds(run, drawn) {
                if task_id == "new" && run > 5 {
                    continue;
                }
                let lasted = SimDuration::from_micros((seconds * 1e6) as i64);
                tries.push(RecordedTry {
                    run: run as usize,
                    task_id: task_id.into(),
                    map_index: -1,
                    try_number: 1,
                    scheduled_at: Some(due),
                    queued_at: Some(due),
                    started_at: Some(due),
                    ended_at: Some(due + lasted),
                    state: TaskInstanceState::Success,
                    is_earlier: false,
                    pool: "default_pool".into(),
                    pool_slots: 1,
                    priority_weight: 1,
                });
            }
        }
        let history = History {
            runs,
            tries,
            pokes: Vec::new(),
        };
        site(&history, &Rules::default())
    }

    #[test]
    fn what_no_family_knows_comes_first_and_what_no_test_was_made_of_last() {
        let calibration = calibration();
        let tasks = worst_first(&calibration);
        let names: Vec<&str> = tasks.iter().map(|task| task.task_id.as_str()).collect();
        assert_eq!(names, ["two kinds", "plain", "new"]);
        let basis = |at: usize| tasks[at].duration.as_ref().unwrap().basis;
        let all = [basis(0), basis(1), basis(2)];
        assert!(
            matches!(
                all,
                [Basis::NothingElse, Basis::Likelihood, Basis::Borrowed(_)]
            ),
            "{all:?}"
        );
        assert!(tested(tasks[0]).is_some_and(|nearest| !nearest.accepted));
        assert!(tested(tasks[1]).is_some_and(|taken| taken.accepted));
    }

    #[test]
    fn points_of_a_quantile_plot_rise_to_the_longest_and_lie_near_the_line() {
        let calibration = calibration();
        let plain = worst_first(&calibration)[1];
        let points = quantile_points(plain);
        assert_eq!(points.len(), 120);
        assert!(points.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1));
        let longest = plain.values.last().unwrap();
        assert!((points[119].1 - longest).abs() < 1e-12);
        let (law, recorded) = points[60];
        assert!((law / recorded - 1.0).abs() < 0.25, "{law} {recorded}");
        let mut many = plain.clone();
        many.values = (0..1_000).map(f64::from).collect();
        let points = quantile_points(&many);
        assert_eq!((points[0].1, points[MOST_POINTS - 1].1), (0.0, 999.0));
    }
}

//! One task a line.

use super::{accepted, moments, tested, worst_first};
use crate::calibrate::{Basis, Calibration, Fit, TaskCalibration};
use crate::report::csv::{lines, number};

const COLUMNS: [&str; 26] = [
    "dag_id",
    "task_id",
    "pool",
    "n",
    "censored",
    "family",
    "law",
    "mean_seconds",
    "sd_seconds",
    "anderson_darling",
    "anderson_darling_p",
    "kolmogorov_smirnov",
    "kolmogorov_smirnov_p",
    "accepted",
    "borrowed",
    "failed",
    "ended",
    "failure_rate",
    "failure_rate_low",
    "failure_rate_high",
    "drift",
    "drift_p",
    "hours_p",
    "weekdays_p",
    "run_size_p",
    "impossible",
];

/// The confidence of the interval of a failure rate.
pub(in crate::report) const LEVEL: f64 = 0.95;

/// `calibration.csv`: what is drawn for each task and how far it can be trusted, the worst fits first.
pub fn calibration_csv(calibration: &Calibration) -> Vec<u8> {
    let rows = worst_first(calibration);
    let rows = rows.into_iter().map(|task| row(calibration, task));
    lines(std::iter::once(COLUMNS.map(String::from)).chain(rows))
}

fn row(calibration: &Calibration, task: &TaskCalibration) -> [String; 26] {
    let fit = task.duration.as_ref();
    let of_fit = |figure: &dyn Fn(&Fit) -> String| fit.map_or_else(String::new, figure);
    let optional = |value: Option<f64>| value.map_or_else(String::new, number);
    let moments = fit.and_then(moments);
    let goodness = tested(task).map(|candidate| candidate.goodness);
    let darling = goodness.map(|goodness| goodness.anderson_darling);
    let smirnov = goodness.map(|goodness| goodness.kolmogorov_smirnov);
    let failures = task.outcomes.failures();
    let (low, high) = failures.interval(LEVEL);
    let effects = &task.effects;
    let mut run_sizes = calibration.run_sizes.iter();
    let run_size = run_sizes.find(|(dag_id, _)| *dag_id == task.dag_id);
    [
        task.dag_id.clone(),
        task.task_id.clone(),
        task.pool.clone(),
        of_fit(&|fit| fit.n.to_string()),
        of_fit(&|fit| fit.censored.to_string()),
        of_fit(&|fit| fit.law.family().to_owned()),
        of_fit(&|fit| fit.law.to_string()),
        optional(moments.map(|(mean, _)| mean)),
        optional(moments.map(|(_, sd)| sd)),
        optional(darling.map(|tested| tested.statistic)),
        optional(darling.map(|tested| tested.p)),
        optional(smirnov.map(|tested| tested.statistic)),
        optional(smirnov.map(|tested| tested.p)),
        of_fit(&|fit| accepted(fit).collect::<Vec<_>>().join(" ")),
        of_fit(&|fit| matches!(fit.basis, Basis::Borrowed(_)).to_string()),
        failures.count.to_string(),
        failures.of.to_string(),
        number(failures.share()),
        number(low),
        number(high),
        optional(effects.drift.map(|drift| drift.second_half_to_first)),
        optional(effects.drift.map(|drift| drift.p)),
        optional(effects.hours.as_ref().map(|hours| hours.p)),
        optional(effects.weekdays.as_ref().map(|days| days.p)),
        optional(run_size.map(|(_, factor)| factor.p)),
        task.impossible.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::calibration::tests::calibration;

    #[test]
    fn every_task_is_a_line_and_what_is_not_known_is_empty() {
        let text = String::from_utf8(calibration_csv(&calibration())).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert_eq!(lines[0], COLUMNS.join(","));
        assert!(lines[1].starts_with("etl,two kinds,default_pool,120,0,empirical,"));
        assert!(lines[2].starts_with("etl,plain,default_pool,120,0,exponential,"));
        assert!(lines[3].starts_with("etl,new,default_pool,6,0,"));
        let ends = [",,false,0,120,0,0,", ",,,,,true,0,6,0,0,"];
        assert!(
            lines[1].contains(ends[0]) && lines[3].contains(",true,0,6,0,0,"),
            "{text}"
        );
    }
}

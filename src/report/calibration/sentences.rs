//! What a calibration says, in plain words.

use super::rows::LEVEL;
use super::{name, tested, worst_first};
use crate::calibrate::{Basis, Calibration, Rhythm, TaskCalibration};
use crate::report::headline::percent;

/// What the laws rest on first, then the worst of them, then what a law that stays the same cannot say.
pub(in crate::report) fn sentences(calibration: &Calibration) -> Vec<String> {
    if calibration.tasks.is_empty() {
        return vec!["No task was recorded that an executor had.".to_owned()];
    }
    let mut told = vec![bases(calibration)];
    told.extend(worst(calibration));
    told.extend(drift(calibration));
    told.extend(rhythms(calibration));
    told.extend(run_sizes(calibration));
    told.extend(failures(calibration));
    told
}

fn bases(calibration: &Calibration) -> String {
    let tasks = &calibration.tasks;
    let bases: Vec<Option<Basis>> = tasks
        .iter()
        .map(|task| task.duration.as_ref().map(|fit| fit.basis))
        .collect();
    let count =
        |is_so: &dyn Fn(Option<Basis>) -> bool| bases.iter().filter(|&&basis| is_so(basis)).count();
    let few = format!(
        "have fewer than {} values and borrow the spread of like tasks",
        calibration.rules.few
    );
    let parts = [
        (
            count(&|basis| basis == Some(Basis::Likelihood)),
            "have durations of a family that is accepted",
        ),
        (
            count(&|basis| basis == Some(Basis::NothingElse)),
            "have durations that no family goes with and keep the recorded ones",
        ),
        (count(&|basis| basis == Some(Basis::NoSpread)), "never vary"),
        (
            count(&|basis| matches!(basis, Some(Basis::Borrowed(_)))),
            few.as_str(),
        ),
        (
            count(&|basis| basis.is_none()),
            "never succeeded, and no duration of them is known",
        ),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let tasks = tasks.len();
    format!("Of {tasks} tasks that executors had, {}.", parts.join("; "))
}

fn worst(calibration: &Calibration) -> Option<String> {
    let task = *worst_first(calibration).first()?;
    let nearest = tested(task)?;
    let family = nearest.family.name();
    let p = p_text(nearest.goodness.anderson_darling.p);
    let name = name(task);
    Some(if nearest.accepted {
        format!("The worst fit is that of `{name}`: `{family}` is accepted with p {p}.")
    } else {
        format!(
            "The worst fit is that of `{name}`: even `{family}`, the nearest family, is turned down with p {p}."
        )
    })
}

fn drift(calibration: &Calibration) -> Option<String> {
    let drifts = calibration.tasks.iter();
    let drifts = drifts.filter_map(|task| Some((task, task.effects.drift?)));
    let drifts: Vec<_> = drifts.collect();
    let size = |ratio: f64| libm::log(ratio).abs();
    let (task, most) = drifts
        .iter()
        .max_by(|a, b| size(a.1.second_half_to_first).total_cmp(&size(b.1.second_half_to_first)))?;
    Some(format!(
        "The durations of {} drift over the window, most those of `{}`, whose second half takes {:.2} times the first; what is \
         drawn lies between.",
        tasks(drifts.len()),
        name(task),
        most.second_half_to_first
    ))
}

fn rhythms(calibration: &Calibration) -> impl Iterator<Item = String> {
    let of = |rhythm: fn(&TaskCalibration) -> Option<&Rhythm>, words: &str| {
        let found = calibration.tasks.iter();
        let found: Vec<_> = found
            .filter_map(|task| Some((task, rhythm(task)?)))
            .collect();
        let &(task, _) = found.iter().min_by(|a, b| a.1.p.total_cmp(&b.1.p))?;
        let count = tasks(found.len());
        let name = name(task);
        Some(format!(
            "The durations of {count} go with the {words} (UTC), most surely those of `{name}`; what is drawn does not."
        ))
    };
    let hours = of(|task| task.effects.hours.as_ref(), "hour of the day");
    let days = of(|task| task.effects.weekdays.as_ref(), "day of the week");
    hours.into_iter().chain(days)
}

fn run_sizes(calibration: &Calibration) -> Option<String> {
    let found = &calibration.run_sizes;
    let names: Vec<String> = found
        .iter()
        .map(|(dag_id, _)| format!("`{dag_id}`"))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "The durations of a run rise and fall together in {}; their common factor is fitted apart (`run_size`).",
            names.join(", ")
        )
    })
}

/// The task that surely fails most: by the lower end of its interval.
fn failures(calibration: &Calibration) -> Option<String> {
    let low = |task: &TaskCalibration| task.outcomes.failures().interval(LEVEL).0;
    let tasks = calibration
        .tasks
        .iter()
        .filter(|task| task.outcomes.failed > 0);
    let most = tasks.max_by(|a, b| low(a).total_cmp(&low(b)))?;
    let failures = most.outcomes.failures();
    let (low, high) = failures.interval(LEVEL);
    Some(format!(
        "`{}` fails most: {} of {} tries, so between {} and {} of them ({} % interval).",
        name(most),
        failures.count,
        failures.of,
        percent(low),
        percent(high),
        LEVEL * 100.0
    ))
}

fn tasks(count: usize) -> String {
    match count {
        1 => "1 task".into(),
        count => format!("{count} tasks"),
    }
}

/// A p-value as people read it.
pub(in crate::report) fn p_text(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".into()
    } else {
        format!("{p:.3}")
    }
}

//! What a replay says, in plain words.

use super::{ReplayReport, share_text};
use crate::experiment::Agreement;
use crate::report::duration_text;

/// The verdict first, then whose fault it seems, then what is missing.
pub(super) fn sentences(report: &ReplayReport) -> Vec<String> {
    let site = report.site();
    let Some(exact) = site.share_exact() else {
        let mut told = vec!["Nothing was recorded that could be compared.".to_owned()];
        told.extend(set_aside(report));
        return told;
    };
    let within = site.share_within_loop().unwrap_or_default();
    let mut told = vec![format!(
        "Of {} recorded tries the replay queues and starts {} at the very moment that was recorded, to the microsecond \
         ({}), and {} within a loop of {} ({}).",
        site.tries,
        site.exact,
        share_text(exact),
        site.within_loop,
        duration_text(report.loop_seconds),
        share_text(within),
    )];
    told.extend(tolerance(report, within));
    told.extend(worst_pool(report));
    if let Some(first) = report.differing.first() {
        told.push(format!(
            "The first to differ is {} in `{}`: {}. What comes after it may differ because of it.",
            first.name(),
            first.pool,
            match (&first.recorded[1], &first.simulated[1]) {
                (Some(recorded), Some(simulated)) if recorded == simulated =>
                    format!("queued at {recorded} as recorded, but started at another moment"),
                (Some(recorded), Some(simulated)) =>
                    format!("queued at {simulated} instead of {recorded}"),
                (Some(recorded), None) => format!("recorded at {recorded}, never simulated"),
                _ => "simulated, never recorded".into(),
            }
        ));
    }
    told.extend(runs(report));
    if report.unfinished > 0 {
        told.push(format!(
            "{} of the tries had not ended when the history ends; they are compared as far as they came.",
            report.unfinished
        ));
    }
    told.extend(set_aside(report));
    told
}

fn tolerance(report: &ReplayReport, within: f64) -> Option<String> {
    let wanted = share_text(report.tolerance?);
    let within = share_text(within);
    Some(if report.is_met == Some(true) {
        format!("At least {wanted} within a loop were wanted, and {within} are.")
    } else {
        format!(
            "At least {wanted} within a loop were wanted, and only {within} are: the scenario does not behave as the site did."
        )
    })
}

/// The pool whose waits are farthest from the recorded ones, all tries together.
fn worst_pool(report: &ReplayReport) -> Option<String> {
    let off = |one: &Agreement| one.tries + one.not_recorded - one.within_loop;
    let error = |one: &Agreement| one.mean_absolute_error.unwrap_or(0.0) * one.tries as f64;
    let pools = report.agreements.iter().filter(|one| one.kind == "pool");
    let worst = pools
        .filter(|one| off(one) > 0)
        .max_by(|a, b| error(a).total_cmp(&error(b)).then(off(a).cmp(&off(b))))?;
    let cause = worst.causes.first().map_or_else(String::new, |bound| {
        format!(", most of it for `{}`", bound.cause)
    });
    let waits = match (&worst.recorded, &worst.simulated) {
        (Some(recorded), Some(simulated)) => format!(
            "its tries wait {} in the mean{cause}, where {} was recorded; ",
            duration_text(simulated.mean),
            duration_text(recorded.mean)
        ),
        _ => String::new(),
    };
    Some(format!(
        "Pool `{}` differs most: {waits}{} of {} are off by more than a loop.",
        worst.name,
        off(worst),
        worst.tries + worst.not_recorded,
    ))
}

fn runs(report: &ReplayReport) -> Option<String> {
    let runs = &report.runs;
    if runs.ended == 0 {
        return None;
    }
    let mut told = vec![format!(
        "{} of {} runs begin and end at the recorded moments.",
        runs.exact, runs.ended
    )];
    if runs.not_simulated > 0 {
        told.push(format!(
            "{} recorded runs are not simulated.",
            runs.not_simulated
        ));
    }
    if runs.not_recorded > 0 {
        told.push(format!(
            "{} simulated runs were not recorded.",
            runs.not_recorded
        ));
    }
    Some(told.join(" "))
}

fn set_aside(report: &ReplayReport) -> impl Iterator<Item = String> {
    report.set_aside.iter().map(|aside| {
        let first = aside.named.first().cloned().unwrap_or_default();
        format!(
            "Not compared: {} tries {}, such as {first}.",
            aside.tries, aside.reason
        )
    })
}

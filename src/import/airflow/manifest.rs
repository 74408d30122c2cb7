//! What an import says of itself: what was read, what was not used, and what had to be assumed.

use serde_json::{Value, json};

use super::figures::{Figures, TaskFigures};
use super::fit_words::whose;
use super::schema::Version;
use super::{Imported, Selection};
use crate::calibrate::{Basis, Rhythm, TimeEffects};
use crate::time::SimTime;

/// What cannot be read off a database, whichever it is.
const ASSUMED: [&str; 4] = [
    "options of airflow.cfg are Airflow's defaults",
    "workers are without bound: executor `tracked`",
    "queues and executors of tasks are left out",
    "structure and limits are those of the newest version of each DAG, also for older runs",
];

/// The text of `import.json`.
pub(super) fn text(imported: &Imported, selection: &Selection, figures: &Figures) -> String {
    let moment = |at: Option<SimTime>| at.map(|at| at.to_string());
    let seen = &imported.seen;
    let runs: usize = seen.dags.values().map(|dag| dag.arrivals.len()).sum();
    let exclusions = imported.exclusions.iter().map(|(exclusion, found)| {
        json!({
            "what": exclusion.words(),
            "count": found.count,
            "examples": found.examples,
        })
    });
    let manifest = json!({
        "slotwise": env!("CARGO_PKG_VERSION"),
        "airflow": match imported.version {
            Version::Two => "2",
            Version::Three => "3",
        },
        "migration": imported.migration,
        "selection": {
            "since": moment(selection.since),
            "until": moment(selection.until),
            "dags": if selection.anonymize { &[] } else { selection.dags.as_slice() },
            "anonymized": selection.anonymize,
        },
        "first_due": moment(seen.first_due),
        "end": seen.end.to_string(),
        "counts": {
            "pools": imported.site.pools.len(),
            "dags": imported.site.dags.len(),
            "tasks": imported.site.dags.values().map(|dag| dag.tasks.len()).sum::<usize>(),
            "runs": runs,
            "tries": seen.tries,
            "tries_with_times": seen.starts.tries(),
            "running_at_the_end": count(imported, |task| task.running.len()),
            "pokes": count(imported, |task| {
                task.sensings.values().map(|sensing| sensing.pokes as usize).sum()
            }),
            "start_delays_left_out": figures.start_delay.left_out,
        },
        "borrowed": borrowed(figures),
        "time_effects": time_effects(figures),
        "assumed": ASSUMED,
        "excluded": exclusions.collect::<Vec<_>>(),
    });
    // A value without maps of other keys than text can be written.
    serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n"
}

fn count(imported: &Imported, of: impl Fn(&super::TaskSeen) -> usize) -> usize {
    let tasks = imported
        .seen
        .dags
        .values()
        .flat_map(|dag| dag.tasks.values());
    tasks.map(of).sum()
}

fn tasks(figures: &Figures) -> impl Iterator<Item = (&String, &String, &TaskFigures)> {
    figures.dags.iter().flat_map(|(dag, figures)| {
        let tasks = figures.tasks.iter();
        tasks.map(move |(task, figures)| (dag, task, figures))
    })
}

/// Tasks whose durations change with time, which their laws do not.
fn time_effects(figures: &Figures) -> Vec<Value> {
    let rhythm = |rhythm: &Option<Rhythm>, unit: &str| {
        let rhythm = rhythm.as_ref()?;
        let groups = rhythm.groups.iter().map(
            |&(number, tries, share)| json!({unit: number, "tries": tries, "share_of_mean": share}),
        );
        Some(json!({"p": rhythm.p, "groups": groups.collect::<Vec<_>>()}))
    };
    let changing = tasks(figures).filter(|(.., task)| task.effects != TimeEffects::default());
    let told = changing.map(|(dag, task, figures)| {
        let effects = &figures.effects;
        json!({
            "dag": dag,
            "task": task,
            "drift": effects.drift.map(|drift| {
                json!({"p": drift.p, "second_half_to_first": drift.second_half_to_first})
            }),
            "hours_utc": rhythm(&effects.hours, "hour"),
            "weekdays_utc": rhythm(&effects.weekdays, "weekday"),
        })
    });
    told.collect()
}

/// Tasks whose durations are borrowed.
fn borrowed(figures: &Figures) -> Vec<Value> {
    let borrowed = tasks(figures).filter_map(|(dag, task, figures)| {
        let fit = figures.duration.as_ref()?;
        let Basis::Borrowed(like) = fit.basis else {
            return None;
        };
        Some(json!({"dag": dag, "task": task, "own": fit.n, "from": whose(like)}))
    });
    borrowed.collect()
}

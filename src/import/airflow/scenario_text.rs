//! A site as the text of a scenario that a person can read and change.

use std::fmt::Write;

use super::arrivals::Arrivals;
use super::dag_text::{self, whole};
use super::figures::Figures;
use super::fit_words::words;
use super::observations::{DagSeen, Observations};
use super::pace::Pace;
use super::schema::Version;
use super::site::Site;
use crate::deployment::{DEFAULT_POOL, Pool};
use crate::import::pools;
use crate::import::yaml_text::{scalar, span};
use crate::time::{SimDuration, SimTime};

/// A scenario, and the files of arrivals beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioText {
    /// The scenario.
    pub text: String,
    /// Names of files relative to it, with their texts.
    pub files: Vec<(String, String)>,
}

/// The whole scenario.
pub(super) fn write(
    version: Version,
    site: &Site,
    seen: &Observations,
    figures: &Figures,
) -> ScenarioText {
    let mut text = String::new();
    let mut files = Vec::new();
    let mut events = Vec::new();
    // Writing to a `String` cannot fail.
    let _ = head(&mut text, version, site, seen, figures);
    text.push('\n');
    text += &pools::section(&known_pools(site));
    text += "\ndags:\n";
    let unseen = DagSeen::default();
    for (number, (name, dag)) in site.dags.iter().enumerate() {
        let seen = seen.dags.get(name).unwrap_or(&unseen);
        let file = format!("arrivals/{number}_{}.csv", file_name(name));
        let arrivals = Arrivals::of(version, site, dag, seen, &file);
        events.extend(arrivals.triggered.iter().map(|at| (*at, name)));
        if !arrivals.recorded.is_empty() {
            let mut moments = "arrival\n".to_owned();
            for at in &arrivals.recorded {
                let _ = writeln!(moments, "{at}");
            }
            files.push((file, moments));
        }
        let _ = dag_text::lines(&mut text, name, dag, seen, &figures.dags[name], &arrivals);
    }
    if !events.is_empty() {
        events.sort_unstable();
        text += "\n# Runs that were triggered beside the timetables.\nevents:\n";
        for (at, dag) in events {
            let _ = writeln!(
                text,
                "  - {{ at: {at}, trigger: {{ dag: {} }} }}",
                scalar(dag)
            );
        }
    }
    ScenarioText { text, files }
}

fn head(
    text: &mut String,
    version: Version,
    site: &Site,
    seen: &Observations,
    figures: &Figures,
) -> std::fmt::Result {
    const HOUR: i64 = 3_600_000_000;
    let first = seen.first_due.unwrap_or(seen.end);
    let start = SimTime::from_micros(first.as_micros().div_euclid(HOUR) * HOUR);
    let runs: usize = seen.dags.values().map(|dag| dag.arrivals.len()).sum();
    let generation = match version {
        Version::Two => "2",
        Version::Three => "3",
    };
    writeln!(
        text,
        "# Imported from the metadata database of a site of Airflow {generation}: {} DAGs, {runs} runs, {} tries.\n\
         # Comments say what a figure rests on: n is how many values, p how well a family goes with them (Anderson and Darling).\n\
         # `import.json` says what was not used.\n\
         # Options of `airflow.cfg` and the number of workers are not in a database: see `airflow` and `executor`.",
        site.dags.len(),
        seen.tries,
    )?;
    writeln!(text, "name: imported")?;
    writeln!(text, "start: {}", whole(start))?;
    let horizon = (seen.end - start).as_micros().max(HOUR);
    writeln!(
        text,
        "horizon: {} # to the last moment that was recorded",
        days(horizon)
    )?;
    writeln!(
        text,
        "\nscheduler:\n  airflow:\n    version: \"{generation}\""
    )?;
    match figures.pace {
        Pace::Every { period, of } => writeln!(
            text,
            "    loop: {{ every: {} }} # of {of} moments at which something was queued, nearly all lie on this grid",
            span(period)
        )?,
        Pace::Busy { busy, of } => writeln!(
            text,
            "    loop: {{ busy: {} }} # the middle of {of} gaps between loops that followed at once",
            span(busy)
        )?,
        Pace::Unknown => writeln!(text, "    # too few decisions to tell the pace of the loop")?,
    }
    executor(text, figures)
}

fn executor(text: &mut String, figures: &Figures) -> std::fmt::Result {
    const PARALLELISM: usize = 32;
    let delays = &figures.start_delay;
    if delays.most_in_executor > PARALLELISM {
        writeln!(
            text,
            "\nairflow:\n  parallelism: {0} # ASSUMED: {0} tries were queued or running at a time",
            delays.most_in_executor
        )?;
    }
    writeln!(
        text,
        "\n# At most {} tries ran at a time. With fewer workers than that, say so: `celery: {{ workers: 2, start_delay: .. }}`.",
        delays.most_running
    )?;
    match &delays.fit {
        Some(fit) => writeln!(
            text,
            "executor:\n  tracked:\n    start_delay: {} # from queued to running: {}; {} left out, as workers may have been full",
            fit.law,
            words(fit, delays.clean),
            delays.left_out
        ),
        None => writeln!(text, "executor: {{ tracked: {{}} }}"),
    }
}

/// The pools; one that tasks ask for and that is not there is closed, as it is in Airflow.
fn known_pools(site: &Site) -> Vec<Pool> {
    let mut known = site.pools.clone();
    let tasks = site.dags.values().flat_map(|dag| dag.tasks.values());
    for task in tasks {
        let asked = task.name("pool", DEFAULT_POOL);
        if !known.iter().any(|pool| pool.name == asked) {
            known.push(Pool {
                name: asked.to_owned(),
                slots: 0,
                description: Some("Asked for by tasks, and not in the database".into()),
                include_deferred: false,
            });
        }
    }
    known
}

/// A name as a part of a path.
fn file_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    name.chars().map(safe).collect()
}

fn days(micros: i64) -> String {
    const DAY: i64 = 86_400_000_000;
    match micros % DAY {
        0 => format!("{}d", micros / DAY),
        _ => span(SimDuration::from_micros(micros)),
    }
}

//! When the runs of a DAG come in the scenario: by its timetable where a scenario has the like, else as they came.

use std::collections::BTreeSet;

use super::observations::DagSeen;
use super::schema::Version;
use super::site::{Site, SiteAssets, SiteDag, SiteSchedule};
use crate::import::yaml_text::{scalar, span};
use crate::time::SimTime;

/// The arrivals of a DAG.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrivals {
    /// The value of `schedule`.
    pub(super) schedule: String,
    /// Where it comes from.
    pub(super) words: String,
    /// Whether a timetable makes the runs.
    pub(super) is_timetable: bool,
    /// Moments of a file beside the scenario.
    pub(super) recorded: Vec<SimTime>,
    /// Runs that came beside the timetable, for events of the scenario.
    pub(super) triggered: Vec<SimTime>,
}

/// More runs by hand beside a timetable than this make all arrivals recorded ones.
const MOST_EVENTS: usize = 50;

impl Arrivals {
    /// The arrivals of a DAG; `file` is what a file of recorded ones would be called.
    pub(super) fn of(
        version: Version,
        site: &Site,
        dag: &SiteDag,
        seen: &DagSeen,
        file: &str,
    ) -> Self {
        // What a plain expression means differs between the versions.
        let intervals_by_default = version == Version::Two;
        let timetable = |schedule: String, words: String| Self {
            schedule,
            words,
            is_timetable: true,
            recorded: Vec::new(),
            triggered: seen.by_hand.clone(),
        };
        if dag.is_paused {
            let words = "it is paused".to_owned();
            return Self {
                is_timetable: false,
                triggered: Vec::new(),
                ..timetable("null".into(), words)
            };
        }
        let declared = match &dag.schedule {
            SiteSchedule::Cron(expression, intervals)
                if *intervals == intervals_by_default
                    || ["@once", "@continuous"].contains(&expression.as_str()) =>
            {
                timetable(quoted(expression), String::new())
            }
            SiteSchedule::Cron(expression, intervals) => {
                let cron = quoted(expression);
                let cron = format!("{{ cron: {cron}, data_intervals: {intervals} }}");
                timetable(cron, String::new())
            }
            SiteSchedule::Every(period, intervals) if *intervals == intervals_by_default => {
                timetable(format!("{{ every: {} }}", span(*period)), String::new())
            }
            SiteSchedule::Assets(assets) if assets_are_written(site, assets) => Self {
                is_timetable: false,
                ..timetable(
                    format!("{{ assets: {} }}", condition(assets)),
                    String::new(),
                )
            },
            SiteSchedule::Every(period, _) => {
                let words = format!("every {}, of the other kind of timetable", span(*period));
                return Self::recorded(seen, file, &words);
            }
            SiteSchedule::Assets(_) => {
                return Self::recorded(seen, file, "assets that no task of the scenario writes");
            }
            SiteSchedule::Other(class) => {
                return Self::recorded(seen, file, &format!("its timetable is `{class}`"));
            }
            SiteSchedule::Never => return Self::recorded(seen, file, "it has no schedule"),
        };
        if declared.triggered.len() > MOST_EVENTS {
            let words = format!("many runs were triggered beside `{}`", declared.schedule);
            return Self::recorded(seen, file, &words);
        }
        declared
    }

    /// As the runs came.
    fn recorded(seen: &DagSeen, file: &str, why: &str) -> Self {
        let mut recorded = seen.arrivals.clone();
        recorded.sort_unstable();
        let schedule = if recorded.is_empty() {
            "null".to_owned()
        } else {
            format!(
                "{{ recorded: {{ csv: {}, column: arrival }} }}",
                scalar(file)
            )
        };
        Self {
            schedule,
            words: format!("{why}; {} runs came", recorded.len()),
            is_timetable: false,
            recorded,
            triggered: Vec::new(),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn names<'a>(assets: &'a SiteAssets, into: &mut Vec<&'a str>) {
    match assets {
        SiteAssets::One(name) => into.push(name),
        SiteAssets::Any(parts) | SiteAssets::All(parts) => {
            for part in parts {
                names(part, into);
            }
        }
    }
}

fn assets_are_written(site: &Site, assets: &SiteAssets) -> bool {
    let tasks = site.dags.values().flat_map(|dag| dag.tasks.values());
    let written: BTreeSet<&str> = tasks
        .flat_map(|task| task.outlets.iter().map(String::as_str))
        .collect();
    let mut asked = Vec::new();
    names(assets, &mut asked);
    !asked.is_empty() && asked.iter().all(|name| written.contains(name))
}

fn condition(assets: &SiteAssets) -> String {
    let several = |parts: &[SiteAssets]| parts.iter().map(condition).collect::<Vec<_>>().join(", ");
    match assets {
        SiteAssets::One(name) => scalar(name),
        SiteAssets::Any(parts) => format!("{{ any: [{}] }}", several(parts)),
        SiteAssets::All(parts) => format!("{{ all: [{}] }}", several(parts)),
    }
}

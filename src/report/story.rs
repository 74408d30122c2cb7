//! The story of a task instance in words: what it waited for, who held it, and who was taken before it.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::run::document;
use super::{OutputFormat, duration_text};
use crate::deployment::Deployment;
use crate::experiment::{Precedence, SegmentStory, Story};
use crate::time::{SimDuration, SimTime};
use crate::trace::{SchedulingWaitCause, TaskInstanceRecord, WaitCause};

/// How many of those that held what it waited for are named.
const NAMED_HOLDERS: usize = 5;

/// The story for people, or with every instance for programs.
pub fn story(deployment: &Deployment, story: &Story, format: OutputFormat) -> String {
    match format {
        OutputFormat::Json => document(&Document::new(deployment, story)),
        OutputFormat::Table | OutputFormat::Plain => Teller::new(deployment).tell(story),
    }
}

/// Writes the story line by line, each beginning with its moment.
struct Teller<'a> {
    deployment: &'a Deployment,
    text: String,
    /// The moment of the line before: what is equal is not repeated.
    last: Option<SimTime>,
}

impl<'a> Teller<'a> {
    fn new(deployment: &'a Deployment) -> Self {
        Self {
            deployment,
            text: String::new(),
            last: None,
        }
    }

    fn tell(mut self, story: &Story) -> String {
        let run = &story.run;
        if let Some(SegmentStory { row, .. }) = story.segments.first() {
            self.title(row);
        }
        self.line(run.name.run_after, "its run is due");
        if run.queued_at > run.name.run_after {
            self.line(run.queued_at, "its run is created");
        }
        match run.started_at {
            Some(at) => self.line(at, "its run starts"),
            None => self.note("its run does not start before the end of the simulation"),
        }
        let mut upstream = story.upstream.clone();
        upstream.sort_by_key(|row| row.taken_at.or(row.ended_at));
        for row in &upstream {
            let what = format!("`{}` is {}", self.instance(row), row.state_name());
            match row.taken_at.or(row.ended_at) {
                Some(at) => self.line(at, &what),
                None => self.note(&what),
            }
        }
        for segment in &story.segments {
            self.segment(segment);
        }
        self.text
    }

    fn title(&mut self, row: &TaskInstanceRecord) {
        let pool = &self.deployment.pools[row.pool.index()].name;
        let plural = if row.pool_slots == 1 { "" } else { "s" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            self.text,
            "{} of {}\npool {pool}, {} slot{plural}, effective priority weight {}\n",
            name(self.deployment, row),
            row.run.run_id(self.deployment),
            row.pool_slots,
            row.priority_weight,
        );
    }

    fn segment(&mut self, segment: &SegmentStory) {
        let row = &segment.row;
        let Some(scheduled_at) = row.scheduled_at else {
            self.note(&format!("it becomes {} without a try", row.state_name()));
            return;
        };
        self.scheduling(row, scheduled_at);
        self.line(
            scheduled_at,
            &format!("scheduled, try {}: it waits for its slots", row.try_number),
        );
        self.causes(row);
        self.holders(&segment.holders);
        self.taken(segment);
        for (moment, what) in [(row.queued_at, "queued"), (row.started_at, "started")] {
            if let Some(at) = moment {
                self.line(at, what);
            }
        }
        match row.taken_at.or(row.ended_at) {
            Some(at) => self.line(at, row.state_name()),
            None => self.note("the simulation ends"),
        }
    }

    /// Why it was not scheduled as soon as it was ready.
    fn scheduling(&mut self, row: &TaskInstanceRecord, scheduled_at: SimTime) {
        let Some(ready_at) = row.ready_at.filter(|&at| at < scheduled_at) else {
            return;
        };
        self.line(ready_at, "it is ready: its dependencies are met");
        for cause in SchedulingWaitCause::ALL {
            let whole = row.scheduling.total();
            self.part(row.scheduling.of(cause), whole, cause.meaning());
        }
    }

    /// How its wait divides.
    fn causes(&mut self, row: &TaskInstanceRecord) {
        let whole = row.wait.total();
        for cause in WaitCause::ALL {
            self.part(row.wait.of(cause), whole, cause.meaning());
        }
    }

    /// A part of a wait that is more than nothing.
    fn part(&mut self, part: SimDuration, whole: SimDuration, meaning: &str) {
        if part > SimDuration::ZERO {
            let share = super::headline::percent(part.as_seconds() / whole.as_seconds());
            let span = duration_text(part.as_seconds());
            self.note(&format!("{span:>7} {share:>6}  it {meaning}"));
        }
    }

    fn holders(&mut self, holders: &[TaskInstanceRecord]) {
        if holders.is_empty() {
            return;
        }
        let others = match holders.len().saturating_sub(NAMED_HOLDERS) {
            0 => String::new(),
            others => format!(" {others} others and"),
        };
        self.note(&format!("what it waits for is held by{others}"));
        for row in holders.iter().take(NAMED_HOLDERS) {
            let until = match row.taken_at.or(row.ended_at) {
                Some(at) => format!("until {}", moment(at)),
                None => "to the end".into(),
            };
            let (name, run) = (name(self.deployment, row), row.run.run_id(self.deployment));
            self.note(&format!(
                "  {} {name} of {run}, {until}",
                slots(row.pool_slots)
            ));
        }
    }

    /// Who was taken meanwhile, counted by task and reason.
    fn taken(&mut self, segment: &SegmentStory) {
        if segment.taken.is_empty() {
            return;
        }
        let mut counts: BTreeMap<(Precedence, String), usize> = BTreeMap::new();
        for taken in &segment.taken {
            let task = &self.deployment.tasks[taken.row.task.index()];
            let dag = &self.deployment.dags[taken.row.dag.index()].dag_id;
            let weight = match taken.why {
                Precedence::Weight => format!(", weight {}", taken.row.priority_weight),
                Precedence::Narrower => format!(", {}", slots(taken.row.pool_slots)),
                _ => String::new(),
            };
            let what = format!("{dag}.{}{weight}", task.task_id);
            *counts.entry((taken.why, what)).or_default() += 1;
        }
        self.note(&format!("taken while it waits: {}", segment.taken.len()));
        let mut said = None;
        for ((why, what), count) in counts {
            if said.replace(why) != Some(why) {
                self.note(&format!("  {}:", why.words()));
            }
            self.note(&format!("  {count:>5} x {what}"));
        }
    }

    /// A line that begins with a moment, unless it is that of the line before.
    fn line(&mut self, at: SimTime, what: &str) {
        let when = match self.last.replace(at) {
            Some(last) if last == at => String::new(),
            _ => moment(at),
        };
        let _ = writeln!(self.text, "{when:<23}  {what}");
    }

    /// A line about the moment of the line before.
    fn note(&mut self, what: &str) {
        let _ = writeln!(self.text, "{:<23}  {what}", "");
    }

    /// An instance of the same DAG.
    fn instance(&self, row: &TaskInstanceRecord) -> String {
        let task = &self.deployment.tasks[row.task.index()].task_id;
        format!("{task}{}", index(row.map_index))
    }
}

/// To the second, or to the millisecond where that says more.
fn moment(at: SimTime) -> String {
    let format = match at.as_micros() % 1_000_000 {
        0 => "%Y-%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S.%3f",
    };
    at.to_timestamp().strftime(format).to_string()
}

fn slots(count: u32) -> String {
    match count {
        1 => "1 slot".into(),
        count => format!("{count} slots"),
    }
}

/// The map index as Airflow's interface shows it, or nothing.
fn index(map_index: i32) -> String {
    match map_index {
        ..0 => String::new(),
        index => format!("[{index}]"),
    }
}

fn name(deployment: &Deployment, row: &TaskInstanceRecord) -> String {
    let dag = &deployment.dags[row.dag.index()].dag_id;
    let task = &deployment.tasks[row.task.index()].task_id;
    format!("{dag}.{task}{}", index(row.map_index))
}

/// The story for programs.
#[derive(Debug, Serialize)]
struct Document {
    run: RunLine,
    upstream: Vec<InstanceLine>,
    segments: Vec<SegmentLine>,
}

#[derive(Debug, Serialize)]
struct RunLine {
    dag_id: String,
    run_id: String,
    run_after: String,
    queued_at: String,
    started_at: Option<String>,
    ended_at: Option<String>,
    state: &'static str,
}

#[derive(Debug, Serialize)]
struct SegmentLine {
    instance: InstanceLine,
    /// Since when it was ready.
    ready_at: Option<String>,
    /// Seconds until it was scheduled, by cause.
    scheduling_waited_for: BTreeMap<&'static str, f64>,
    /// Seconds until it was queued, by cause.
    waited_for: BTreeMap<&'static str, f64>,
    /// Who held what it waited for when the wait began.
    holders: Vec<InstanceLine>,
    /// Who was taken while it waited.
    taken: Vec<TakenLine>,
}

#[derive(Debug, Serialize)]
struct TakenLine {
    #[serde(flatten)]
    instance: InstanceLine,
    why: &'static str,
}

#[derive(Debug, Serialize)]
struct InstanceLine {
    dag_id: String,
    task_id: String,
    run_id: String,
    map_index: i32,
    try_number: u32,
    pool: String,
    pool_slots: u32,
    priority_weight: i64,
    scheduled_at: Option<String>,
    queued_at: Option<String>,
    started_at: Option<String>,
    ended_at: Option<String>,
    state: &'static str,
}

impl Document {
    fn new(deployment: &Deployment, story: &Story) -> Self {
        let line = |row: &TaskInstanceRecord| InstanceLine::new(deployment, row);
        let run = &story.run;
        let segment = |segment: &SegmentStory| SegmentLine {
            instance: line(&segment.row),
            ready_at: segment.row.ready_at.map(|at| at.to_string()),
            scheduling_waited_for: SchedulingWaitCause::ALL
                .into_iter()
                .map(|cause| (cause.name(), segment.row.scheduling.of(cause).as_seconds()))
                .collect(),
            waited_for: WaitCause::ALL
                .into_iter()
                .map(|cause| (cause.name(), segment.row.wait.of(cause).as_seconds()))
                .collect(),
            holders: segment.holders.iter().map(line).collect(),
            taken: segment
                .taken
                .iter()
                .map(|taken| TakenLine {
                    instance: line(&taken.row),
                    why: taken.why.words(),
                })
                .collect(),
        };
        Self {
            run: RunLine {
                dag_id: deployment.dags[run.dag.index()].dag_id.clone(),
                run_id: run.name.run_id(deployment),
                run_after: run.name.run_after.to_string(),
                queued_at: run.queued_at.to_string(),
                started_at: run.started_at.map(|at| at.to_string()),
                ended_at: run.ended_at.map(|at| at.to_string()),
                state: run.state.name(),
            },
            upstream: story.upstream.iter().map(line).collect(),
            segments: story.segments.iter().map(segment).collect(),
        }
    }
}

impl InstanceLine {
    fn new(deployment: &Deployment, row: &TaskInstanceRecord) -> Self {
        let text = |moment: Option<SimTime>| moment.map(|at| at.to_string());
        Self {
            dag_id: deployment.dags[row.dag.index()].dag_id.clone(),
            task_id: deployment.tasks[row.task.index()].task_id.clone(),
            run_id: row.run.run_id(deployment),
            map_index: row.map_index,
            try_number: row.try_number,
            pool: deployment.pools[row.pool.index()].name.clone(),
            pool_slots: row.pool_slots,
            priority_weight: row.priority_weight,
            scheduled_at: text(row.scheduled_at),
            queued_at: text(row.queued_at),
            started_at: text(row.started_at),
            ended_at: text(row.taken_at.or(row.ended_at)),
            state: row.state_name(),
        }
    }
}

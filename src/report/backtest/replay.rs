//! The findings of a replay, ready to be shown.

use serde::Serialize;

use super::replay_sentences::sentences;
use crate::experiment::{Agreement, ComparedTry, Replay, SetAside, UnrecordedTry};
use crate::report::run::document;
use crate::scenario::Scenario;
use crate::time::SimTime;
use crate::trace::{History, WaitCause};

/// Of tries that are named one by one, at most so many are in the document; all of them are in `tries.csv`.
const MAX_NAMED: usize = 100;

/// How a replay came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayReport {
    /// The scenario's name.
    pub scenario: String,
    /// `replay`.
    pub backtest: &'static str,
    /// The first simulated moment, as RFC 3339.
    pub start: String,
    /// The last one.
    pub end: String,
    /// The length of an idle loop of the scheduler, in seconds.
    pub loop_seconds: f64,
    /// The share of tries that must be queued within a loop's length, if one was asked for.
    pub tolerance: Option<f64>,
    /// Whether it is; none if none was asked for.
    pub is_met: Option<bool>,
    /// The findings in words.
    pub answer: Vec<String>,
    /// The site, then pools, then DAGs.
    pub agreements: Vec<Agreement>,
    /// How the runs came out.
    pub runs: RunsText,
    /// Recorded instances that no executor ever got.
    pub never_executed: usize,
    /// Compared tries that were cut off by the end of the history.
    pub unfinished: usize,
    /// Recorded tries that are not compared, by reason.
    pub set_aside: Vec<SetAsideTries>,
    /// Tries that differ, those that were recorded first first: at most a hundred.
    pub differing: Vec<DifferingTry>,
    /// All tries, for `tries.csv`.
    #[serde(skip)]
    pub tries: Vec<DifferingTry>,
}

/// How the runs came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RunsText {
    /// Those that have ended both in the history and in the simulation.
    pub ended: usize,
    /// Those of them that began and ended at the recorded moments.
    pub exact: usize,
    /// Recorded ones that the simulation has not made.
    pub not_simulated: usize,
    /// Simulated ones that were not recorded.
    pub not_recorded: usize,
}

/// Recorded tries that are not compared for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetAsideTries {
    /// Why.
    pub reason: &'static str,
    /// How many.
    pub tries: usize,
    /// What they are called, at most a hundred.
    pub named: Vec<String>,
}

/// A try in the history and in the simulation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DifferingTry {
    /// Its DAG.
    pub dag_id: String,
    /// Its run; of one that only the simulation made, its date.
    pub run_id: String,
    /// Its task.
    pub task_id: String,
    /// -1 if the task is not mapped.
    pub map_index: i32,
    /// Counts from 1.
    pub try_number: u32,
    /// The pool that its task asks for.
    pub pool: String,
    /// `exact`, `within_loop`, `off`, `not_simulated`, `not_recorded`, or why it was set aside.
    pub verdict: &'static str,
    /// What it waited for longest in the simulation; empty if it did not wait.
    pub waited_for: &'static str,
    /// When it was put to scheduled, queued and started as recorded, as RFC 3339.
    pub recorded: [Option<String>; 3],
    /// The same in the simulation.
    pub simulated: [Option<String>; 3],
}

impl ReplayReport {
    /// The report of a replay of `history` in `scenario`; `tolerance` is the share of tries that must be queued within a
    /// loop's length of the recorded moment.
    pub fn new(
        scenario: &Scenario,
        history: &History,
        replay: &Replay,
        tolerance: Option<f64>,
    ) -> Self {
        let agreements = replay.agreements(&scenario.deployment, &scenario.name);
        let is_met = tolerance.map(|least| {
            let share = agreements[0].share_within_loop();
            share.is_some_and(|share| share >= least)
        });
        let tries = Lines {
            scenario,
            history,
            replay,
        };
        let mut report = Self {
            scenario: scenario.name.clone(),
            backtest: "replay",
            start: scenario.start.to_string(),
            end: (scenario.start + scenario.horizon).to_string(),
            loop_seconds: replay.loop_length.as_seconds(),
            tolerance,
            is_met,
            answer: Vec::new(),
            agreements,
            runs: RunsText {
                ended: replay.runs.ended,
                exact: replay.runs.exact,
                not_simulated: replay.runs.not_simulated,
                not_recorded: replay.runs.not_recorded,
            },
            never_executed: replay.never_executed,
            unfinished: tries.unfinished(),
            set_aside: tries.set_aside(),
            differing: Vec::new(),
            tries: tries.all(),
        };
        let differ = |line: &&DifferingTry| {
            ["within_loop", "off", "not_simulated", "not_recorded"].contains(&line.verdict)
        };
        let mut differing: Vec<&DifferingTry> = report.tries.iter().filter(differ).collect();
        differing.sort_by_key(|line| [&line.recorded, &line.simulated].map(|it| it[1].clone()));
        // What was not recorded has no recorded moment, and comes last.
        differing.sort_by_key(|line| line.recorded[1].is_none());
        report.differing = differing.into_iter().take(MAX_NAMED).cloned().collect();
        report.answer = sentences(&report);
        report
    }

    /// The agreement of the whole.
    pub fn site(&self) -> &Agreement {
        &self.agreements[0]
    }
}

impl DifferingTry {
    /// What it is called in a sentence.
    pub(super) fn name(&self) -> String {
        let index = match self.map_index {
            -1 => String::new(),
            index => format!("[{index}]"),
        };
        let attempt = match self.try_number {
            1 => String::new(),
            number => format!(", try {number}"),
        };
        format!(
            "`{}.{}{index}` of `{}`{attempt}",
            self.dag_id, self.task_id, self.run_id
        )
    }
}

/// The report as one JSON document; what is not defined is null.
pub fn replay_json(report: &ReplayReport) -> String {
    document(report)
}

/// Makes lines of tries.
struct Lines<'a> {
    scenario: &'a Scenario,
    history: &'a History,
    replay: &'a Replay,
}

impl Lines<'_> {
    fn unfinished(&self) -> usize {
        let tries = self.replay.tries.iter();
        tries.filter(|one| one.recorded.ended_at.is_none()).count()
    }

    fn set_aside(&self) -> Vec<SetAsideTries> {
        let mut by_reason: Vec<(SetAside, usize)> = self
            .replay
            .set_aside
            .clone()
            .into_iter()
            .map(|(at, reason)| (reason, at))
            .collect();
        by_reason.sort_unstable();
        let of_reason = by_reason
            .chunk_by(|a, b| a.0 == b.0)
            .map(|tries| SetAsideTries {
                reason: tries[0].0.words(),
                tries: tries.len(),
                named: tries
                    .iter()
                    .take(MAX_NAMED)
                    .map(|&(reason, at)| self.recorded(at, reason.name()).name())
                    .collect(),
            });
        of_reason.collect()
    }

    /// All of them: compared ones and those set aside as the history lists them, then those that were not recorded.
    fn all(&self) -> Vec<DifferingTry> {
        let compared = self
            .replay
            .tries
            .iter()
            .map(|one| (one.at, self.compared(one)));
        let aside = self.replay.set_aside.iter();
        let aside = aside.map(|&(at, reason)| (at, self.recorded(at, reason.name())));
        let mut all: Vec<(usize, DifferingTry)> = compared.chain(aside).collect();
        all.sort_by_key(|&(at, _)| at);
        let recorded = all.into_iter().map(|(_, line)| line);
        let unrecorded = self
            .replay
            .unrecorded
            .iter()
            .map(|one| self.unrecorded(one));
        recorded.chain(unrecorded).collect()
    }

    fn compared(&self, one: &ComparedTry) -> DifferingTry {
        let verdict = if one.simulated.is_none() {
            "not_simulated"
        } else if one.is_exact() {
            "exact"
        } else if one.is_within(self.replay.loop_length) {
            "within_loop"
        } else {
            "off"
        };
        let moments = one.simulated.unwrap_or_default();
        let causes = WaitCause::ALL.into_iter();
        let longest = causes.max_by_key(|&cause| (one.wait.of(cause), std::cmp::Reverse(cause)));
        let longest = longest.filter(|&cause| one.wait.of(cause).as_micros() > 0);
        DifferingTry {
            pool: self.scenario.deployment.pools[one.pool.index()]
                .name
                .clone(),
            simulated: texts([moments.scheduled_at, moments.queued_at, moments.started_at]),
            waited_for: longest.map_or("", WaitCause::name),
            ..self.recorded(one.at, verdict)
        }
    }

    fn recorded(&self, at: usize, verdict: &'static str) -> DifferingTry {
        let attempt = &self.history.tries[at];
        let run = &self.history.runs[attempt.run];
        DifferingTry {
            dag_id: run.dag_id.clone(),
            run_id: run.run_id.clone(),
            task_id: attempt.task_id.clone(),
            map_index: attempt.map_index,
            try_number: attempt.try_number,
            pool: attempt.pool.clone(),
            verdict,
            waited_for: "",
            recorded: texts([attempt.scheduled_at, attempt.queued_at, attempt.started_at]),
            simulated: texts([None; 3]),
        }
    }

    fn unrecorded(&self, one: &UnrecordedTry) -> DifferingTry {
        let deployment = &self.scenario.deployment;
        DifferingTry {
            dag_id: deployment.dags[one.dag.index()].dag_id.clone(),
            run_id: one.date.to_string(),
            task_id: deployment.tasks[one.task.index()].task_id.clone(),
            map_index: one.map_index,
            try_number: one.try_number,
            pool: deployment.pools[one.pool.index()].name.clone(),
            verdict: "not_recorded",
            waited_for: "",
            recorded: texts([None; 3]),
            simulated: texts([None, one.queued_at, None]),
        }
    }
}

fn texts(moments: [Option<SimTime>; 3]) -> [Option<String>; 3] {
    moments.map(|moment| moment.map(|it| it.to_string()))
}

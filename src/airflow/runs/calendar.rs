//! Runs by their logical date, for the DAGs of which a date may be asked for again.
//!
//! Airflow keeps every run for ever. Here an ended run is kept only while a backfill or a dated request that is still
//! to come may ask for its date, or while the schedule has not passed it; most DAGs need no calendar at all.

use crate::airflow::world::World;
use crate::deployment::{Deployment, OperatorAction, Schedule};
use crate::ids::{DagId, RunId};
use crate::time::SimTime;
use crate::trace::Recorder;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The dated runs of one DAG whose rows are kept.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    runs: BTreeMap<SimTime, RunId>,
    /// What will be asked, the latest question first.
    questions: Vec<Question>,
    /// The schedule will not come to any date before this one.
    passed: SimTime,
    /// Runs from this date on may be looked back upon; the end of time if no task of the DAG looks back.
    past_from: SimTime,
}

/// Which dates will be asked for, and when.
#[derive(Clone, Copy, Debug)]
struct Question {
    at: SimTime,
    from: SimTime,
    to: SimTime,
}

impl Calendar {
    /// A calendar for each DAG whose dates an operator asks for, or whose tasks look back.
    pub(crate) fn of_dags(deployment: &Deployment) -> Vec<Option<Self>> {
        let mut calendars = vec![None; deployment.dags.len()];
        for event in &deployment.events {
            let asked = match &event.action {
                OperatorAction::Backfill(backfill) => {
                    Some((backfill.dag, backfill.from, backfill.to))
                }
                OperatorAction::TriggerRuns(request) => {
                    let is_dated = deployment.rules().names_runs_by_logical_date;
                    let date = request.logical_date.or(is_dated.then_some(event.at));
                    date.map(|date| (request.dag, date, date))
                }
                _ => None,
            };
            let Some((dag, from, to)) = asked else {
                continue;
            };
            let calendar: &mut Option<Self> = &mut calendars[dag.index()];
            let calendar =
                calendar.get_or_insert_with(|| Self::empty(&deployment.dags[dag.index()].schedule));
            calendar.questions.push(Question {
                at: event.at,
                from,
                to,
            });
        }
        for task in deployment.tasks.iter().filter(|task| task.looks_back()) {
            let schedule = &deployment.dags[task.dag.index()].schedule;
            let calendar = calendars[task.dag.index()].get_or_insert_with(|| Self::empty(schedule));
            calendar.past_from = SimTime::MIN;
        }
        for calendar in calendars.iter_mut().flatten() {
            calendar
                .questions
                .sort_by_key(|question| Reverse(question.at));
        }
        calendars
    }

    fn empty(schedule: &Schedule) -> Self {
        Self {
            runs: BTreeMap::new(),
            questions: Vec::new(),
            past_from: SimTime::MAX,
            passed: match schedule {
                Schedule::Timetable(_) => SimTime::MIN,
                _ => SimTime::MAX,
            },
        }
    }

    pub(crate) fn runs(&self) -> &BTreeMap<SimTime, RunId> {
        &self.runs
    }

    /// Whether a task of the DAG asks what became of it in the run before.
    pub(crate) fn looks_back(&self) -> bool {
        self.past_from < SimTime::MAX
    }

    /// Whether anything can still ask for a date.
    fn may_ask_for(&self, date: SimTime) -> bool {
        let asks = |question: &Question| (question.from..=question.to).contains(&date);
        date >= self.passed || date >= self.past_from || self.questions.iter().any(asks)
    }
}

impl<R: Recorder> World<R> {
    /// The calendar of a DAG that keeps one.
    pub(crate) fn calendar(&self, dag: DagId) -> Option<&Calendar> {
        self.calendars[dag.index()].as_ref()
    }

    /// The run of that logical date, if the DAG has one and keeps a calendar.
    pub(crate) fn run_dated(&self, dag: DagId, date: SimTime) -> Option<RunId> {
        let calendar = self.calendars[dag.index()].as_ref()?;
        calendar.runs.get(&date).copied()
    }

    /// Writes a new run into the calendar of its DAG.
    pub(crate) fn enter_in_calendar(&mut self, id: RunId) {
        let run = &self.rows.runs[id.index()];
        if let Some(calendar) = &mut self.calendars[run.dag.index()]
            && let Some(date) = run.identity.logical_date
        {
            calendar.runs.insert(date, id);
        }
    }

    /// Whether the rows of a run that has ended must be kept: events are still to come for them, or the run may be
    /// asked for. If not so it leaves the calendar.
    pub(crate) fn is_kept(&mut self, id: RunId) -> bool {
        let run = &self.rows.runs[id.index()];
        if run.outstanding > 0 {
            return true;
        }
        let Some(calendar) = &mut self.calendars[run.dag.index()] else {
            return false;
        };
        let Some(date) = run.identity.logical_date else {
            return false;
        };
        if calendar.runs.get(&date) != Some(&id) {
            return false;
        }
        let kept = calendar.may_ask_for(date);
        if !kept {
            calendar.runs.remove(&date);
        }
        kept
    }

    /// Lets go of the ended runs of a DAG that nobody can ask for any more: questions before `now` are answered, and
    /// the schedule will not come to a date before `passed`.
    pub(crate) fn forget_unasked(&mut self, dag: DagId, passed: SimTime, now: SimTime) {
        let Some(calendar) = &mut self.calendars[dag.index()] else {
            return;
        };
        let answered = |question: &&Question| question.at < now;
        let open =
            calendar.questions.len() - calendar.questions.iter().rev().take_while(answered).count();
        let moved = calendar.passed != passed || open < calendar.questions.len();
        calendar.questions.truncate(open);
        calendar.passed = passed;
        if moved {
            self.release_unasked(dag);
        }
    }

    /// No run before this date will be looked back upon, unless a backfill is still to come that may begin anywhere.
    pub(crate) fn keep_past_from(&mut self, dag: DagId, date: SimTime) {
        if let Some(calendar) = &mut self.calendars[dag.index()]
            && calendar.questions.is_empty()
        {
            calendar.past_from = date;
            self.release_unasked(dag);
        }
    }

    fn release_unasked(&mut self, dag: DagId) {
        let Some(mut calendar) = self.calendars[dag.index()].take() else {
            return;
        };
        let mut runs = std::mem::take(&mut calendar.runs);
        runs.retain(|&date, &mut id| {
            let kept = !self.run(id).state.is_finished() || calendar.may_ask_for(date);
            if !kept && self.run(id).outstanding == 0 {
                self.rows.release(id);
            }
            kept
        });
        calendar.runs = runs;
        self.calendars[dag.index()] = Some(calendar);
    }
}

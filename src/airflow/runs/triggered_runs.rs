//! Runs that are triggered: by an arrival process, and by hand. They are created at once, whatever the limits.

use crate::airflow::event::Event;
use crate::airflow::outcomes::Outcomes;
use crate::airflow::runs::dag_run::RunIdentity;
use crate::airflow::runs::run_creation::RunCreation;
use crate::airflow::world::World;
use crate::deployment::{RequestedBy, RunRequest, Schedule};
use crate::engine::Engine;
use crate::ids::{DagId, EventId};
use crate::random::StreamKey;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Recorder, RunIdForm, RunType};

impl RunCreation<'_> {
    /// A triggered run arrives: it is created at once, and the next arrival is planned.
    pub(crate) fn create_triggered<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        dag: DagId,
        engine: &mut Engine<Event>,
    ) {
        let now = engine.now();
        let identity = RunIdentity {
            run_type: RunType::Manual,
            logical_date: Some(now),
            data_interval: Some((now, now)),
            run_after: now,
            form: RunIdForm::Dated,
        };
        let key = self.keys[dag.index()].with(self.dags[dag.index()].arrivals);
        let run = self.create(world, outcomes, dag, identity, key, now);
        self.admit(world, run, engine);
        self.queues.forget(dag, now);
        self.plan_arrival(dag, engine);
    }

    /// Creates the runs that an operator asks for, unless there is one of that logical date already.
    pub(crate) fn create_by_hand<R: Recorder>(
        &mut self,
        world: &mut World<R>,
        outcomes: &mut impl Outcomes,
        event: EventId,
        request: &RunRequest,
        engine: &mut Engine<Event>,
    ) {
        let (dag, now) = (request.dag, engine.now());
        for number in 0..request.runs {
            // Where every run has a logical date, those of one request are a microsecond apart.
            let is_dated = world.rules.names_runs_by_logical_date;
            let own = now - SimDuration::from_micros(i64::from(request.runs - 1 - number));
            let date = request.logical_date.or(is_dated.then_some(own));
            if date.is_some_and(|date| world.run_dated(dag, date).is_some()) {
                return;
            }
            let form = match (&request.run_id, date) {
                (Some(_), _) => RunIdForm::Given(event),
                (None, Some(_)) => RunIdForm::Dated,
                (None, None) => RunIdForm::Numbered(number),
            };
            let identity = RunIdentity {
                run_type: RunType::Manual,
                logical_date: date,
                data_interval: date.map(|date| self.interval_by_hand(request, date, now)),
                run_after: now,
                form,
            };
            let row = &mut self.dags[dag.index()];
            row.by_hand += 1;
            let key = self.keys[dag.index()]
                .with(StreamKey::name("by hand"))
                .with(row.by_hand);
            let run = self.create(world, outcomes, dag, identity, key, now);
            self.admit(world, run, engine);
            if let Some(date) = date.filter(|&date| date > now) {
                // It is looked at when its date comes.
                engine.schedule(date, Event::RunDue(dag));
            }
        }
    }

    fn interval_by_hand(
        &self,
        request: &RunRequest,
        date: SimTime,
        now: SimTime,
    ) -> (SimTime, SimTime) {
        let moment = match request.by {
            RequestedBy::Cli => now,
            RequestedBy::Rest => date,
        };
        match &self.files[request.dag.index()].schedule {
            Schedule::Timetable(timetable) => timetable.manual_interval(moment),
            _ => (moment, moment),
        }
    }

    /// Plans the next arrival of a DAG whose runs are triggered at random.
    pub(crate) fn plan_arrival(&mut self, dag: DagId, engine: &mut Engine<Event>) {
        let described = &self.files[dag.index()];
        let Schedule::Arrivals(process) = &described.schedule else {
            return;
        };
        let row = &mut self.dags[dag.index()];
        let next = process.next(&mut row.cursor, self.keys[dag.index()]);
        if let Some(next) = next.filter(|&next| described.end_date.is_none_or(|end| next <= end)) {
            row.arrivals += 1;
            engine.schedule(next, Event::Arrival(dag));
        } else {
            row.has_last_arrival = true;
        }
    }
}

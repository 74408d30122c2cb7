//! Runs that are triggered from outside: when they are created, what they are called, and when they start.

use crate::sites::{START, add_dag, at, site, trace};
use slotwise::deployment::{Dag, Deployment, LoopPace, Schedule, SchedulerMode, Task};
use slotwise::ids::DagId;
use slotwise::random::arrivals::{Bursts, Recording};
use slotwise::random::{ArrivalProcess, Distribution, PointProcess};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{DagRunRecord, RunType};

/// The runs of ten minutes of this DAG, whose task takes ten seconds, in the order of their creation.
fn runs_of(dag: Dag) -> Vec<DagRunRecord> {
    let loops = LoopPace::Every(SimDuration::from_seconds(1));
    let mut site = site(SchedulerMode::Airflow(loops), &[]);
    let work = Task {
        duration: Distribution::constant(10.0).unwrap(),
        ..Task::named("work", DagId::default())
    };
    add_dag(&mut site, dag, vec![work]);
    let mut runs = trace(&site, 600.0).dag_runs;
    runs.sort_by_key(|run| run.queued_at);
    runs
}

fn arriving(process: ArrivalProcess) -> Dag {
    Dag {
        schedule: Schedule::Arrivals(process),
        ..Dag::named("triggered")
    }
}

fn every_minute() -> ArrivalProcess {
    let bursts = Bursts::new(SimDuration::from_seconds(60), None);
    ArrivalProcess::new(PointProcess::Bursts(bursts))
}

fn created(runs: &[DagRunRecord]) -> Vec<SimTime> {
    runs.iter().map(|run| run.queued_at).collect()
}

#[test]
fn a_batch_is_created_at_once_and_starts_as_places_get_free() {
    let three = Distribution::constant(3.0).unwrap();
    let runs = runs_of(Dag {
        max_active_runs: 1,
        start_date: at(500.5),
        ..arriving(every_minute().in_batches(three).unwrap())
    });
    let micros = SimDuration::from_micros;
    let expected = [500.5, 560.5].map(at).map(|first| {
        let later = |micro| first + micros(micro);
        [first, later(1), later(2)]
    });
    assert_eq!(created(&runs), expected.concat());
    for run in &runs {
        assert_eq!(run.name.run_type, RunType::Manual);
        assert_eq!(run.logical_date, Some(run.queued_at));
        assert_eq!(run.name.run_after, run.queued_at);
    }
    assert_eq!(
        runs[1].name.run_id(&Deployment::default()),
        "manual__2026-03-02T00:08:20.500001+00:00"
    );
    // Started at 501, its task ends at 511. The loop of that moment ends the run, the next one starts another.
    let started: Vec<_> = runs.iter().map(|run| run.started_at).collect();
    assert_eq!(started[..3], [501.0, 512.0, 523.0].map(|s| Some(at(s))));
}

#[test]
fn triggered_runs_keep_to_the_dates_of_their_dag() {
    let bounded = |process| Dag {
        start_date: at(90.0),
        end_date: Some(at(210.0)),
        ..arriving(process)
    };
    let runs = runs_of(bounded(every_minute()));
    assert_eq!(created(&runs), [90.0, 150.0, 210.0].map(at));
    let moments = [30.0, 90.0, 120.0, 211.0].map(at).to_vec();
    let recorded = PointProcess::Recorded(Recording::once(moments));
    let runs = runs_of(bounded(ArrivalProcess::new(recorded)));
    assert_eq!(created(&runs), [90.0, 120.0].map(at));
}

#[test]
fn a_week_that_repeats_also_covers_a_start_before_it_was_recorded() {
    let week = SimDuration::from_seconds(7 * 86_400);
    let moments = vec![at(20.0) + week, at(20.0) + week, START + week];
    let recording = Recording::once(moments).repeated(week).unwrap();
    let process = ArrivalProcess::new(PointProcess::Recorded(recording));
    let second = at(20.0) + SimDuration::from_micros(1);
    assert_eq!(
        created(&runs_of(arriving(process))),
        [START, at(20.0), second]
    );
}

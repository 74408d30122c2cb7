//! Rules of Airflow 2 that no recording shows, and what its scenarios mean.

use crate::sites::{EVERY_SECOND, add_dag, at, moments, once, rows, site, task, trace};
use slotwise::deployment::{
    Dag, Deployment, OperatorAction, OperatorEvent, RequestedBy, Rules, RunRequest, Sensor,
    SensorMode, SensorWait, Task, TaskInstanceState, TaskKind, Timetable,
};
use slotwise::ids::DagId;
use slotwise::random::Distribution;
use slotwise::scenario::{NoFiles, read};
use slotwise::time::SimDuration;

fn of_version_2(mut site: Deployment) -> Deployment {
    site.airflow.rules = Rules::AIRFLOW_2;
    site
}

fn deployment(text: &str) -> Deployment {
    read(text, &NoFiles)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .value
        .deployment
}

#[test]
fn the_time_out_of_a_sensor_counts_from_the_start_of_its_first_poke() {
    // A poke takes 2 s, so pokes end at 2, 64 and 126 s: the second is 62 s after the end of the first.
    let sensor = Task {
        kind: TaskKind::Sensor(Sensor {
            mode: SensorMode::Reschedule,
            poke_interval: SimDuration::from_seconds(60),
            timeout: SimDuration::from_seconds(63),
            soft_fail: false,
            exponential_backoff: false,
            max_wait: None,
            wait: SensorWait::Time(Distribution::constant(10_000.0).unwrap()),
        }),
        ..task("sensor", 2.0)
    };
    let mut three = site(EVERY_SECOND, &[("pool", 1)]);
    add_dag(&mut three, once("etl"), vec![sensor]);
    let last_poke = |site: &Deployment| {
        let trace = trace(site, 600.0);
        let pokes = rows(&trace, 0);
        let last = *pokes.last().unwrap();
        assert_eq!(last.state, TaskInstanceState::Failed);
        moments(&pokes, |row| row.ended_at).last().copied().unwrap()
    };
    assert_eq!(last_poke(&three), Some(126.0));
    assert_eq!(last_poke(&of_version_2(three)), Some(64.0));
}

#[test]
fn every_run_has_a_logical_date_and_is_named_by_it() {
    let mut asked = of_version_2(site(EVERY_SECOND, &[("pool", 9)]));
    add_dag(&mut asked, Dag::named("etl"), vec![task("load", 5.0)]);
    asked.events.push(OperatorEvent {
        at: at(60.0),
        action: OperatorAction::TriggerRuns(RunRequest {
            dag: DagId::new(0),
            runs: 2,
            run_id: None,
            logical_date: None,
            by: RequestedBy::Cli,
        }),
    });
    let runs = trace(&asked, 120.0).dag_runs;
    let dates: Vec<_> = runs.iter().map(|run| run.logical_date.unwrap()).collect();
    assert_eq!(dates[1] - dates[0], SimDuration::from_micros(1));
    assert_eq!(dates[1], at(60.0));
    let id = runs[1].name.run_id(&asked);
    assert_eq!(id, "manual__2026-03-02T00:01:00+00:00");
}

#[test]
fn schedules_mean_data_intervals_and_are_caught_up_with() {
    let text = |version: &str, options: &str| {
        format!(
            "
horizon: 1d
scheduler: {{airflow: {{version: \"{version}\"}}}}
airflow: {{{options}}}
defaults: {{task: {{kind: empty}}}}
dags:
  cron: {{schedule: \"@hourly\", tasks: {{a: {{}}}}}}
  period: {{schedule: {{every: 1h}}, tasks: {{a: {{}}}}}}
"
        )
    };
    let meaning = |version, options| {
        let site = deployment(&text(version, options));
        let is_interval = |dag: &Dag| {
            matches!(
                dag.schedule,
                slotwise::deployment::Schedule::Timetable(Timetable::DataInterval(_))
            )
        };
        (
            is_interval(&site.dags[0]),
            is_interval(&site.dags[1]),
            site.dags[0].catchup,
        )
    };
    assert_eq!(meaning("3", ""), (false, false, false));
    assert_eq!(meaning("2", ""), (true, true, true));
    let off = "create_cron_data_intervals: false, catchup_by_default: false";
    assert_eq!(meaning("2", off), (false, true, false));
}

#[test]
fn a_parallelism_of_zero_is_no_bound() {
    let site = deployment(
        "
start: 2026-03-02T00:00:00Z
horizon: 1d
scheduler: {airflow: {version: \"2\"}}
airflow: {parallelism: 0, max_tis_per_query: 0}
executor: {local: {}}
pools: {p: -1}
dags: {d: {schedule: \"@once\", max_active_tasks: 500, tasks: {a: {pool: p, map: 100, duration: {constant: 5m}}}}}
",
    );
    let trace = trace(&site, 60.0);
    let at_once = trace
        .task_instances
        .iter()
        .filter(|row| row.started_at == Some(at(0.0)));
    assert_eq!(at_once.count(), 100);
}

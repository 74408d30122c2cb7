//! Whole runs recorded from the real scheduler under a virtual clock, replayed to the microsecond.

use crate::planned_sizes::through_the_guard;
use crate::recorded_site::Site;
use crate::recordings::{self, Recordings, conclude};
use serde_json::Value;
use slotwise::airflow::Simulation;
use slotwise::deployment::{Deployment, TaskInstanceState};
use slotwise::policy::PolicyPlan;
use slotwise::random::StreamKey;
use slotwise::time::SimTime;
use slotwise::trace::{
    DagRunRecord, FullTrace, LoopRecord, PoolSample, RunType, TaskInstanceRecord,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A row as text, by the name of what it is about.
type Rows = BTreeMap<String, String>;

#[test]
fn airflow_traces_match_the_recordings() {
    for recordings in recordings::all() {
        replay_all(&recordings);
    }
}

#[expect(clippy::print_stdout, reason = "a replay lists every trace")]
fn replay_all(recordings: &Recordings) {
    let names = recordings.traces();
    let mut differences = Vec::new();
    let (mut replayed, mut through_guards) = (0, 0);
    println!("{:<32} {:>9} {:>10}", "trace", "instances", "mismatches");
    for name in &names {
        let scenario = recordings
            .read(&format!("traces/{name}.scenario.json"))
            .unwrap();
        let scenario: Value = serde_json::from_str(&scenario).unwrap();
        match Site::read(&scenario, recordings.rules) {
            Ok(site) => {
                replayed += 1;
                let (instances, found) = replay(recordings, name, &site);
                println!("{name:<32} {instances:>9} {:>10}", found.len());
                differences.extend(found);
                if let Some((site, plan)) = through_the_guard(&site) {
                    through_guards += 1;
                    let found = replay_under(recordings, name, &site, Some(&plan)).1;
                    println!("{:<42} {:>10}", "  resized through the guard", found.len());
                    differences.extend(found);
                }
                if let Some(edited) = with_edits_for_parses(scenario) {
                    let site = Site::read(&edited, recordings.rules).unwrap();
                    differences.extend(replay(recordings, name, &site).1);
                }
            }
            Err(feature) => {
                let missing = format!("needs {feature}, which is not simulated");
                println!("{name:<32} {:>9} {missing}", "-");
                differences.push(format!("{name} {missing}"));
            }
        }
    }
    conclude(&recordings.called("traces"), names.len(), &differences);
    assert!(replayed > 0 || names.is_empty(), "no trace was replayed");
    let has_resizes = names.iter().any(|name| name.contains("pool_resize"));
    assert!(
        through_guards > 0 || !has_resizes,
        "no resize went through the guard"
    );
}

/// The scenario with edits that change nothing in place of files that are read again; none if none is.
fn with_edits_for_parses(mut scenario: Value) -> Option<Value> {
    let dags = scenario["dags"].clone();
    let actions = scenario["actions"].as_array_mut()?;
    let mut parses = 0;
    for action in actions.iter_mut().filter(|action| action["do"] == "parse") {
        let mut dags = dags.as_array()?.iter();
        action["dag"] = dags.find(|dag| dag["dag_id"] == action["dag_id"])?.clone();
        parses += 1;
    }
    (parses > 0).then_some(scenario)
}

/// Replays one trace; how many instances it has, and what differs. Every loop is run, because the recordings list
/// them all; leaving idle ones out must not change the history.
fn replay(recordings: &Recordings, name: &str, site: &Site) -> (usize, Vec<String>) {
    replay_under(recordings, name, site, None)
}

/// The same where a policy resizes the pools.
fn replay_under(
    recordings: &Recordings,
    name: &str,
    site: &Site,
    policy: Option<&PolicyPlan>,
) -> (usize, Vec<String>) {
    let trace = simulate(site, policy, true);
    let quick = simulate(site, policy, false);
    let instances = recorded(
        recordings,
        name,
        "trace",
        &[
            "dag_id",
            "run_id",
            "task_id",
            "map_index",
            "try_number",
            "segment",
        ],
    );
    let runs = recorded(recordings, name, "runs", &["dag_id", "run_id"]);
    let pools = recorded(recordings, name, "pools", &["at", "pool"]);
    let mut found = Vec::new();
    found.extend(difference(
        name,
        "instance",
        &instances,
        &instance_rows(&site.deployment, &trace),
    ));
    found.extend(difference(
        name,
        "instance (idle loops left out)",
        &instances,
        &instance_rows(&site.deployment, &quick),
    ));
    found.extend(difference(
        name,
        "run",
        &runs,
        &run_rows(&site.deployment, &trace),
    ));
    let moments = recorded_moments(recordings, name);
    found.extend(difference(
        name,
        "pool",
        &pools,
        &pool_rows(site, &trace, &moments),
    ));
    if recordings.has(&format!("traces/{name}.loops.csv")) {
        let loops = recorded(recordings, name, "loops", &["at", "queued"]);
        found.extend(difference(
            name,
            "loop",
            &without_values(loops),
            &loop_rows(&trace),
        ));
    }
    (instances.len(), found)
}

fn simulate(site: &Site, policy: Option<&PolicyPlan>, every_loop: bool) -> FullTrace {
    let key = StreamKey::root(0, 0);
    let recorder = FullTrace::default();
    let mut simulation = Simulation::new(
        &site.deployment,
        site.start,
        key,
        site.outcomes.clone(),
        recorder,
    );
    if let Some(policy) = policy {
        simulation.govern(policy).unwrap();
    }
    if every_loop {
        simulation.run_every_loop();
    }
    simulation.run_until(site.end);
    simulation.finish()
}

/// Loops are compared by their moment and by how many instances they queued; how long they slept follows.
fn without_values(rows: Rows) -> Rows {
    rows.into_keys().map(|key| (key, String::new())).collect()
}

fn loop_rows(trace: &FullTrace) -> Rows {
    let row = |row: &LoopRecord| {
        (
            format!("at={} queued={} ", row.at, row.queued),
            String::new(),
        )
    };
    trace.loops.iter().map(row).collect()
}

/// The first difference of a kind, and how many there are.
fn difference(trace: &str, kind: &str, expected: &Rows, got: &Rows) -> Option<String> {
    let all: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
    let mut differing = all
        .iter()
        .filter(|key| expected.get(**key) != got.get(**key));
    let first = differing.next()?;
    let nothing = String::from("nothing");
    Some(format!(
        "{trace}: {} {kind} rows differ, first {first}:\n  expected {}\n  got      {}",
        differing.count() + 1,
        expected.get(*first).unwrap_or(&nothing),
        got.get(*first).unwrap_or(&nothing),
    ))
}

/// A recorded table by the columns that name a row.
fn recorded(recordings: &Recordings, name: &str, table: &str, key: &[&str]) -> Rows {
    let text = recordings
        .read(&format!("traces/{name}.{table}.csv"))
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let is_key = |column: &str| key.contains(&column);
    let row = |record: csv::StringRecord| {
        let mut name = String::new();
        let mut rest = String::new();
        for (column, value) in headers.iter().zip(&record) {
            write!(
                if is_key(column) { &mut name } else { &mut rest },
                "{column}={value} "
            )
            .unwrap();
        }
        (name, rest)
    };
    reader
        .records()
        .map(|record| row(record.unwrap()))
        .collect()
}

fn instance_rows(deployment: &Deployment, trace: &FullTrace) -> Rows {
    let row = |row: &TaskInstanceRecord| {
        let task = &deployment.tasks[row.task.index()];
        let segment = if row.is_sent_back() {
            -1
        } else {
            i64::from(row.segment)
        };
        let name = format!(
            "dag_id={} run_id={} task_id={} map_index={} try_number={} segment={} ",
            deployment.dags[row.dag.index()].dag_id,
            row.run.run_id(deployment),
            task.task_id,
            row.map_index,
            row.try_number,
            segment,
        );
        let rest = format!(
            "logical_date={} scheduled_at={} queued_at={} started_at={} ended_at={} state={} pool={} pool_slots={} \
             priority_weight={} ",
            row.logical_date,
            text(row.scheduled_at),
            text(row.queued_at),
            text(row.started_at),
            text(row.ended_at),
            row.state_name(),
            deployment.pools[row.pool.index()].name,
            row.pool_slots,
            row.priority_weight,
        );
        (name, rest)
    };
    // What a worker has set to skipped is listed twice: as a segment, and among the states at the end.
    let skipped = |row: &&TaskInstanceRecord| {
        row.state == TaskInstanceState::Skipped && row.segment > 0 && !row.refused
    };
    let again = trace.task_instances.iter().filter(skipped);
    let again = again.map(|&row| TaskInstanceRecord { segment: 0, ..row });
    let rows = trace.task_instances.iter().copied().chain(again);
    // The real scheduler forgets a queueing that it takes back.
    let rows = rows.filter(|row| !row.is_requeue());
    rows.map(|with| row(&with)).collect()
}

/// Airflow writes the moment of creation as the start of a backfill's run, until it starts.
fn start_of_queued_backfill(run: &DagRunRecord) -> Option<SimTime> {
    (run.name.run_type == RunType::Backfill).then_some(run.queued_at)
}

fn run_rows(deployment: &Deployment, trace: &FullTrace) -> Rows {
    let row = |run: &DagRunRecord| {
        let name = format!(
            "dag_id={} run_id={} ",
            deployment.dags[run.dag.index()].dag_id,
            run.name.run_id(deployment)
        );
        let run_after = if deployment.airflow.rules.names_runs_by_logical_date {
            String::new()
        } else {
            format!("run_after={} ", run.name.run_after)
        };
        let rest = format!(
            "run_type={} logical_date={} data_interval_start={} data_interval_end={} {run_after}queued_at={} \
             start_date={} end_date={} state={} ",
            run.run_type,
            text(run.logical_date),
            text(run.data_interval.map(|(start, _)| start)),
            text(run.data_interval.map(|(_, end)| end)),
            run.queued_at,
            text(run.started_at.or_else(|| start_of_queued_backfill(run))),
            text(run.ended_at),
            run.state,
        );
        (name, rest)
    };
    trace.dag_runs.iter().map(row).collect()
}

/// When the recording looked at the pools.
fn recorded_moments(recordings: &Recordings, name: &str) -> BTreeSet<SimTime> {
    let text = recordings
        .read(&format!("traces/{name}.pools.csv"))
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let moment = |row: csv::StringRecord| SimTime::parse(&row[0]).unwrap();
    reader.records().map(|row| moment(row.unwrap())).collect()
}

/// Airflow's slot statistics after each loop in which something changed: only rows that differ from the pool's last.
/// A mere start, or an end that no loop acted upon, writes no row. Whenever the recording looked, so do we: it also
/// did after loops that only wrote to rows of their own.
fn pool_rows(site: &Site, trace: &FullTrace, recorded: &BTreeSet<SimTime>) -> Rows {
    let mut rows = Rows::new();
    let pools = site.deployment.pools.len();
    let mut now: Vec<Option<PoolSample>> = vec![None; pools];
    let mut written: Vec<Option<PoolSample>> = vec![None; pools];
    let mut moments: BTreeSet<SimTime> = site.loop_changes(trace);
    moments.extend(recorded);
    let mut samples = trace.pools.iter().peekable();
    for moment in moments {
        while let Some(sample) = samples.next_if(|sample| sample.at <= moment) {
            now[sample.pool.index()] = Some(*sample);
        }
        for (current, last) in now.iter().zip(&mut written) {
            // A deleted pool has no statistics.
            let Some(sample) = current.filter(|sample| sample.slots.is_some()) else {
                continue;
            };
            let same = |last: PoolSample| {
                PoolSample {
                    at: sample.at,
                    ..last
                } == sample
            };
            if last.is_none_or(|last| !same(last)) {
                *last = Some(sample);
                rows.insert(
                    format!(
                        "at={moment} pool={} ",
                        site.deployment.pools[sample.pool.index()].name
                    ),
                    pool_text(site, &sample),
                );
            }
        }
    }
    rows
}

fn pool_text(site: &Site, sample: &PoolSample) -> String {
    let slots = sample.slots.unwrap_or(0);
    let deferred = if site.deployment.pools[sample.pool.index()].include_deferred {
        sample.deferred
    } else {
        0
    };
    let open = match slots {
        -1 => "inf".to_owned(),
        _ => (slots - sample.running - sample.queued - deferred).to_string(),
    };
    format!(
        "total={slots} running_slots={} queued_slots={} scheduled_slots={} deferred_slots={} open_slots={open} ",
        sample.running, sample.queued, sample.scheduled, sample.deferred
    )
}

fn text(time: Option<SimTime>) -> String {
    time.map_or(String::new(), |time| time.to_string())
}

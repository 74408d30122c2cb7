//! Recorded histories for backtests: of the committed databases, and of sites that slotwise itself has simulated.

use std::collections::BTreeMap;

use slotwise::deployment::TaskInstanceState;
use slotwise::experiment::{Case, replicate};
use slotwise::scenario::Scenario;
use slotwise::trace::{
    FullTrace, History, RecordedPoke, RecordedRun, RecordedTry, TaskInstanceRecord,
};

/// What a metadata database would have recorded of one replication.
pub(crate) fn simulated_history(scenario: &Scenario, number: u64) -> History {
    let case = Case {
        scenario,
        policy: None,
    };
    let trace = replicate(&case.replication(number), FullTrace::default()).unwrap();
    history(scenario, &trace)
}

fn history(scenario: &Scenario, trace: &FullTrace) -> History {
    let deployment = &scenario.deployment;
    let mut history = History::default();
    let mut runs = BTreeMap::new();
    let mut rows: Vec<_> = trace.dag_runs.iter().collect();
    rows.sort_by_key(|row| (row.queued_at, row.dag));
    for row in rows {
        let date = row.logical_date.unwrap_or(row.name.run_after);
        runs.insert((row.dag, date), history.runs.len());
        history.runs.push(RecordedRun {
            dag_id: deployment.dags[row.dag.index()].dag_id.clone(),
            run_id: row.name.run_id(deployment),
            run_type: row.run_type.name().into(),
            logical_date: row.logical_date,
            run_after: row.name.run_after,
            queued_at: Some(row.queued_at),
            started_at: row.started_at,
            ended_at: row.ended_at,
            state: row.state,
        });
    }
    // The executions of each try in their order, as a database sees them: the last stays, pokes in vain leave a trace.
    let mut tries: BTreeMap<_, Vec<&TaskInstanceRecord>> = BTreeMap::new();
    for row in &trace.task_instances {
        let run = runs[&(row.dag, row.logical_date)];
        let name = (run, row.task, row.map_index, row.try_number);
        tries.entry(name).or_default().push(row);
    }
    let last_tries: BTreeMap<_, u32> = tries
        .keys()
        .map(|&(run, task, index, number)| ((run, task, index), number))
        .collect();
    for ((run, task, map_index, try_number), executions) in tries {
        let last = executions.iter().max_by_key(|row| row.segment).unwrap();
        let is_earlier = last_tries[&(run, task, map_index)] > try_number;
        for poke in &executions {
            if poke.state == TaskInstanceState::UpForReschedule {
                history.pokes.push(RecordedPoke {
                    of: history.tries.len(),
                    started_at: None,
                    ended_at: poke.ended_at.unwrap(),
                    next_at: poke.ended_at.unwrap(),
                });
            }
        }
        history
            .tries
            .push(recorded_try(scenario, run, last, is_earlier));
    }
    history.pokes.sort_by_key(|poke| poke.ended_at);
    history
}

/// The row that a database has of a try, which its last execution has written.
fn recorded_try(
    scenario: &Scenario,
    run: usize,
    last: &TaskInstanceRecord,
    is_earlier: bool,
) -> RecordedTry {
    let deployment = &scenario.deployment;
    RecordedTry {
        run,
        task_id: deployment.tasks[last.task.index()].task_id.clone(),
        map_index: last.map_index,
        try_number: last.try_number,
        state: match last.state {
            TaskInstanceState::UpForRetry if is_earlier => TaskInstanceState::Failed,
            state => state,
        },
        is_earlier,
        scheduled_at: last.scheduled_at,
        queued_at: last.queued_at,
        started_at: last.started_at,
        ended_at: last.ended_at,
        pool: deployment.pools[last.pool.index()].name.clone(),
        pool_slots: last.pool_slots,
        priority_weight: last.priority_weight,
    }
}

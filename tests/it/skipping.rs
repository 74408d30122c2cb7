//! The scheduler leaves out loops that cannot change anything, and looks only at what has changed. The history must
//! be the one of a scheduler without short cuts.

use crate::random_events::{any_disturbed_site, any_edited_site};
use crate::random_sites::{RandomSite, any_site, fixed};
use crate::sites::{at, simulation};
use proptest::prelude::*;
use slotwise::ids::PoolId;
use slotwise::time::SimTime;
use slotwise::trace::{
    DagRunRecord, FullTrace, LoopRecord, PoolSample, ResizeRecord, TaskInstanceRecord,
};
use std::collections::BTreeMap;

/// Facts in an order of their own: what happens in one loop happens at one moment, in no order that matters.
#[derive(Debug, PartialEq)]
struct History {
    task_instances: Vec<TaskInstanceRecord>,
    dag_runs: Vec<DagRunRecord>,
    /// The last sample of each moment.
    pools: BTreeMap<(SimTime, PoolId), PoolSample>,
    resizes: Vec<ResizeRecord>,
    /// Loops that queued something; the others may be left out.
    loops: Vec<LoopRecord>,
}

impl History {
    fn of(mut trace: FullTrace) -> Self {
        trace.task_instances.sort_by_key(|row| {
            (
                row.logical_date,
                row.dag,
                row.task,
                row.map_index,
                row.try_number,
                row.segment,
                row.ended_at,
                format!("{:?}", row.run),
            )
        });
        trace
            .dag_runs
            .sort_by_key(|run| (run.dag, format!("{:?}", run.name), run.queued_at));
        let pools = trace.pools.into_iter();
        Self {
            task_instances: trace.task_instances,
            dag_runs: trace.dag_runs,
            pools: pools
                .map(|sample| ((sample.at, sample.pool), sample))
                .collect(),
            resizes: trace.resizes,
            loops: trace
                .loops
                .into_iter()
                .filter(|row| row.queued > 0)
                .collect(),
        }
    }
}

fn history(random: &RandomSite, every_loop: bool) -> History {
    let site = random.in_airflow_mode();
    let mut simulation = simulation(
        &site,
        random.policy.as_ref(),
        random.seed,
        FullTrace::default(),
    );
    if every_loop {
        simulation.run_every_loop();
    }
    simulation.run_until(at(3_600.0));
    History::of(simulation.finish())
}

proptest! {
    // So many because one wrong short cut showed only once in 300 sites.
    #![proptest_config(fixed(600))]

    #[test]
    fn leaving_out_idle_loops_changes_nothing(random in any_site()) {
        compare(&random)?;
    }

    #[test]
    fn not_even_where_operators_break_in(random in any_disturbed_site()) {
        compare(&random)?;
    }

    #[test]
    fn nor_where_files_are_edited(random in any_edited_site()) {
        compare(&random)?;
    }
}

fn compare(random: &RandomSite) -> Result<(), TestCaseError> {
    let (quick, plain) = (history(random, false), history(random, true));
    let loops = quick.loops.iter().zip(&plain.loops);
    let first = { loops }.find(|(quick, plain)| quick != plain);
    prop_assert_eq!(first, None, "the loop that differs first");
    let runs = quick.dag_runs.iter().zip(&plain.dag_runs);
    let differing = runs.filter(|(quick, plain)| quick != plain);
    let first = differing.min_by_key(|(quick, plain)| quick.started_at.min(plain.started_at));
    prop_assert_eq!(first, None, "the run that differs first");
    for row in &quick.task_instances {
        if let (Some(scheduled), Some(queued), None) =
            (row.scheduled_at, row.queued_at, row.taken_at)
        {
            prop_assert_eq!(row.wait.total(), queued - scheduled, "the parts of a wait");
        }
    }
    let rows = quick.task_instances.iter().zip(&plain.task_instances);
    let differing = rows.filter(|(quick, plain)| quick != plain);
    let first = differing.min_by_key(|(quick, plain)| quick.queued_at.max(plain.queued_at));
    prop_assert_eq!(first, None, "the row that differs first");
    // Not `assert_eq`, whose message would be all rows of an hour.
    prop_assert!(quick == plain, "runs, pools or resizes differ");
    Ok(())
}

//! Random tasks for random sites: of every kind, with everything that they can depend on.

use crate::random_sites::{EXECUTORS, POOLS, QUEUES};
use proptest::prelude::*;
use slotwise::deployment::{
    Branch, Deferral, Mapping, RetryPolicy, ScopeRole, Sensor, SensorMode, SensorWait,
    ShortCircuit, Task, TaskKind, TriggerRule, WeightRule,
};
use slotwise::ids::{DagId, PoolId, TaskId};
use slotwise::random::Distribution;
use slotwise::time::SimDuration;

pub(crate) fn any_task() -> impl Strategy<Value = Task> {
    let rules = [
        WeightRule::Absolute,
        WeightRule::Downstream,
        WeightRule::Upstream,
    ];
    let limit = || prop::option::weighted(0.2, 1u32..3);
    let demands = (
        0..=POOLS,
        1u32..4,
        -1i64..4,
        prop::sample::select(rules.to_vec()),
    );
    let limits = (
        prop::option::weighted(0.3, 1u32..5),
        limit(),
        limit(),
        0..EXECUTORS,
        0..QUEUES,
    );
    (
        any_kind(),
        demands,
        limits,
        any_retry(),
        any_duration(),
        any_past(),
    )
        .prop_map(
            |(
                kind,
                (pool, pool_slots, weight, rule),
                (map, per_dag, per_run, executor, queue),
                retry,
                duration,
                (trigger_rule, depends_on_past, wait_for_downstream),
            )| Task {
                trigger_rule,
                depends_on_past,
                wait_for_downstream,
                skip_rate: if depends_on_past { 0.1 } else { 0.0 },
                lost_rate: if wait_for_downstream { 0.1 } else { 0.0 },
                kind,
                pool: PoolId::new(pool),
                pool_slots,
                priority_weight: weight,
                weight_rule: rule,
                executor,
                mapping: map.map(Mapping::Fixed),
                queue,
                max_active_tis_per_dag: per_dag,
                max_active_tis_per_dagrun: per_run,
                failure_rate: if retry.is_some() { 0.3 } else { 0.0 },
                retry: retry.unwrap_or_default(),
                duration,
                ..Task::named("", DagId::default())
            },
        )
}

fn any_retry() -> impl Strategy<Value = Option<RetryPolicy>> {
    let some =
        (0u32..3, 0i64..40, any::<bool>()).prop_map(|(retries, seconds, backs_off)| RetryPolicy {
            retries,
            retry_delay: SimDuration::from_seconds(seconds),
            retry_exponential_backoff: if backs_off { 2.0 } else { 0.0 },
            max_retry_delay: None,
        });
    prop::option::of(some)
}

fn any_duration() -> impl Strategy<Value = Distribution> {
    prop::sample::select(vec![
        Distribution::ZERO,
        Distribution::constant(7.0).unwrap(),
        Distribution::exponential(15.0).unwrap(),
        Distribution::exponential(60.0).unwrap(),
        Distribution::lognormal(40.0, 60.0).unwrap(),
    ])
}

/// Gives a task its name, its upstream tasks among those before it, and what else ties it to them.
pub(crate) fn place((position, (mut task, above)): (usize, (Task, u8))) -> Task {
    let is_above = |other: &usize| above >> other & 1 == 1;
    task.task_id = format!("task_{position}");
    task.upstream = (0..position).filter(is_above).map(TaskId::new).collect();
    // Each pushes a list, in case another is mapped over it; one list in four is empty.
    if task.mapping.is_none() {
        let lengths = [("low", 0.0), ("high", 3.0)];
        task.pushes = Some(Distribution::from_parameters("uniform", &lengths).unwrap());
    }
    match above >> 6 {
        0 if position == 0 => task.scope = ScopeRole::Setup,
        1 if !task.upstream.is_empty() => {
            task.scope = ScopeRole::Teardown {
                on_failure_fail_dagrun: above & 1 == 0,
            };
            task.trigger_rule = TriggerRule::AllDoneSetupSuccess;
        }
        _ => {}
    }
    task
}

/// Maps some of the tasks over lists of others, and lets branches choose, now that all are there.
pub(crate) fn tie(mut tasks: Vec<Task>, mut choice: u32) -> Vec<Task> {
    for at in 0..tasks.len() {
        choice = choice.rotate_left(3);
        let source = tasks[at].upstream.first().copied();
        if let Some(source) = source.filter(|source| tasks[source.index()].mapping.is_none())
            && choice.is_multiple_of(4)
        {
            tasks[at].mapping = Some(Mapping::Over(source));
        }
        let below: Vec<TaskId> = (0..tasks.len())
            .filter(|&below| tasks[below].upstream.contains(&TaskId::new(at)))
            .map(TaskId::new)
            .collect();
        if let TaskKind::Branch(branch) = &mut tasks[at].kind {
            let share = 0.9 / below.len().max(1) as f64;
            branch.ways = below.into_iter().map(|way| (way, share)).collect();
        }
    }
    tasks
}

fn any_past() -> impl Strategy<Value = (TriggerRule, bool, bool)> {
    let rules = TriggerRule::ALL.map(|(_, rule)| rule);
    let waited_for = rules
        .into_iter()
        .filter(|&rule| rule != TriggerRule::AllDoneSetupSuccess);
    let rule = prop_oneof![
        2 => Just(TriggerRule::AllSuccess),
        1 => prop::sample::select(waited_for.collect::<Vec<_>>()),
    ];
    (rule, prop::bool::weighted(0.1), prop::bool::weighted(0.05))
}

fn any_kind() -> impl Strategy<Value = TaskKind> {
    let some = || Distribution::exponential(40.0).unwrap();
    let seconds = SimDuration::from_seconds;
    let sensor = move |(poke, soft_fail, backoff): (bool, bool, bool)| {
        TaskKind::Sensor(Sensor {
            mode: if poke {
                SensorMode::Poke
            } else {
                SensorMode::Reschedule
            },
            poke_interval: seconds(9),
            timeout: seconds(70),
            soft_fail,
            exponential_backoff: backoff && !poke,
            max_wait: backoff.then(|| seconds(25)),
            wait: SensorWait::Time(some()),
        })
    };
    let deferrable = move |(timeout, start_from_trigger): (bool, bool)| {
        TaskKind::Deferrable(Deferral {
            wait: some(),
            timeout: timeout.then(|| seconds(50)),
            start_from_trigger,
        })
    };
    prop_oneof![
        6 => Just(TaskKind::Work),
        1 => Just(TaskKind::Empty),
        1 => Just(TaskKind::Branch(Branch::default())),
        1 => any::<bool>().prop_map(|ignore_downstream_trigger_rules| {
            TaskKind::ShortCircuit(ShortCircuit { stop_rate: 0.4, ignore_downstream_trigger_rules })
        }),
        1 => any::<(bool, bool, bool)>().prop_map(sensor),
        1 => any::<(bool, bool)>().prop_map(deferrable),
    ]
}

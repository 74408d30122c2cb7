//! Between a policy and its pool: decisions that are lost or late, and other hands on the pool.

use slotwise::airflow::{DynamicPoolError, DynamicPoolManager, PoolManager, Pools};
use slotwise::policy::{
    Fixed, GuardSpec, ManualChange, PolicyPlan, PolicySpec, PoolLoad, TargetUtilisation,
};
use slotwise::time::SimDuration;
use slotwise::trace::{FullTrace, ResizeRecord};

use crate::policy_failures::{Story, after, trace};
use crate::sites::{EVERY_SECOND, POOL, simulation, site};

/// Sixty slots are wanted from the first minute on.
const BUSY: Story = Story {
    slots: 4,
    dag: "schedule: '@once', tasks: {t: {pool: warehouse, map: 60, duration: {constant: 5h}}}",
    size: "{target_utilisation: {target: 1}}",
    horizon: "4h",
};

/// One slot more at each look, until there are twenty.
const CLIMBING: Story = Story {
    size: "{script: {text: 'if load.coming < 20.0 { load.coming + 1.0 }'}}",
    ..BUSY
};

/// The moment in minutes, the size before and after, and why.
fn told(rows: &[ResizeRecord]) -> Vec<(i64, i64, i64, &str)> {
    let minute = |row: &ResizeRecord| (row.at - after(0)).as_micros() / 60_000_000;
    rows.iter()
        .map(|row| (minute(row), row.from, row.to, row.reason.as_str()))
        .collect()
}

#[test]
fn a_lost_decision_leaves_the_size_and_is_tried_again_at_the_next_look() {
    let rows = BUSY.resizes("{max: 20, cool_down: 30m, failure: {probability: 0.5}}", "");
    let (lost, made): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.from == row.to);
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].from, made[0].to), (4, 20));
    // The cool-down does not begin with what did not happen: it was tried at each look before.
    let minutes: Vec<i64> = told(&rows).iter().map(|row| row.0).collect();
    assert_eq!(minutes, (0..rows.len() as i64).collect::<Vec<_>>());
    for row in &lost {
        assert_eq!((row.from, row.to), (4, 4));
        assert!(
            row.reason.contains("at most 20; lost on its way to 20"),
            "{}",
            row.reason
        );
    }
    assert!(!lost.is_empty(), "the luck of this seed has at least one");
}

#[test]
fn lost_decisions_are_no_resizes_and_may_be_all() {
    let rows = BUSY.resizes("{max: 20, failure: {probability: 1}}", "");
    assert_eq!(rows.len(), 241, "one at each look of four hours");
    assert!(rows.iter().all(|row| (row.from, row.to) == (4, 4)));
    let none = BUSY.resizes("{max: 20, failure: {probability: 0}}", "");
    assert_eq!(none, BUSY.resizes("{max: 20}", ""));
}

/// Whether a call is lost depends on the pool and the moment alone, so that two policies meet the same luck.
#[test]
fn two_policies_lose_the_same_calls() {
    let lost = |story: &Story| -> Vec<(i64, bool)> {
        let rows = story.resizes("{max: 60, failure: {probability: 0.4}}", "");
        let told = told(&rows);
        told.iter().map(|row| (row.0, row.1 == row.2)).collect()
    };
    let climbing = lost(&CLIMBING);
    let swinging = lost(&Story {
        size: "{script: {text: 'state.n = (state.n ?? 0) + 1; 10 + state.n % 2'}}",
        ..BUSY
    });
    let both = climbing
        .iter()
        .filter(|(minute, _)| swinging.iter().any(|(other, _)| other == minute));
    let agree = both.clone().filter(|one| swinging.contains(one)).count();
    assert!(
        agree > 8 && agree == both.count(),
        "{climbing:?} {swinging:?}"
    );
    assert!(climbing.iter().any(|(_, lost)| *lost) && climbing.iter().any(|(_, lost)| !*lost));
}

#[test]
fn a_decision_takes_effect_later_and_is_seen_as_pending_until_then() {
    let rows = BUSY.resizes("{max: 20, actuation_delay: 5m}", "");
    assert_eq!(rows.len(), 1, "what is under way is not asked for again");
    let row = told(&rows)[0];
    assert_eq!((row.0, row.1, row.2), (5, 4, 20));
    assert!(
        row.3.ends_with("; decided at 2026-01-05T00:00:00.000000Z"),
        "{}",
        row.3
    );

    // Each decision takes effect in its turn, and the next one builds on those under way.
    let rows = CLIMBING.resizes("{actuation_delay: 150s}", "");
    let sizes: Vec<(i64, i64)> = rows.iter().map(|row| (row.from, row.to)).collect();
    assert_eq!(
        sizes,
        (4..20).map(|size| (size, size + 1)).collect::<Vec<_>>()
    );
    assert_eq!(rows[0].at, after(0) + SimDuration::from_seconds(150));

    // A script may ask what is pending.
    let asking = Story {
        size: "{script: {text: 'if load.pending == () { #{slots: 9, reason: `${load.slots}`} } else { #{slots: 12, reason: `${load.pending}`} }'}}",
        ..BUSY
    };
    let rows = asking.resizes("{actuation_delay: 90s}", "");
    let reasons: Vec<&str> = rows[..2].iter().map(|row| &row.reason[..3]).collect();
    assert_eq!(reasons, ["4.0", "9.0"]);
}

const RESIZED_BY_HAND: &str = "events: [{at: 1h, resize: {pool: warehouse, slots: 6}}]";

#[test]
fn a_policy_stands_down_when_a_person_resizes_its_pool() {
    for guard in ["{max: 20}", "{max: 20, on_manual_change: stand_down}"] {
        let rows = BUSY.resizes(guard, RESIZED_BY_HAND);
        let told = told(&rows);
        assert_eq!((told[0].0, told[0].1, told[0].2), (0, 4, 20));
        assert_eq!(
            told[1..],
            [
                (60, 20, 6, "an operator resized it"),
                (
                    60,
                    6,
                    6,
                    "someone else resized it from 20 to 6: the policy stands down"
                ),
            ]
        );
    }
}

#[test]
fn a_policy_takes_its_pool_back_if_it_is_told_to() {
    let rows = BUSY.resizes("{max: 20, on_manual_change: take_over}", RESIZED_BY_HAND);
    let told = told(&rows);
    assert_eq!(told[1], (60, 20, 6, "an operator resized it"));
    let taken = "someone else resized it from 20 to 6: the policy takes over";
    assert_eq!(told[2], (60, 6, 6, taken));
    assert_eq!((told[3].0, told[3].1, told[3].2), (60, 6, 20));
    assert_eq!(told.len(), 4);
}

/// A person who acts while a decision is under way is not undone by it.
#[test]
fn a_decision_under_way_does_not_undo_what_a_person_did_meanwhile() {
    let by_hand = "events: [{at: 3m, resize: {pool: warehouse, slots: 2}}]";
    let late = |on_manual_change: &str| {
        let guard = format!("{{max: 20, actuation_delay: 5m, {on_manual_change}}}");
        BUSY.resizes(&guard, by_hand)
    };
    let rows = late("on_manual_change: stand_down");
    assert_eq!(rows[rows.len() - 1].to, 2);
    assert!(rows.iter().all(|row| row.to <= 4), "{rows:?}");
    let rows = late("on_manual_change: take_over");
    let last = &told(&rows)[rows.len() - 1];
    assert_eq!((last.0, last.1, last.2), (5, 2, 20));
}

#[test]
fn a_policy_stops_when_its_pool_is_deleted_and_says_so_once() {
    let events = "events:\n  - {at: 1h, delete: warehouse}\n  - {at: 2h, create: {pool: warehouse, slots: 5}}";
    for guard in ["{max: 20}", "{max: 20, on_manual_change: take_over}"] {
        let rows = BUSY.resizes(guard, events);
        let told = told(&rows);
        assert_eq!(
            told[1..],
            [
                (60, 20, 0, "an operator deleted it"),
                (60, 0, 0, "the pool was deleted: the policy stops"),
                (120, 0, 5, "an operator created it"),
            ]
        );
    }
    // One that was on its way comes too late.
    let rows = BUSY.resizes(
        "{max: 20, actuation_delay: 2h}",
        "events: [{at: 1h, delete: warehouse}]",
    );
    assert_eq!(told(&rows).len(), 2);
    assert!(rows.iter().all(|row| row.to == 0));
}

/// A pool that comes later is governed from then on.
#[test]
fn a_policy_waits_for_a_pool_that_is_created_later() {
    let events = "events: [{at: 30m, create: {pool: later, slots: 3}}]";
    let story = Story {
        dag: "schedule: '@once', tasks: {t: {pool: later, map: 60, duration: {constant: 5h}}, u: {pool: warehouse, duration: {constant: 1m}}}",
        ..BUSY
    };
    let mut scenario = story.scenario("{max: 20}", events);
    let later = scenario.deployment.pool_named("later").unwrap();
    scenario.policies[0].pools = vec![later];
    let rows = trace(&scenario).resizes;
    let told = told(&rows);
    assert_eq!(told[0], (30, 0, 3, "an operator created it"));
    assert_eq!((told[1].0, told[1].1, told[1].2), (30, 3, 20));
}

/// Whoever scales a pool by way of the manager does so with the policy's knowledge, and within its bounds.
#[test]
fn scaling_a_pool_goes_through_its_guard() {
    let idle = Story {
        dag: "schedule: '@once', tasks: {t: {pool: warehouse, map: 9, duration: {constant: 5h}}}",
        ..BUSY
    };
    let events = "events:\n  - {at: 1h, scale: {pool: warehouse, factor: 0.5}}\n  - {at: 2h, scale: {pool: warehouse, factor: 9}}";
    let rows = idle.resizes("{max: 20, cool_down: 30m}", events);
    let by_hand: Vec<_> = told(&rows)
        .into_iter()
        .filter(|row| row.3.contains("operator"))
        .collect();
    assert_eq!(
        by_hand,
        [
            (60, 9, 4, "an operator scaled it by 0.5"),
            (120, 9, 20, "an operator scaled it by 9"),
        ]
    );
    let by_policy: Vec<_> = told(&rows)
        .into_iter()
        .filter(|row| row.3.contains("utilisation"))
        .map(|row| row.0)
        .collect();
    assert_eq!(by_policy, [0, 60, 120], "it went on from there, at once");
    let unlimited = "events:\n  - {at: 1h, resize: {pool: warehouse, slots: -1}}\n  - {at: 2h, scale: {pool: warehouse, factor: 2}}";
    let rows = idle.resizes("{max: 20}", unlimited);
    let last = &rows[rows.len() - 1];
    assert_eq!((last.from, last.to), (-1, -1));
    assert_eq!(
        last.reason,
        "pool `warehouse` is unlimited and cannot be scaled"
    );
}

#[test]
fn two_policies_on_one_pool_are_refused() {
    let site = site(EVERY_SECOND, &[("pool", 4)]);
    let plan = |slots| PolicyPlan {
        pools: vec![POOL],
        every: SimDuration::from_seconds(60),
        size: Some(PolicySpec::Fixed(Fixed { slots })),
        guard: GuardSpec::default(),
    };
    let mut simulation = simulation(&site, Some(&plan(5)), 1, FullTrace::default());
    let refused = simulation.govern(&plan(6));
    assert_eq!(refused, Err(DynamicPoolError::HasPolicy("pool".into())));

    let mut pools = PoolManager::default();
    pools.create_pool("pool", 4, "").unwrap();
    let mut pools = DynamicPoolManager::new(pools);
    let policy = TargetUtilisation::new(0.8).policy();
    let refused = pools.attach(&["pool", "pool"], policy, GuardSpec::default());
    assert_eq!(refused, Err(DynamicPoolError::HasPolicy("pool".into())));
}

/// What holds in a simulation holds for any pools: a change by other means is noticed at the next adjustment.
#[test]
fn the_manager_of_any_pools_notices_other_hands() {
    let load = PoolLoad::of(0.9);
    let managed = |on_manual_change| {
        let mut pools = PoolManager::default();
        pools.create_pool("pool", 8, "").unwrap();
        let mut pools = DynamicPoolManager::new(pools);
        let guard = GuardSpec {
            on_manual_change,
            ..GuardSpec::default()
        };
        let policy = TargetUtilisation::new(0.6).policy();
        pools.attach(&["pool"], policy, guard).unwrap();
        assert_eq!(pools.adjust_pool_size("pool", &load), Ok(12));
        assert_eq!(pools.scale_pool("pool", 0.5), Ok(6));
        assert_eq!(pools.adjust_pool_size("pool", &load), Ok(9));
        pools.pools().resize_pool("pool", 2).unwrap();
        pools
    };
    let mut pools = managed(ManualChange::StandDown);
    assert!(pools.is_governed("pool"));
    assert_eq!(pools.adjust_pool_size("pool", &load), Ok(2));
    assert!(!pools.is_governed("pool"));
    let mut pools = managed(ManualChange::TakeOver);
    assert_eq!(pools.adjust_pool_size("pool", &load), Ok(3));
    assert!(pools.is_governed("pool"));
}

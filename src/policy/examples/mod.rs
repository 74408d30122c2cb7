//! Worked examples of the rules, from their sources: each case of `tests/data/policies/examples.json` holds.

mod estimating;
mod scaling;

use serde_json::Value;

use super::{Observation, PolicySpec, PoolLoad, SizingPolicy, whole_slots};
use crate::ids::PoolId;

const CASES: &str = include_str!("../../../tests/data/policies/examples.json");

/// Not of a policy: the manager of pools has this one among its own tests.
const ELSEWHERE: [&str; 1] = ["seed-scale-pool"];

#[test]
fn every_worked_example_holds() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.len(), 34);
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let held = scaling::holds(id, &case) || estimating::holds(id, &case);
        assert!(held || ELSEWHERE.contains(&id), "nobody looks at `{id}`");
    }
}

/// The number at a pointer of a case, such as `/inputs/current`.
fn number(case: &Value, pointer: &str) -> f64 {
    let value = case.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("{case} has no number at {pointer}"))
}

fn whole(case: &Value, pointer: &str) -> i64 {
    number(case, pointer) as i64
}

fn numbers(case: &Value, pointer: &str) -> Vec<f64> {
    let list = case.pointer(pointer).and_then(Value::as_array);
    let list = list.unwrap_or_else(|| panic!("{case} has no list at {pointer}"));
    list.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn assert_close(id: &str, found: f64, expected: f64, within: f64) {
    assert!(
        (found - expected).abs() <= within,
        "{id}: {found} instead of {expected}"
    );
}

/// What a policy wants for one pool, rounded as the guard does.
fn wanted(policy: &mut dyn SizingPolicy, load: PoolLoad) -> Option<i64> {
    let seen = Observation {
        time: load.time,
        pools: vec![(PoolId::new(0), load)],
    };
    let wish = policy.decide(&seen).pop();
    wish.map(|wish| whole_slots(wish.slots, f64::ceil))
}

/// What a policy that has seen nothing yet makes of a pool.
fn sized(spec: &PolicySpec, load: PoolLoad) -> i64 {
    wanted(&mut *spec.build(), load).unwrap_or(load.slots)
}

//! What a script is shown of a pool: every field of [`PoolLoad`], by its name.

use rhai::{Dynamic, Engine, EvalAltResult};

use crate::policy::PoolLoad;
use crate::time::SimDuration;

/// The load of a pool. Its figures are floating-point numbers, so that `/` divides as on paper; spans are in seconds; what
/// is not known is `()`.
#[derive(Clone, Copy)]
pub(super) struct Load(pub(super) PoolLoad);

/// The name of a field, and its value.
type Field<T> = (&'static str, fn(&PoolLoad) -> T);

/// Teaches the language to read a load.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Load>("load");
    let figures: [Field<f64>; 12] = [
        ("time", |load| load.time.as_micros() as f64 / 1e6),
        ("slots", |load| load.slots as f64),
        ("coming", |load| load.coming() as f64),
        ("running", |load| load.running as f64),
        ("queued", |load| load.queued as f64),
        ("scheduled", |load| load.scheduled as f64),
        ("deferred", |load| load.deferred as f64),
        ("occupied", |load| load.occupied() as f64),
        ("demand", |load| load.demand() as f64),
        ("arrived", |load| load.arrived as f64),
        ("finished", |load| load.finished as f64),
        ("failed", |load| load.failed as f64),
    ];
    let mut names = vec!["include_deferred"];
    for (name, figure) in figures {
        names.push(name);
        engine.register_get(name, move |load: &mut Load| figure(&load.0));
    }
    let unsure: [Field<Option<f64>>; 7] = [
        ("mean_wait", |load| load.mean_wait.map(seconds)),
        ("mean_service", |load| load.mean_service.map(seconds)),
        ("concurrency", |load| {
            load.resource.map(|one| f64::from(one.concurrency))
        }),
        ("slowdown", |load| load.resource.map(|one| one.slowdown)),
        ("calls_waiting", |load| {
            load.resource.map(|one| f64::from(one.calls_waiting))
        }),
        ("told", |load| load.told),
        ("pending", |load| load.pending.map(|slots| slots as f64)),
    ];
    for (name, figure) in unsure {
        names.push(name);
        engine.register_get(name, move |load: &mut Load| {
            figure(&load.0).map_or(Dynamic::UNIT, Dynamic::from_float)
        });
    }
    engine.register_get("include_deferred", |load: &mut Load| {
        load.0.include_deferred
    });
    names.rotate_left(1);
    // The language asks here for what it does not find.
    engine.register_indexer_get(
        move |_: &mut Load, name: &str| -> Result<Dynamic, Box<EvalAltResult>> {
            let known = names.join("`, `");
            Err(format!("`load` has no `{name}`, it has `{known}`").into())
        },
    );
}

fn seconds(span: SimDuration) -> f64 {
    span.as_micros() as f64 / 1e6
}

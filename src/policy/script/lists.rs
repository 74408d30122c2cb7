//! Lists of scripts: what a window of past loads needs.
//!
//! They are our own, because those of the language sort by what a script says and in an order that may be none.

use rhai::{Array, Dynamic, Engine, EvalAltResult};

use super::number;

type Result<T> = std::result::Result<T, Box<EvalAltResult>>;

pub(super) fn register(engine: &mut Engine) {
    engine.register_iterator::<Array>();
    engine.register_fn("len", |list: &mut Array| list.len() as i64);
    engine.register_get("len", |list: &mut Array| list.len() as i64);
    engine.register_fn("is_empty", |list: &mut Array| list.is_empty());
    engine.register_fn("clear", |list: &mut Array| list.clear());
    engine.register_fn("push", |list: &mut Array, item: Dynamic| list.push(item));
    engine.register_fn("pop", |list: &mut Array| list.pop().unwrap_or_default());
    engine.register_fn("shift", |list: &mut Array| {
        if list.is_empty() {
            Dynamic::UNIT
        } else {
            list.remove(0)
        }
    });
    engine.register_fn("sort", |list: &mut Array| -> Result<()> {
        numbers(list)?;
        // All are finite numbers, so that this is an order.
        list.sort_by(|a, b| {
            number(a)
                .unwrap_or(0.0)
                .total_cmp(&number(b).unwrap_or(0.0))
        });
        Ok(())
    });
    engine.register_fn("sum", |list: &mut Array| -> Result<f64> {
        Ok(numbers(list)?.iter().sum())
    });
    engine.register_fn("mean", |list: &mut Array| {
        of_some(list, |numbers| {
            numbers.iter().sum::<f64>() / numbers.len() as f64
        })
    });
    engine.register_fn("min", |list: &mut Array| {
        of_some(list, |numbers| {
            numbers.iter().copied().fold(f64::INFINITY, f64::min)
        })
    });
    engine.register_fn("max", |list: &mut Array| {
        of_some(list, |numbers| {
            numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        })
    });
}

/// A figure of a list of numbers; `()` of an empty one.
fn of_some(list: &Array, figure: fn(&[f64]) -> f64) -> Result<Dynamic> {
    let numbers = numbers(list)?;
    Ok(if numbers.is_empty() {
        Dynamic::UNIT
    } else {
        Dynamic::from_float(figure(&numbers))
    })
}

fn numbers(list: &Array) -> Result<Vec<f64>> {
    let of = |item: &Dynamic| {
        number(item).ok_or_else(|| format!("`{item}` in the list is no finite number").into())
    };
    list.iter().map(of).collect()
}

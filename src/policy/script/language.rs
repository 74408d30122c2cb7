//! The language of scripts: rhai, cut down to arithmetic, texts, lists and maps, and bounded in all it does.
//!
//! There is no file, network, clock, process or random number to reach, and nothing is printed. Logarithms and powers come
//! from `libm`, so that a script says the same on every processor: the operator `**` and pointers to functions, which could
//! call it by name, are left out.

use rhai::Engine;
use rhai::packages::{
    ArithmeticPackage, BasicIteratorPackage, BasicMapPackage, BasicStringPackage, LogicPackage,
    Package,
};

use super::{lists, load};

/// The most steps of one look at one pool.
pub(super) const OPERATIONS: u64 = 100_000;
/// The deepest call of functions within functions.
const CALLS: usize = 16;
/// The deepest nesting of an expression.
const DEPTH: usize = 32;
/// The most letters of a text, items of a list and entries of a map, each with all that is in it.
const LETTERS: usize = 10_000;
const ITEMS: usize = 10_000;
const ENTRIES: usize = 1_000;
const VARIABLES: usize = 100;
const FUNCTIONS: usize = 50;

/// What would reach beyond the script, or around what is left out.
const LEFT_OUT: [&str; 9] = [
    "**",
    "**=",
    "Fn",
    "call",
    "curry",
    "eval",
    "import",
    "export",
    "is_def_fn",
];

/// An engine that runs scripts of policies.
pub(super) fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    for symbol in LEFT_OUT {
        engine.disable_symbol(symbol);
    }
    engine
        .set_strict_variables(true)
        .set_allow_anonymous_fn(false)
        .set_max_operations(OPERATIONS)
        .set_max_call_levels(CALLS)
        .set_max_expr_depths(DEPTH, DEPTH)
        .set_max_string_size(LETTERS)
        .set_max_array_size(ITEMS)
        .set_max_map_size(ENTRIES)
        .set_max_variables(VARIABLES)
        .set_max_functions(FUNCTIONS)
        .on_print(|_| {})
        .on_debug(|_, _, _| {});
    mathematics(&mut engine);
    lists::register(&mut engine);
    load::register(&mut engine);
    engine
}

/// A function of one number.
type Function = fn(f64) -> f64;

/// Rounding, roots, powers and logarithms, of whole numbers too.
fn mathematics(engine: &mut Engine) {
    let of_one: [(&str, Function); 6] = [
        ("floor", f64::floor),
        ("ceil", f64::ceil),
        ("round", f64::round),
        ("sqrt", f64::sqrt),
        ("exp", libm::exp),
        ("ln", libm::log),
    ];
    for (name, function) in of_one {
        engine.register_fn(name, function);
        engine.register_fn(name, move |number: i64| function(number as f64));
    }
    engine.register_fn("pow", libm::pow);
    engine.register_fn("pow", |base: i64, power: f64| libm::pow(base as f64, power));
    engine.register_fn("pow", |base: f64, power: i64| libm::pow(base, power as f64));
    engine.register_fn("pow", |base: i64, power: i64| {
        libm::pow(base as f64, power as f64)
    });
    // The casts saturate.
    engine.register_fn("int", |number: f64| number as i64);
    engine.register_fn("int", |number: i64| number);
    engine.register_fn("float", |number: i64| number as f64);
    engine.register_fn("float", |number: f64| number);
}

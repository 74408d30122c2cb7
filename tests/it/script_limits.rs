//! A script can reach nothing but what it is shown, and whatever it does ends soon, small and without a panic.

use proptest::prelude::*;
use slotwise::policy::{PoolLoad, ResourceLoad, Script, ScriptSource};

const LOAD: PoolLoad = PoolLoad {
    slots: 8,
    running: 6,
    scheduled: 4,
    ..NOTHING
};

const NOTHING: PoolLoad = PoolLoad {
    time: slotwise::time::SimTime::from_micros(1_500_000),
    slots: 0,
    pending: None,
    running: 0,
    queued: 0,
    scheduled: 0,
    deferred: 0,
    include_deferred: false,
    arrived: 0,
    finished: 0,
    failed: 0,
    mean_wait: None,
    mean_service: None,
    resource: None,
    told: None,
};

/// What the script decides of the load, or what is said of it with the place.
fn outcome(text: &str) -> Result<Option<(f64, String)>, (String, String)> {
    let source = ScriptSource::of_file("a.rhai", text);
    let decision = Script::compile("mine", source).and_then(|script| script.try_on(&LOAD));
    decision.map_err(|error| {
        let at = error.place.text[error.place.bytes.clone()].to_owned();
        (error.message, at)
    })
}

fn slots(text: &str) -> f64 {
    let decision = outcome(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    decision
        .unwrap_or_else(|| panic!("{text} decides nothing"))
        .0
}

fn refused(text: &str) -> (String, String) {
    outcome(text).map_or_else(|error| error, |decided| panic!("{text}: {decided:?}"))
}

#[test]
fn every_field_of_a_load_is_seen_and_divides_as_on_paper() {
    assert!((slots("load.demand / load.slots") - 1.25).abs() < 1e-12);
    assert!((slots("load.time") - 1.5).abs() < 1e-12);
    let sum = "load.running + load.queued + load.scheduled + load.deferred + load.occupied + load.coming \
               + load.arrived + load.finished + load.failed";
    assert!((slots(sum) - (6.0 + 4.0 + 6.0 + 8.0)).abs() < 1e-12);
    for unknown in ["mean_wait", "mean_service", "told", "pending", "slowdown"] {
        assert!((slots(&format!("load.{unknown} ?? 7.0")) - 7.0).abs() < 1e-12);
    }
    assert!((slots("if load.include_deferred { 1 } else { 2 }") - 2.0).abs() < 1e-12);
}

/// The resource behind the pool, too.
#[test]
fn what_the_pool_protects_is_seen() {
    let load = PoolLoad {
        resource: Some(ResourceLoad {
            concurrency: 12,
            slowdown: 2.5,
            calls_waiting: 3,
        }),
        ..LOAD
    };
    let source = "load.concurrency * load.slowdown + load.calls_waiting";
    let script = Script::compile("mine", ScriptSource::of_file("a.rhai", source)).unwrap();
    let (slots, _) = script.try_on(&load).unwrap().unwrap();
    assert!((slots - 33.0).abs() < 1e-12);
}

/// What a script can ask for is what it is told to ask for.
#[test]
fn the_guide_names_every_field() {
    let guide = include_str!("../../docs/guides/your-own-policy.md");
    let (told, _) = refused("load.nothing");
    let fields: Vec<&str> = told.split('`').skip(5).step_by(2).collect();
    assert_eq!(fields.len(), 20, "{told}");
    for field in fields {
        assert!(guide.contains(&format!("`load.{field}`")), "{field}");
    }
}

#[test]
fn numbers_lists_and_maps_suffice_for_a_window_of_loads() {
    assert!(
        (slots("let a = [3, 1.5, 2]; a.sort(); a[0] + a.len() + a.max() + a.min()") - 9.0).abs()
            < 1e-12
    );
    assert!(
        (slots("let a = [3, 1]; a.push(5); a.shift(); a.sum() + a.mean()") - 9.0).abs() < 1e-12
    );
    assert!((slots("[].mean() ?? 4") - 4.0).abs() < 1e-12);
    assert!((slots("ceil(7 / 2.0) + floor(2.7) + round(2.5) + sqrt(16)") - 13.0).abs() < 1e-12);
    assert!((slots("pow(2, 10) + ln(exp(1.0)) + int(3.9) + float(1)") - 1_029.0).abs() < 1e-9);
    assert!((slots("fn twice(x) { x * 2 } twice(load.slots)") - 16.0).abs() < 1e-12);
    let counted = "let sum = 0; for i in 0..5 { sum += i; } for x in [1, 2] { sum += x; } sum";
    assert!((slots(counted) - 13.0).abs() < 1e-12);
    let refusal = refused("let a = [1, \"x\"]; a.sort()");
    assert!(
        refusal.0.contains("`x` in the list is no finite number"),
        "{refusal:?}"
    );
}

#[test]
fn a_decision_is_slots_a_map_or_nothing() {
    assert_eq!(outcome("12"), Ok(Some((12.0, "a.rhai".into()))));
    assert_eq!(outcome("()"), Ok(None));
    assert_eq!(outcome("if load.running > 9.0 { 3 }"), Ok(None));
    assert_eq!(
        outcome("#{slots: 2.5, reason: `demand ${int(load.demand)}`}"),
        Ok(Some((2.5, "demand 10".into())))
    );
    for wrong in [
        "true",
        "#{reason: \"x\"}",
        "1.0 / 0.0",
        "[1]",
        "#{slots: \"8\"}",
    ] {
        let (message, at) = refused(&format!("let x = 1;\n{wrong}\n\n"));
        assert!(message.starts_with("the script ends in `"), "{message}");
        assert_eq!(at, wrong, "the last line is shown");
    }
}

#[test]
fn errors_point_to_the_word() {
    let at = |text| refused(text).1;
    assert_eq!(at("let a = 1;\nlet b = lod.slots;\n"), "lod");
    assert_eq!(at("let a = 1;\nload.slts"), "slts");
    assert_eq!(at("fn f(x) {\n    x / \"a\"\n}\nf(1)"), "/");
    assert_eq!(refused("let a = ;").1, ";");
    assert_eq!(
        refused("1 +"),
        ("script is incomplete".into(), String::new())
    );
    assert_eq!(at("load.slots = 3.0; 1"), "slots");
    let (message, at_word) = refused("1 + load.slts");
    assert!(
        message.starts_with("`load` has no `slts`, it has `time`, `slots`"),
        "{message}"
    );
    assert_eq!(at_word, "slts");
    assert_eq!(at("throw \"no\""), "throw");
}

#[test]
fn nothing_outside_can_be_reached() {
    for text in [
        "import \"a\" as a; 1",
        "eval(\"1\")",
        "timestamp(); 1",
        "sleep(1); 1",
        "exit(1); 1",
        "open(\"/etc/passwd\")",
        "rand()",
        "2.0 ** 0.5",
        "let x = 2.0; x **= 0.5; x",
        "let f = Fn(\"**\"); f.call(2.0, 0.5)",
        "call(\"ln\", 2.0)",
        "let f = |x| x; 1",
        "parse_json(\"1\")",
        "sin(1.0)",
    ] {
        refused(text);
    }
    // It may be said, but nobody hears it.
    assert_eq!(
        outcome("print(\"x\"); debug(1); 5"),
        Ok(Some((5.0, "a.rhai".into())))
    );
}

#[test]
fn whatever_goes_on_too_long_or_grows_too_large_ends() {
    let told = |text| refused(text).0;
    assert_eq!(told("loop { }"), "the script takes more than 100000 steps");
    assert_eq!(
        told("let x = 0;\nwhile true { x += 1; }"),
        "the script takes more than 100000 steps"
    );
    for text in [
        "fn f(x) { f(x + 1) } f(0)",
        "let s = \"ab\"; loop { s += s; }",
        "let a = [1]; loop { a.push(a); }",
        "let a = [1, 2]; loop { a = [a, a]; }",
        "let a = []; loop { a.push(1); }",
        "let m = #{}; let i = 0; loop { i += 1; m[`k${i}`] = m; }",
        "let x = 9223372036854775807; x + 1",
        "1 / 0",
        "let a = [1]; a[5]",
    ] {
        let (message, _) = refused(text);
        assert!(!message.contains("steps"), "{text}: {message}");
    }
    refused(&format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)));
    refused(&"-".repeat(10_000));
    refused(&"fn f(x) { if x { ".repeat(2_000));
    let deep = format!(
        "fn f(x) {{ {}f(x + 1){} }} f(0)",
        "(1 + ".repeat(28),
        ")".repeat(28)
    );
    refused(&deep);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A valid script with a piece cut out and another put in gets further than noise does.
    #[test]
    fn no_script_makes_it_panic(at in 0usize..200, length in 0usize..30, patch in "[-a-z0-9:{}()\\[\\],.\"*&|#?;= \n]{0,12}") {
        let text = "let a = [3, load.slots]; a.push(2); a.sort(); state.x = (state.x ?? 0) + 1; \
                    fn g(y) { y * 2.0 } for i in 0..3 { a.push(g(i)); } #{slots: a.sum(), reason: `x ${a.len()}`}";
        let floor = |at: usize| at.min(text.len());
        let damaged = format!("{}{patch}{}", &text[..floor(at)], &text[floor(at + length)..]);
        let _ = outcome(&damaged);
    }
}

//! Every committed scenario reads without a problem, and every invalid one tells what is wrong with it.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use slotwise::scenario::{self, Color, Files, NoFiles, Setting};

/// The folder of a scenario, as the command line provides it.
pub(crate) struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, relative: &str) -> Result<String, String> {
        fs::read_to_string(self.0.join(relative)).map_err(|error| error.to_string())
    }
}

/// The scenarios of a folder of the package, by file name and in its order.
pub(crate) fn scenarios(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("the folder is committed");
    let mut found: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).expect("a scenario is text"))
        })
        .collect();
    found.sort();
    found
}

pub(crate) fn folder() -> Folder {
    Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"))
}

pub(crate) fn invalid_folder() -> Folder {
    Folder(folder().0.join("invalid"))
}

#[test]
fn every_scenario_reads_without_a_doubt() {
    let found = scenarios("scenarios");
    assert!(found.len() >= 7);
    for (name, text) in found.into_iter().chain(scenarios("scenarios/policies")) {
        let checked = scenario::read_with(&text, &name, &[], &folder());
        let checked = checked.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(checked.warnings.render(Color::Plain), "", "{name}");
        let stem = name.trim_end_matches(".yaml").replace('_', "-");
        assert_eq!(checked.value.name, stem, "the name is that of the file");
        assert!(checked.value.description.is_some(), "{name}");
    }
}

#[test]
fn the_starter_reads_without_a_doubt() {
    let checked = scenario::read(scenario::starter(), &NoFiles).unwrap();
    assert_eq!(checked.warnings.render(Color::Plain), "");
    assert_eq!(checked.value.policies.len(), 2);
}

#[test]
fn every_invalid_scenario_is_told_what_is_wrong_and_where() {
    for (name, text) in scenarios("scenarios/invalid") {
        let stem = name.trim_end_matches(".yaml");
        let problems = match scenario::read_with(&text, &name, &[], &invalid_folder()) {
            Ok(checked) => checked.warnings,
            Err(problems) => problems,
        };
        let code = stem.replacen("__", "::", 1);
        assert!(
            problems.list.iter().any(|problem| problem.code == code),
            "{name} is named after its code:\n{problems}"
        );
        insta::assert_snapshot!(stem, problems.render(Color::Plain));
    }
}

#[test]
fn reading_is_deterministic() {
    for (name, text) in scenarios("scenarios") {
        let read = || {
            let checked = scenario::read_with(&text, &name, &[], &folder()).unwrap();
            format!("{:?}", checked.value)
        };
        assert_eq!(read(), read());
    }
}

#[test]
fn settings_replace_values_and_are_blamed_for_them() {
    let text = fs::read_to_string(folder().0.join("catchup_backlog.yaml")).unwrap();
    let set = |path, value| {
        let settings = [Setting { path, value }];
        scenario::read_with(&text, "scenario.yaml", &settings, &NoFiles)
    };
    assert_eq!(set("seed", "77").unwrap().value.seed, 77);
    let slots = set("pools.database_pool.slots", "9")
        .unwrap()
        .value
        .deployment;
    let pool = slots.pool_named("database_pool").unwrap();
    assert_eq!(slots.pools[pool.index()].slots, 9);
    for (name, path, value) in [
        ("set_wrong_value", "horizon", "12"),
        ("set_unknown_key", "airflow.paralelism", "64"),
        ("set_unknown_name", "pools.database_pol.slots", "9"),
        (
            "set_late_check",
            "dags.business.tasks.serve.pool",
            "databse_pool",
        ),
        ("set_broken_value", "horizon", "[1, 2"),
    ] {
        insta::assert_snapshot!(name, set(path, value).unwrap_err().render(Color::Plain));
    }
}

/// Where `parallelism` bounds nothing, too small a one is no reason to warn.
#[test]
fn only_a_parallelism_that_binds_can_be_too_small() {
    let text = fs::read_to_string(folder().0.join("quickstart.yaml")).unwrap();
    let codes = |scheduler, parallelism| {
        let settings = [
            ("scheduler", scheduler),
            ("airflow.parallelism", parallelism),
        ];
        let settings = settings.map(|(path, value)| Setting { path, value });
        let checked = scenario::read_with(&text, "scenario.yaml", &settings, &NoFiles).unwrap();
        let warnings = checked.warnings.list.iter();
        warnings.map(|warning| warning.code).collect::<Vec<_>>()
    };
    let overload = vec!["parallelism::overload"];
    assert_eq!(codes("{airflow: {version: \"3\"}}", "1"), overload);
    assert_eq!(codes("{ideal: {}}", "1"), Vec::<&str>::new());
    assert_eq!(
        codes("{airflow: {version: \"2\"}}", "0"),
        Vec::<&str>::new()
    );
}

/// A hostile file ends in an error, quickly and within bounds.
#[test]
fn hostile_sizes_are_refused() {
    let code = |text: &str| scenario::read(text, &NoFiles).unwrap_err().list[0].code;
    let many =
        "horizon: 1d\ndags: {a: {count: 4000000000, tasks: {t: {duration: {constant: 1s}}}}}\n";
    assert_eq!(code(many), "size::too_many_tasks");
    assert_eq!(code(&"[".repeat(10_000)), "syntax::yaml");
    let wide =
        "horizon: 1d\ndags: {a: {tasks: {t: {map: 4000000000, duration: {constant: 1s}}}}}\n";
    assert_eq!(code(wide), "task::map_too_long");
    assert_eq!(
        code("horizon: 99999999999999d\ndags: {}\n"),
        "syntax::invalid_value"
    );
    assert_eq!(code(&"# \n".repeat(6 << 20)), "syntax::too_large");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = scenario::read(&text, &NoFiles);
    }

    /// A valid scenario with one piece cut out and another put in gets further than mere noise.
    #[test]
    fn no_damage_makes_the_reader_panic(at in 0usize..2000, length in 0usize..40, patch in "[-a-z0-9:{}\\[\\],.\"*& \n]{0,12}") {
        let text = scenario::starter();
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let damaged = format!("{}{patch}{}", &text[..floor(at)], &text[floor(at + length)..]);
        if let Err(problems) = scenario::read(&damaged, &NoFiles) {
            prop_assert!(!problems.render(Color::Plain).is_empty());
        }
    }

    #[test]
    fn no_setting_makes_the_reader_panic(path in "[a-z_.\"0-9]{0,20}", value in "\\PC{0,20}") {
        let settings = [Setting { path: &path, value: &value }];
        let _ = scenario::read_with(scenario::starter(), "starter.yaml", &settings, &NoFiles);
    }
}

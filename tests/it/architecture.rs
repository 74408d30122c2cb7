//! The house guards itself: layers, the rim, file sizes, names and module comments.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use slotwise::policy::PolicySpec;
use slotwise::scenario;

use crate::scenarios::{folder, scenarios};

/// Lowest first; a module imports only lower layers, and neighbours on a layer are strangers.
const LAYERS: [&[&str]; 8] = [
    &["time", "ids"],
    &["engine", "random", "stats"],
    &["deployment"],
    &["policy", "trace"],
    &["airflow", "metrics", "scenario", "calibrate"],
    &["experiment"],
    &["report", "import", "live", "shard"],
    &["cli"],
];

/// Only here may files, sockets, the environment, the clock and the terminal be touched.
const RIM: [&str; 5] = ["import", "live", "shard", "cli", "main"];

/// What only the rim may name.
const WORLD: [&str; 15] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Instant",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "stdin()",
    "stdout()",
    "stderr()",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
];

/// Lines of the longest file, tests included.
const LONGEST_FILE: usize = 500;

/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 0] = [];

struct Source {
    /// Below the package, with `/` between folders.
    path: String,
    text: String,
}

impl Source {
    /// The top-level module it belongs to.
    fn module(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or("");
        let end = below.find(['/', '.']).unwrap_or(below.len());
        &below[..end]
    }

    /// The code without its comments, which may speak of everything.
    fn code(&self) -> String {
        self.text
            .lines()
            .flat_map(|line| [line.split_once("//").map_or(line, |(code, _)| code), "\n"])
            .collect()
    }
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the package; none if there is no such folder.
fn files(folder: &str, ending: &str) -> Vec<Source> {
    let mut folders = vec![package().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                found.push(source(&path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(path: &PathBuf) -> Source {
    let below = path.strip_prefix(package()).unwrap();
    Source {
        path: below.to_str().unwrap().replace('\\', "/"),
        text: fs::read_to_string(path).unwrap(),
    }
}

fn rust() -> Vec<Source> {
    let mut all = files("src", "rs");
    all.extend(files("tests", "rs"));
    assert!(all.len() > 10, "the sources were not found");
    all
}

/// The first names after `root::` in paths and in groups: `root::{a::b, c}` has `a` and `c`.
fn names_below(root: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(&format!("{root}::")) {
        let is_whole = !code[..at].ends_with(is_name);
        let rest = &code[at + root.len() + 2..];
        if is_whole && let Some(group) = rest.strip_prefix('{') {
            found.extend(group_heads(group));
        } else if is_whole {
            found.insert(name(rest));
        }
    }
    found
}

/// The first name of every member of a group, whose opening brace has been passed.
fn group_heads(group: &str) -> Vec<String> {
    let (mut heads, mut depth) = (vec![name(group)], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn name(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|&c| is_name(c))
        .collect()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(is_name) && !code[at + word.len()..].starts_with(is_name)
    })
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_module_imports_only_lower_layers() {
    let mut faults = Vec::new();
    for file in files("src", "rs") {
        let module = file.module();
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let Some(own) = layer(module) else {
            faults.push(format!("{}: give `{module}` a layer", file.path));
            continue;
        };
        for other in names_below("crate", &file.code()) {
            if other != module && layer(&other).is_some_and(|other| other >= own) {
                faults.push(format!("{}: `{module}` imports `{other}`", file.path));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn only_the_rim_touches_the_world() {
    let mut faults = Vec::new();
    for file in files("src", "rs") {
        if RIM.contains(&file.module()) {
            continue;
        }
        let code = file.code();
        let std = names_below("std", &code);
        for thing in WORLD {
            let is_named = match thing.strip_prefix("std::") {
                Some(module) => std.contains(module),
                None => has_word(&code, thing),
            };
            if is_named {
                faults.push(format!("{}: `{thing}` belongs to the rim", file.path));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn every_file_begins_with_a_comment_that_says_what_it_is() {
    let silent = rust()
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "));
    assert_none(&silent.map(|file| file.path).collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let is_excused = |path: &str| LONG_FILES.iter().any(|(known, _)| *known == path);
    let length = |file: &Source| file.text.lines().count();
    let long = rust()
        .into_iter()
        .filter(|file| length(file) > LONGEST_FILE && !is_excused(&file.path))
        .map(|file| format!("{}: {} lines", file.path, length(&file)));
    assert_none(&long.collect::<Vec<_>>());
}

#[test]
fn no_file_has_a_name_without_meaning() {
    let says_nothing = |part: &str| ["utils", "util", "helpers", "common", "misc"].contains(&part);
    let meaningless = rust()
        .into_iter()
        .map(|file| file.path)
        .filter(|path| path.split(['/', '.']).any(says_nothing));
    assert_none(&meaningless.collect::<Vec<_>>());
}

#[test]
fn every_scenario_is_named_in_the_readme_or_the_docs() {
    let mut pages: String = files("docs", "md")
        .into_iter()
        .map(|page| page.text)
        .collect();
    pages += &fs::read_to_string(package().join("README.md")).unwrap_or_default();
    let forgotten = files("scenarios", "yaml")
        .into_iter()
        .map(|scenario| scenario.path)
        .filter(|path| !path.starts_with("scenarios/invalid/") && !pages.contains(path.as_str()));
    assert_none(&forgotten.collect::<Vec<_>>());
}

#[test]
fn every_policy_has_a_scenario() {
    let described = PolicySpec::DESCRIPTIONS.iter().map(|rule| rule.name);
    let known: BTreeSet<String> = described.map(|name| name.replace('_', "")).collect();
    let mut used = BTreeSet::new();
    for (file, text) in scenarios("scenarios") {
        let checked = scenario::read_with(&text, &file, &[], &folder()).unwrap();
        let sizes = checked.value.policies.values();
        // What `Debug` writes begins with the name of the arm.
        let arms = sizes.filter_map(|plan| plan.size.as_ref().map(|spec| format!("{spec:?}")));
        used.extend(arms.map(|arm| name(&arm).to_lowercase()));
    }
    assert!(used.contains("timeofday"), "the arms were not found");
    let unused = known.difference(&used);
    assert_none(&unused.cloned().collect::<Vec<_>>());
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::{\n    a::{b, c},\n    d,\n};\nlet x = crate::e::f(mycrate::g);";
    assert_eq!(
        names_below("crate", code).into_iter().collect::<Vec<_>>(),
        ["a", "d", "e"]
    );
}

#[test]
fn words_are_found_whole() {
    assert!(has_word("let at = Instant::now();", "Instant"));
    assert!(!has_word("InstantNoodles, eprintln!", "Instant"));
    assert!(!has_word("eprintln!(x)", "println!"));
}

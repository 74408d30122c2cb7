//! What the pages show works: scenarios are read, commands are understood, links lead somewhere.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use slotwise::cli::Cli;
use slotwise::scenario::{self, NoFiles};

/// The pages of the project, each with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![package.join("docs")];
    let mut found: Vec<PathBuf> = markdown_in(package).collect();
    found.extend(markdown_in(&package.join("output")));
    while let Some(folder) = folders.pop() {
        found.extend(markdown_in(&folder));
        folders.extend(entries(&folder).filter(|path| path.is_dir()));
    }
    found.sort();
    assert!(found.len() > 20, "the pages were not found");
    let with_text = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    };
    found.into_iter().map(with_text).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
}

fn markdown_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    entries(folder).filter(|path| path.extension().is_some_and(|extension| extension == "md"))
}

/// The fenced blocks of that language.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    let starts = page.split(fence.as_str()).skip(1);
    starts
        .map(|rest| rest.split("\n```").next().unwrap_or(rest))
        .collect()
}

#[test]
fn every_scenario_of_the_docs_can_be_read() {
    let mut read = 0;
    for (path, page) in pages() {
        for text in blocks(&page, "yaml") {
            if text.starts_with("# scenario") {
                read += 1;
                let checked = scenario::read(text, &NoFiles);
                let checked = checked.unwrap_or_else(|bad| panic!("{}:\n{bad}", path.display()));
                let doubts = checked.warnings.to_string();
                assert_eq!(doubts, "", "{}", path.display());
            }
        }
    }
    assert!(read > 0, "no page shows a scenario");
}

#[test]
fn every_command_of_the_docs_is_understood() {
    let mut understood = 0;
    for (path, page) in pages() {
        let lines = blocks(&page, "console").into_iter().flat_map(str::lines);
        for line in lines.filter(|line| line.starts_with("$ slotwise ")) {
            understood += 1;
            // What a shell takes for a remark is one.
            let words = line.split_whitespace().skip(1);
            let words = words.take_while(|word| *word != "#");
            let parsed = Cli::try_parse_from(words.map(|word| word.replace(['\'', '"'], "")));
            assert!(parsed.is_ok(), "{}: {line}\n{parsed:?}", path.display());
        }
    }
    assert!(understood > 0, "no page shows a command");
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for (path, page) in pages() {
        for target in page.split("](").skip(1) {
            let target = target.split([')', '#']).next().unwrap_or_default();
            let here = path.parent().unwrap().join(target);
            if !target.contains("://") && !here.exists() {
                dead.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "\n{}", dead.join("\n"));
}

/// What a page quotes between backquotes, outside of blocks.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// Whether a test `path::function` exists; the path is a module of these tests or a file of the sources.
fn has_test(name: &str) -> bool {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some((module, function)) = name.rsplit_once("::") else {
        return false;
    };
    let file = if module.starts_with("src/") {
        package.join(module)
    } else {
        package.join(format!("tests/it/{module}.rs"))
    };
    let text = fs::read_to_string(file).unwrap_or_default();
    let after_mark = |rest: &str| rest.trim_start().starts_with(&format!("fn {function}("));
    text.split("#[test]").skip(1).any(after_mark)
}

#[test]
fn the_semantics_name_what_exists() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(package.join("docs/reference/semantics.md")).unwrap();
    let traces = package.join("tests/data/airflow/traces");
    let (mut tests, mut paths, mut recorded, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for name in quoted(&page) {
        let exists = if name.contains("::") {
            tests += 1;
            has_test(name)
        } else if name.starts_with("src/") || name.starts_with("tests/") {
            paths += 1;
            package.join(name).exists()
        } else if name.starts_with(|c: char| c.is_ascii_digit()) {
            recorded.push(name);
            traces.join(format!("{name}.trace.csv.gz")).exists()
        } else {
            continue;
        };
        if !exists {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "not there: {wrong:?}");
    assert!(tests > 30 && paths > 30, "the table was not found");
    let scenarios = entries(&traces).filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        name.strip_suffix(".scenario.json.gz").map(str::to_owned)
    });
    let unnamed: Vec<String> = scenarios
        .filter(|name| !recorded.contains(&name.as_str()))
        .collect();
    assert!(unnamed.is_empty(), "traces without a point: {unnamed:?}");
}

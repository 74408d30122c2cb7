//! The generated pages of `docs/reference/` say what the code says, and the README shows what it prints.
//!
//! `UPDATE_REFERENCE=1 cargo test reference` writes the pages and the picture anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anstream::adapter::strip_str;
use slotwise::experiment::{Replication, summarise};
use slotwise::policy::{ParameterDefault, ParameterKind, PolicyDescription, PolicySpec};
use slotwise::random::{Distribution, FamilyDescription, Quantity};
use slotwise::report::charts::{self, Chart, ImageFormat};
use slotwise::report::document::Document;
use slotwise::report::{OutputFormat, RunHeading, RunReport, summary};
use slotwise::scenario::{self, Severity};
use slotwise::trace::{Better, EntityKind, Indicator, SpanKind, Statistic};

use crate::scenarios::{folder, invalid_folder, scenarios};

/// Where the hand-written beginning of a page ends.
const MARK: &str =
    "<!-- Generated from here on by tests/it/reference.rs: change the code, not this page. -->\n";

/// Compares what stands below the mark of a page with what should.
fn check_below_mark(page: &str, text: &str) {
    let committed = fs::read_to_string(path_of(page)).unwrap();
    let (beginning, _) = committed.split_once(MARK).expect("the page has the mark");
    check(page, &format!("{beginning}{MARK}{text}"));
}

/// Compares a page with what it should be, or writes it.
fn check(page: &str, text: &str) {
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(path_of(page), text).unwrap();
    }
    let committed = fs::read_to_string(path_of(page)).unwrap_or_default();
    assert!(
        committed == text,
        "docs/reference/{page} is stale: run `UPDATE_REFERENCE=1 cargo test reference`"
    );
}

fn path_of(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(page)
}

/// What `slotwise run scenarios/quickstart.yaml` reports.
fn quickstart() -> RunReport {
    let (file, text) = scenarios("scenarios")
        .into_iter()
        .find(|(file, _)| file == "quickstart.yaml")
        .unwrap();
    let scenario = scenario::read_with(&text, &file, &[], &folder())
        .unwrap()
        .value;
    let replication = Replication {
        scenario: &scenario,
        policy: None,
        number: 0,
    };
    let heading = RunHeading {
        scenario: scenario.name.clone(),
        seed: scenario.seed,
        ..RunHeading::default()
    };
    let summary = summarise(&replication).unwrap();
    RunReport::new(heading, &scenario.deployment, &summary)
}

#[test]
fn the_readme_shows_what_the_quickstart_prints() {
    let readme = include_str!("../../README.md");
    let printed = summary(&quickstart(), OutputFormat::Table, 80);
    let printed = strip_str(&printed).to_string();
    let pools = printed.split("\n\ndag ").next().unwrap();
    assert!(
        readme.contains(pools),
        "the README's excerpt is stale, it should be:\n{pools}"
    );
}

#[test]
fn the_picture_of_the_readme_is_fresh() {
    let picture = charts::draw(Chart::Occupancy, &quickstart(), ImageFormat::Svg).unwrap();
    let picture = String::from_utf8(picture).unwrap();
    check("../images/occupancy.svg", &picture);
}

#[test]
fn the_schema_is_fresh() {
    check("scenario.schema.json", &scenario::schema());
}

#[test]
fn the_schema_of_reports_is_fresh() {
    check("report.schema.json", &Document::schema());
}

#[test]
fn the_distributions_are_fresh() {
    let page: String = Distribution::FAMILIES.iter().map(section_of).collect();
    check_below_mark("distributions.md", &page);
}

fn section_of(family: &FamilyDescription) -> String {
    let FamilyDescription { name, summary, .. } = family;
    let mut section = format!("\n## `{name}`\n\nIn short: {summary}.\n\n");
    let parameters = match *name {
        "empirical" => "`values`, or `csv` and `column`; `mode`".to_owned(),
        "mixture" => "`components`, each with `weight` and `distribution`".to_owned(),
        _ => family.combinations_in_words(),
    };
    let _ = writeln!(section, "- Give {parameters}.");
    let plain: Vec<_> = family
        .parameters()
        .into_iter()
        .filter(|parameter| Quantity::of(parameter) == Quantity::Plain)
        .map(|parameter| format!("`{parameter}`"))
        .collect();
    if !plain.is_empty() {
        let _ = writeln!(section, "- Without a unit: {}.", plain.join(", "));
    }
    let _ = writeln!(
        section,
        "- Formulas and source: `src/random/distribution/{name}.rs`."
    );
    section
}

#[test]
fn the_policies_are_fresh() {
    let page: String = PolicySpec::DESCRIPTIONS.iter().map(rule_of).collect();
    check_below_mark("policies.md", &page);
}

fn rule_of(rule: &PolicyDescription) -> String {
    let PolicyDescription { name, summary, .. } = rule;
    let mut section = format!(
        "\n## `{name}`\n\nIn short: {summary}.\n\n| Parameter | Default | Meaning |\n|---|---|---|\n"
    );
    for parameter in rule.parameters {
        let default = match parameter.default {
            ParameterDefault::Required => "required".to_owned(),
            ParameterDefault::Absent => "none".to_owned(),
            ParameterDefault::Number(number) => number.to_string(),
            ParameterDefault::Seconds(seconds) if seconds % 86_400 == 0 => {
                format!("`{}d`", seconds / 86_400)
            }
            ParameterDefault::Seconds(seconds) if seconds % 3_600 == 0 => {
                format!("`{}h`", seconds / 3_600)
            }
            ParameterDefault::Seconds(seconds) => format!("`{}m`", seconds / 60),
            ParameterDefault::Name(name) => format!("`{name}`"),
        };
        let kind = match parameter.kind {
            ParameterKind::Number(least, most) => format!("a number from {least} to {most}"),
            ParameterKind::Above(least, most) => format!("a number above {least} and up to {most}"),
            ParameterKind::Whole(least, u32::MAX) => format!("a whole number from {least} up"),
            ParameterKind::Whole(least, most) => format!("a whole number from {least} to {most}"),
            ParameterKind::Duration => "a duration".to_owned(),
            ParameterKind::Choice(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                names.join(" or ")
            }
            ParameterKind::Steps => "steps".to_owned(),
        };
        let _ = writeln!(
            section,
            "| `{}` | {default} | {}; {kind} |",
            parameter.name, parameter.meaning
        );
    }
    let _ = writeln!(section, "\nFormulas and source: `src/policy/{name}.rs`.");
    section
}

#[test]
fn the_indicators_are_fresh() {
    let mut page = String::new();
    page += "\n| Indicator | Unit | Better | Of | Meaning |\n|---|---|---|---|---|\n";
    for indicator in Indicator::all().filter(|it| !matches!(it, Indicator::Span(..))) {
        page += &row_of(indicator, &indicator.to_string());
    }
    let statistics = Statistic::ALL
        .map(|it| format!("`_{}`", it.name()))
        .join(", ");
    let _ = write!(
        page,
        "\nSpans of time have six figures each, named by an ending: {statistics}; `pool_wait_p95` is the 95 % quantile \
         of the pool wait. Means and maxima are exact, quantiles within 1/128.\n\n\
         | Span | Unit | Better | Of | Meaning |\n|---|---|---|---|---|\n"
    );
    for kind in SpanKind::ALL {
        page += &row_of(Indicator::Span(kind, Statistic::Mean), kind.name());
    }
    check_below_mark("indicators.md", &page);
}

fn row_of(indicator: Indicator, name: &str) -> String {
    let better = match indicator.better() {
        Better::Higher => "higher",
        Better::Lower => "lower",
        Better::Neither => "depends",
    };
    let kinds = [
        EntityKind::Site,
        EntityKind::Pool,
        EntityKind::Resource,
        EntityKind::Dag,
        EntityKind::Task,
    ];
    let of: Vec<&str> = kinds
        .into_iter()
        .filter(|&kind| indicator.applies_to(kind))
        .map(EntityKind::name)
        .collect();
    format!(
        "| `{name}` | {} | {better} | {} | {} |\n",
        indicator.unit(),
        of.join(", "),
        indicator.meaning()
    )
}

#[test]
fn the_diagnostics_are_fresh() {
    let mut page = String::new();
    page += "\n| Code | Severity | For example |\n|---|---|---|\n";
    for (file, text) in scenarios("scenarios/invalid") {
        let problems = match scenario::read_with(&text, &file, &[], &invalid_folder()) {
            Ok(checked) => checked.warnings,
            Err(problems) => problems,
        };
        let code = file.trim_end_matches(".yaml").replacen("__", "::", 1);
        let problem = problems.list.iter().find(|problem| problem.code == code);
        let problem = problem.expect("an invalid scenario is named after its code");
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let message = problem.message.replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(
            page,
            "| [`{code}`](../../scenarios/invalid/{file}) | {severity} | {message} |"
        );
    }
    check_below_mark("diagnostics.md", &page);
}

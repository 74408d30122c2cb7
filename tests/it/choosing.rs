//! The guide to choosing a policy: each policy where it wins and where it loses, by paired intervals, and the tables of
//! the page.
//!
//! `UPDATE_REFERENCE=1 cargo test choosing` writes the tables anew.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use slotwise::experiment::{
    Comparison, Contender, Difference, DifferenceVerdict, Estimate, Figure, Plan, compare,
};
use slotwise::policy::PolicySpec;
use slotwise::scenario::{self, NoFiles, Scenario, Setting};

use DifferenceVerdict::{Better, Worse};

/// The load shapes, a file of `scenarios/policies/` each.
const SHAPES: [&str; 5] = [
    "steady",
    "office_hours",
    "bursts",
    "oversized",
    "choking_database",
];

/// Where each policy is shown to cost less than the fixed pool, where more, and than what that is.
///
/// The loads were made with other seeds than theirs, so what is shown on them was not looked for in the same luck.
const CLAIMS: [(&str, &str, &str, &str); 16] = [
    ("schedule", "office_hours", "steady", "fixed"),
    ("threshold_steps", "office_hours", "steady", "fixed"),
    (
        "target_utilisation",
        "office_hours",
        "choking_database",
        "fixed",
    ),
    ("target_tracking", "office_hours", "steady", "fixed"),
    ("backlog_per_slot", "bursts", "choking_database", "fixed"),
    ("keda", "oversized", "office_hours", "fixed"),
    ("mwaa", "oversized", "office_hours", "fixed"),
    ("composer", "oversized", "office_hours", "fixed"),
    ("percentile", "oversized", "office_hours", "schedule"),
    ("aimd", "choking_database", "office_hours", "fixed"),
    ("gradient2", "choking_database", "office_hours", "fixed"),
    ("vegas", "choking_database", "office_hours", "fixed"),
    ("pid", "bursts", "choking_database", "fixed"),
    ("staffing", "office_hours", "choking_database", "aimd"),
    ("seasonal_naive", "oversized", "steady", "fixed"),
    ("holt_winters", "office_hours", "steady", "fixed"),
];

static COMPARISONS: LazyLock<Vec<Comparison>> = LazyLock::new(|| {
    let of_shape = |shape: &&str| all_policies(&read(&format!("policies/{shape}.yaml"), &[]), None);
    SHAPES.iter().map(of_shape).collect()
});

fn read(file: &str, settings: &[Setting<'_>]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(file);
    let text = fs::read_to_string(path).unwrap();
    let checked = scenario::read_with(&text, file, settings, &NoFiles);
    checked
        .unwrap_or_else(|problems| panic!("{problems}"))
        .value
}

/// What `slotwise compare` compares.
fn all_policies(scenario: &Scenario, replications: Option<u32>) -> Comparison {
    let policies = scenario.policies.iter();
    let contenders: Vec<Contender<'_>> = policies
        .map(|(name, plan)| Contender {
            name,
            scenario,
            policy: Some(plan),
        })
        .collect();
    let replications = replications.or(scenario.replications).unwrap();
    compare(
        &contenders,
        &Plan::new(replications, 0.95).unwrap(),
        &|_| {},
    )
    .unwrap()
}

fn figure<'a>(comparison: &'a Comparison, kind: &str, name: &str, indicator: &str) -> &'a Figure {
    let mut figures = comparison.figures.iter();
    let is_it = |one: &&Figure| {
        one.kind == kind && one.indicator == indicator && (kind == "site" || one.name == name)
    };
    figures.find(is_it).unwrap()
}

fn cost<'a>(shape: &str, policy: &str) -> &'a Estimate {
    let at = SHAPES.iter().position(|one| *one == shape).unwrap();
    let comparison = &COMPARISONS[at];
    let mut alternatives = comparison.alternatives.iter();
    let policy = alternatives.position(|one| one.name == policy).unwrap();
    &figure(comparison, "site", "", "cost").estimates[policy]
}

#[test]
fn every_policy_wins_somewhere_and_loses_somewhere() {
    for (policy, wins, loses, to) in CLAIMS {
        let won = cost(wins, policy).difference.unwrap();
        assert_eq!(won.verdict, Better, "{policy} on {wins}: {won:?}");
        let lost = match to {
            "fixed" => cost(loses, policy).difference.unwrap(),
            other => against(other, policy, loses),
        };
        assert_eq!(lost.verdict, Worse, "{policy} on {loses}: {lost:?}");
    }
}

/// How the cost of a policy differs from that of another one than the fixed pool.
fn against(baseline: &str, policy: &str, shape: &str) -> Difference {
    let mut scenario = read(&format!("policies/{shape}.yaml"), &[]);
    let two = [baseline, policy].map(|name| (name.to_owned(), scenario.policies[name].clone()));
    scenario.policies = two.into_iter().collect();
    let comparison = all_policies(&scenario, None);
    figure(&comparison, "site", "", "cost").estimates[1]
        .difference
        .unwrap()
}

/// How many policies are shown to be so on this load, against the fixed pool.
fn shown(shape: &str, verdict: DifferenceVerdict) -> usize {
    let is_so =
        |policy: &&(&str, _, _, _)| cost(shape, policy.0).difference.unwrap().verdict == verdict;
    CLAIMS.iter().filter(is_so).count()
}

#[test]
fn a_pool_that_is_sized_well_for_a_steady_load_is_hard_to_beat() {
    assert!(shown("steady", Worse) > CLAIMS.len() / 2);
    for shape in &SHAPES[1..] {
        assert!(shown(shape, Better) >= 4, "{shape}");
    }
}

#[test]
fn every_built_in_policy_takes_part() {
    let mut named: Vec<&str> = CLAIMS.iter().map(|claim| claim.0).collect();
    named.push("fixed");
    // Windows of the day have no parameters, and so no description.
    let described = PolicySpec::DESCRIPTIONS.iter().map(|one| one.name);
    for policy in described.chain(["schedule"]) {
        assert!(
            named.contains(&policy),
            "`{policy}` has no part in the guide"
        );
    }
    for comparison in COMPARISONS.iter() {
        let alternatives: Vec<&str> = comparison
            .alternatives
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(alternatives.len(), named.len());
        assert!(named.iter().all(|name| alternatives.contains(name)));
    }
}

#[test]
fn the_guide_to_choosing_a_policy_is_fresh() {
    let plain = read("pool_aware_etl.yaml", &[]);
    let protected = read(
        "pool_aware_etl.yaml",
        &[
            Setting {
                path: "resources",
                value: "{warehouse_db: {slowdown: {usl: {contention: 0.01, coherency: 0.01}}}}",
            },
            Setting {
                path: "pools.database_pool.resource",
                value: "warehouse_db",
            },
        ],
    );
    let mut page = fs::read_to_string(path()).unwrap();
    for (name, table) in [
        ("shapes", shapes()),
        ("etl", etl(&all_policies(&plain, Some(10)))),
        ("etl-protected", etl(&all_policies(&protected, Some(10)))),
    ] {
        page = replaced(&page, name, &table);
    }
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(path(), &page).unwrap();
    }
    assert!(
        fs::read_to_string(path()).unwrap() == page,
        "docs/guides/choosing-a-policy.md is stale: run `UPDATE_REFERENCE=1 cargo test choosing`"
    );
}

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guides/choosing-a-policy.md")
}

/// The page with another table between the marks of that name.
fn replaced(page: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- {name}: generated by tests/it/choosing.rs -->\n");
    let end = "<!-- end -->";
    let (before, rest) = page.split_once(&begin).expect("the page has the mark");
    let (_, after) = rest.split_once(end).expect("the mark has an end");
    format!("{before}{begin}\n{table}\n{end}{after}")
}

/// A line a policy, a column a shape: the cost against that of the fixed pool, in percent of it.
fn shapes() -> String {
    let names = COMPARISONS[0].alternatives.iter().map(|one| &one.name);
    let mut text = format!(
        "| | {} |\n|---|{}\n",
        SHAPES.join(" | "),
        "---|".repeat(SHAPES.len())
    );
    for name in names {
        let _ = write!(text, "| `{name}` |");
        for (shape, comparison) in SHAPES.iter().zip(COMPARISONS.iter()) {
            let all = &figure(comparison, "site", "", "cost").estimates;
            let by_mean =
                |a: &&Estimate, b: &&Estimate| a.interval.mean.total_cmp(&b.interval.mean);
            let least = all.iter().min_by(by_mean).unwrap();
            let one = cost(shape, name);
            let strong = if one == least { "**" } else { "" };
            let cell = in_percent(one, all[0].interval.mean);
            let _ = write!(text, " {strong}{cell}{strong} |");
        }
        text.push('\n');
    }
    text
}

fn in_percent(estimate: &Estimate, baseline: f64) -> String {
    let Some(difference) = estimate.difference else {
        let interval = estimate.interval;
        return format!("{:.0} ± {:.0} EUR", interval.mean, interval.half_width);
    };
    let percent = |value: f64| value / baseline * 100.0;
    let (mean, half_width) = (difference.interval.mean, difference.interval.half_width);
    let verdict = match difference.verdict {
        Better => "better",
        Worse => "worse",
        _ => "open",
    };
    // What rounds to nothing goes neither way.
    let sign = if percent(mean).round() == 0.0 {
        ""
    } else if mean > 0.0 {
        "+"
    } else {
        "−"
    };
    format!(
        "{sign}{:.0} ± {:.0} % {verdict}",
        percent(mean).abs(),
        percent(half_width)
    )
}

/// A line a policy: the figures of the database pool, with their differences from the first.
fn etl(comparison: &Comparison) -> String {
    let columns = [
        ("pool", "database_pool", "pool_wait_p95", "wait p95, s", 1.0),
        (
            "dag",
            "pool_aware_etl",
            "missed_deadlines",
            "deadlines missed, %",
            100.0,
        ),
        (
            "dag",
            "pool_aware_etl",
            "makespan_p95",
            "makespan p95, min",
            1.0 / 60.0,
        ),
        (
            "pool",
            "database_pool",
            "slot_hours_offered",
            "slot-hours",
            1.0,
        ),
        ("pool", "database_pool", "resizes", "resizes", 1.0),
    ];
    let headings = columns.map(|(.., heading, _)| heading).join(" | ");
    let mut text = format!(
        "| policy | {headings} |\n|---|{}\n",
        "---|".repeat(columns.len())
    );
    for (at, alternative) in comparison.alternatives.iter().enumerate() {
        let _ = write!(text, "| `{}` |", alternative.name);
        for (kind, name, indicator, _, factor) in columns {
            let estimate = figure(comparison, kind, name, indicator).estimates[at];
            let mean = estimate.interval.mean * factor;
            let _ = write!(text, " {mean:.1}");
            if let Some(difference) = estimate.difference {
                let [by, half] = [difference.interval.mean, difference.interval.half_width]
                    .map(|value| value * factor);
                let _ = write!(
                    text,
                    ": {by:+.1} ± {half:.1}, {}",
                    difference.verdict.words()
                );
            }
            text.push_str(" |");
        }
        text.push('\n');
    }
    text
}

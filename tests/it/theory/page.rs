//! The page that shows what the comparisons came to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::judgement::Comparison;
use super::reference::Reference;
use super::{elsewhere, exact};

/// Where the hand-written beginning of the page ends.
const MARK: &str =
    "<!-- Generated from here on by tests/it/theory/page.rs: change the code, not this page. -->\n";

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/background/theory.md")
}

/// Compares the page with what it should be, or writes it.
pub(super) fn check(reference: &Reference, comparisons: &[Comparison]) {
    let committed = std::fs::read_to_string(path()).unwrap();
    let (beginning, _) = committed.split_once(MARK).expect("the page has the mark");
    let text = format!("{beginning}{MARK}{}", tables(reference, comparisons));
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(path(), &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(path()).unwrap() == text,
        "docs/background/theory.md is stale: run this test with `UPDATE_REFERENCE=1`"
    );
}

/// Each metric of each case stands on the page.
pub(super) fn check_names(reference: &Reference) {
    let page = std::fs::read_to_string(path()).unwrap();
    for (case, metric) in reference.all() {
        let section = page.split(&format!("\n| `{case}` |")).nth(1);
        let section = section.unwrap_or_else(|| panic!("no line of {case}"));
        let (section, _) = section.split_once("\n| `").unwrap_or((section, ""));
        assert!(
            section.contains(&format!("`{metric}`")),
            "no line of {case}/{metric}"
        );
    }
}

/// All cases in the order of the file.
fn tables(reference: &Reference, comparisons: &[Comparison]) -> String {
    let missed = comparisons
        .iter()
        .filter(|one| (one.interval().mean - one.expected).abs() > one.interval().half_width);
    let (missed, all) = (missed.count(), comparisons.len());
    let mut page = format!(
        "\nThe interval misses the exact value in {missed} of {all} figures; of intervals of 99 % {:.1} are expected to.\n\n\
         | Case | Theory | Figure | Exact | Simulated | Interval of 99 % | Bound | Simulated minutes |\n\
         |---|---|---|---|---|---|---|---|\n",
        all as f64 / 100.0
    );
    let exact = exact::values();
    for (id, case) in reference.cases() {
        let theory =
            format!("{}: {}. {}", case.name, case.formula, case.source).replace('|', "\\|");
        let mut first = true;
        for (_, metric) in reference.all().filter(|&(known, _)| known == id) {
            let value = || decimals(reference.value(id, metric));
            let cells = if let Some(one) = comparisons
                .iter()
                .find(|one| (one.case, one.metric) == (id, metric))
            {
                let interval = one.interval();
                format!(
                    "{} | {} | {} to {} | {} % | {} |",
                    value(),
                    decimals(interval.mean),
                    decimals(interval.low()),
                    decimals(interval.high()),
                    (one.relative_bound * 1_000.0).round() / 10.0,
                    one.length
                )
            } else if let Some(&(.., found)) = exact
                .iter()
                .find(|&&(known, name, _)| (known, name) == (id, metric))
            {
                format!("{} | {} | exact | | |", value(), decimals(found))
            } else {
                let reason = elsewhere::reason(id, metric).unwrap_or("");
                format!(" | not compared | {reason} | | |")
            };
            let (id, theory) = if first {
                (format!("`{id}`"), theory.as_str())
            } else {
                (String::new(), "")
            };
            first = false;
            // Writing to a string cannot fail.
            let _ = writeln!(page, "| {id} | {theory} | `{metric}` | {cells}");
        }
    }
    page
}

/// Five significant digits, fewer if the others are zeros.
fn decimals(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = 4 - libm::floor(libm::log10(value.abs())) as i32;
    let text = format!("{value:.*}", digits.clamp(0, 12) as usize);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

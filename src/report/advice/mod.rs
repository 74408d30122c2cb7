//! Which pool to change, by how much, how sure that is, and why, in sentences: from larger sizes of the pool that holds work
//! up, from a slot more and less in every pool, and from the policies.

mod sizes;

pub use sizes::SizesReport;

use serde::Serialize;

use super::comparison::{of_site, recommended};
use super::estimate_text::estimate_text;
use super::run::document;
use super::table::wrapped;
use super::{Compared, ComparisonReport};
use crate::experiment::{Advice, Comparison, DifferenceVerdict, KnobEffect, Sensitivity, WarmUp};
use crate::metrics::Metrics;
use crate::scenario::Scenario;
use crate::stats::interval::Interval;

/// What was found out about other sizes and policies, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdviceReport {
    /// What a slot more or less is worth.
    pub slots: Sensitivity,
    /// The pool that holds work up, and how it does at larger sizes.
    pub sizes: Option<SizesReport>,
    /// The policies beside each other.
    pub policies: Option<ComparisonReport>,
}

/// The sentences for a terminal, in lines of at most `width` columns.
pub fn advice_text(advice: &AdviceReport, metrics: &Metrics, width: u16) -> String {
    let told = advice.sentences(metrics).into_iter();
    let lines: String = told.map(|one| wrapped(&one, width) + "\n").collect();
    if lines.is_empty() {
        lines
    } else {
        format!("\n{lines}")
    }
}

/// All that the sentences come from, as one JSON document.
pub fn advice_json(advice: &AdviceReport) -> String {
    document(advice)
}

impl AdviceReport {
    /// The report of what was found out about `scenario`.
    pub fn new(scenario: &Scenario, warm_up: Option<&WarmUp>, advice: Advice) -> Self {
        let report = |compared, comparison| {
            ComparisonReport::new(compared, scenario, warm_up.cloned(), comparison)
        };
        Self {
            slots: advice.slots,
            sizes: advice.sizes.map(|sizes| SizesReport {
                pool: sizes.pool,
                slots: sizes.slots,
                report: report(Compared::Sizes, sizes.comparison),
            }),
            policies: advice
                .policies
                .map(|policies| report(Compared::Policies, policies)),
        }
    }

    /// The sentences, what to do first; `metrics` are those of one run as it is.
    pub fn sentences(&self, metrics: &Metrics) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(sizes) = &self.sizes {
            told.extend(sizes.what_to_do().into_iter().flatten());
            told.extend(sizes.why(metrics));
        }
        told.extend(self.others());
        told.extend(self.policy());
        told
    }

    /// What a slot in another pool would be worth.
    fn others(&self) -> Option<String> {
        let pool = &self.sizes.as_ref()?.pool;
        let mut effects = self.slots.knobs.iter().filter(|knob| knob.of != *pool);
        let more = |knob: &KnobEffect| knob.more.map(|it| it.difference.interval.mean.abs());
        effects.clone().find_map(more)?;
        let shown = effects.find(|knob| {
            knob.more
                .is_some_and(|it| it.difference.verdict == DifferenceVerdict::Better)
        });
        let Some(knob) = shown else {
            return Some("One more slot in any other pool is not shown to change anything.".into());
        };
        let gain = knob.more?.difference.interval;
        let gain = Interval {
            mean: gain.mean.abs(),
            ..gain
        };
        Some(format!(
            "Of the other pools one more slot in `{}` is worth most: {} of the p95 wait of the whole site.",
            knob.of,
            estimate_text(&gain, self.slots.unit)
        ))
    }

    /// Whether another policy does better than the one in use, and what it takes.
    fn policy(&self) -> Option<String> {
        let report = self.policies.as_ref()?;
        let comparison = &report.comparison;
        let at = recommended(comparison)?;
        let name = &comparison.alternatives[at].name;
        let hours = |comparison: &Comparison, at: usize| {
            let spent = of_site(comparison, "slot_hours_offered")?;
            Some(spent.estimates[at].interval)
        };
        let taken = hours(comparison, at).map_or_else(String::new, |taken| {
            format!(" with {} slot-hours", estimate_text(&taken, "slot-hours"))
        });
        if at == 0 {
            return Some(format!(
                "Of the {} policies the one in use, `{name}`, is the one to keep: it does what is asked{taken}.",
                comparison.alternatives.len()
            ));
        }
        let instead = self.sizes.as_ref().and_then(|sizes| {
            let enough = sizes.enough()?;
            let larger = hours(&sizes.report.comparison, enough)?;
            Some(format!(
                ", where {} slots at any time take {}",
                sizes.slots[enough],
                estimate_text(&larger, "slot-hours")
            ))
        });
        let does = if comparison.alternatives[at].objectives.is_empty() {
            "costs least"
        } else {
            "meets every objective"
        };
        Some(format!(
            "Or leave the size to a policy: `{name}` {does}{taken}{}.",
            instead.unwrap_or_default()
        ))
    }
}

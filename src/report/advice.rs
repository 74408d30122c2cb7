//! Which pool to change, by how much, how sure that is, and why, in sentences: from larger sizes of the pool that holds work
//! up, from a slot more and less in every pool, and from the policies.

use serde::Serialize;

use super::comparison::{of_site, recommended};
use super::estimate_text::{difference_text, estimate_text};
use super::headline::percent;
use super::run::document;
use super::sensitivity::wrapped;
use super::{Compared, ComparisonReport, duration_text};
use crate::experiment::{
    Advice, Alternative, Comparison, DifferenceVerdict, Figure, KnobEffect, Sensitivity, WarmUp,
};
use crate::metrics::Metrics;
use crate::scenario::Scenario;
use crate::stats::interval::Interval;
use crate::trace::WaitCause;

/// Without an objective nobody knows how short a wait is short enough; this is when it is worth a sentence.
const WORTHWHILE: f64 = 0.5;

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

/// A pool at its size and at larger ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SizesReport {
    /// The pool.
    pub pool: String,
    /// Its sizes, as it is first.
    pub slots: Vec<i64>,
    /// How it does at each of them.
    pub report: ComparisonReport,
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
            told.extend(sizes.what_to_do());
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

impl SizesReport {
    fn alternatives(&self) -> &[Alternative] {
        &self.report.comparison.alternatives
    }

    fn meets(&self, at: usize) -> bool {
        self.alternatives()[at].objectives.iter().all(|one| one.met)
    }

    fn has_objectives(&self) -> bool {
        !self.alternatives()[0].objectives.is_empty()
    }

    /// The p95 wait for a slot in the pool.
    pub(super) fn wait(&self) -> Option<&Figure> {
        let figures = &self.report.comparison.figures;
        figures.iter().find(|one| {
            one.kind == "pool" && one.name == self.pool && one.indicator == "pool_wait_p95"
        })
    }

    /// The least size that will do, by position: that meets every objective, or without any at least halves the wait.
    pub(super) fn enough(&self) -> Option<usize> {
        if self.has_objectives() {
            return (0..self.slots.len()).find(|&at| self.meets(at));
        }
        let wait = self.wait()?;
        let as_is = wait.estimates[0].interval.mean;
        (1..self.slots.len()).find(|&at| {
            let estimate = &wait.estimates[at];
            let is_shown = estimate
                .difference
                .is_some_and(|one| one.verdict.is_shown());
            is_shown && estimate.interval.mean <= WORTHWHILE * as_is
        })
    }

    /// What to do, and how sure that is.
    fn what_to_do(&self) -> Vec<String> {
        let (pool, now) = (&self.pool, self.slots[0]);
        let Some(wait) = self.wait() else {
            return Vec::new();
        };
        let value = |at: usize| estimate_text(&wait.estimates[at].interval, wait.unit);
        let comparison = &self.report.comparison;
        let sure = format!(
            "± is the {} % confidence interval over {} replications, in which all sizes meet the same luck",
            comparison.level * 100.0,
            comparison.replications
        );
        let count = if self.has_objectives() {
            "every objective is"
        } else {
            ""
        };
        match self.enough() {
            Some(0) => vec![
                format!(
                    "No pool has to change: {count} met as it is; tasks wait {} at p95 in `{pool}`, where most is waited for.",
                    value(0)
                ),
                format!("How sure: every verdict holds with its whole interval ({sure})."),
            ],
            Some(at) if self.has_objectives() => vec![
                format!(
                    "Give `{pool}` {} slots instead of {now}: {count} then met, and its tasks wait {} at p95 instead of {}.",
                    self.slots[at],
                    value(at),
                    value(0)
                ),
                format!(
                    "How sure: met with its whole interval, while {}; {sure}.",
                    self.too_few(at - 1)
                ),
            ],
            Some(at) => vec![
                format!(
                    "Give `{pool}` {} slots instead of {now} to halve its waits: its tasks then wait {} at p95 instead of {}.",
                    self.slots[at],
                    value(at),
                    value(0)
                ),
                format!(
                    "How sure: the difference is {}; {sure}. How short is short enough only `objectives` in the scenario can say.",
                    self.change(at)
                ),
            ],
            None if self.has_objectives() => {
                let last = self.slots.len() - 1;
                vec![
                    format!(
                        "More slots in `{pool}` alone will not do: {}.",
                        self.too_few(last)
                    ),
                    format!(
                        "With {} instead of {now} its tasks wait {} at p95 instead of {}; {sure}.",
                        self.slots[last],
                        value(last),
                        value(0)
                    ),
                ]
            }
            None => {
                let last = self.slots.len() - 1;
                vec![format!(
                    "Even {} slots in `{pool}` instead of {now} do not halve its waits: {} at p95 instead of {} ({sure}).",
                    self.slots[last],
                    value(last),
                    value(0)
                )]
            }
        }
    }

    /// Why a size does not do: what it misses.
    fn too_few(&self, at: usize) -> String {
        let alternative = &self.alternatives()[at];
        let missed = alternative.objectives.iter().find(|one| !one.met);
        let missed = missed.map_or_else(String::new, super::pages::sentence);
        format!("{} slots are not enough: {missed}", self.slots[at])
    }

    /// What a size changes.
    fn change(&self, at: usize) -> String {
        let wait = self.wait();
        let difference = wait.and_then(|wait| Some((wait.estimates[at].difference?, wait.unit)));
        difference.map_or_else(String::new, |(one, unit)| {
            difference_text(&one.interval, unit)
        })
    }

    /// Why it is this pool, and its slots.
    fn why(&self, metrics: &Metrics) -> Option<String> {
        let pool = metrics.pools.iter().find(|one| one.pool == self.pool)?;
        let waits = &pool.task_instances.waited_for;
        let for_slots = waits.pool + waits.pool_slots;
        let (cause, share) = WaitCause::ALL
            .into_iter()
            .filter(|cause| !matches!(cause, WaitCause::Pool | WaitCause::PoolSlots))
            .filter_map(|cause| Some((cause, waits.share(cause)?)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let rest = if share < 0.05 {
            String::new()
        } else {
            format!(", {} for {}", percent(share), cause_words(cause))
        };
        Some(format!(
            "Why: `{}` is full {} of the time, and of the {} that its tasks waited together {} was for its slots{rest}.",
            pool.pool,
            percent(pool.time_full),
            duration_text(waits.total()),
            percent(for_slots / waits.total()),
        ))
    }
}

const fn cause_words(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Parallelism => "`parallelism`",
        WaitCause::MaxActiveTis => "the limit of the task",
        WaitCause::MaxActiveTasks => "`max_active_tasks`",
        WaitCause::PassedOver => "others that went first",
        _ => "the next loop",
    }
}

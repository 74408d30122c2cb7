//! A pool at its size and at larger ones: which one will do, how sure that is, and why it is this pool.

use serde::Serialize;

use crate::experiment::{Alternative, Figure};
use crate::metrics::Metrics;
use crate::report::estimate_text::{difference_text, estimate_text};
use crate::report::headline::percent;
use crate::report::pages::sentence;
use crate::report::{ComparisonReport, duration_text};
use crate::trace::WaitCause;

/// Without an objective nobody knows how short a wait is short enough; this is when it is worth a sentence.
const WORTHWHILE: f64 = 0.5;

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
    pub(in crate::report) fn wait(&self) -> Option<&Figure> {
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
    pub(super) fn what_to_do(&self) -> Option<[String; 2]> {
        let wait = self.wait()?;
        let at = self.enough().unwrap_or(self.slots.len() - 1);
        let (pool, now, slots) = (&self.pool, self.slots[0], self.slots[at]);
        let value = |at: usize| estimate_text(&wait.estimates[at].interval, wait.unit);
        let waits = format!(
            "its tasks then wait {} at p95 instead of {}",
            value(at),
            value(0)
        );
        let told = match (self.enough(), self.has_objectives()) {
            (Some(0), _) => format!(
                "No pool has to change: every objective is met as it is; most is waited for in `{pool}`, {} at p95.",
                value(0)
            ),
            (Some(_), true) => {
                format!(
                    "Give `{pool}` {slots} slots instead of {now}: every objective is then met, and {waits}."
                )
            }
            (Some(_), false) => {
                format!("Give `{pool}` {slots} slots instead of {now} to halve its waits: {waits}.")
            }
            (None, true) => format!(
                "More slots in `{pool}` alone will not do: even with {slots} instead of {now} an objective is missed; {waits}."
            ),
            (None, false) => format!(
                "Not even {slots} slots in `{pool}` instead of {now} halve its waits: {waits}."
            ),
        };
        Some([told, self.how_sure(at)])
    }

    /// How sure what is said of a size is.
    fn how_sure(&self, at: usize) -> String {
        let comparison = &self.report.comparison;
        let ground = match (self.enough(), self.has_objectives()) {
            (Some(0), _) => "met with the whole interval".into(),
            (Some(_), true) => format!(
                "met with the whole interval, while {}",
                self.too_few(at - 1)
            ),
            (None, true) => self.too_few(at),
            (_, false) => format!(
                "the difference is {}, and how short is short enough only `objectives` in the scenario can say",
                self.change(at)
            ),
        };
        format!(
            "How sure: {ground}; ± is the {} % confidence interval over {} replications, in which all sizes meet the same luck.",
            comparison.level * 100.0,
            comparison.replications
        )
    }

    /// Why a size does not do: what it misses.
    fn too_few(&self, at: usize) -> String {
        let alternative = &self.alternatives()[at];
        let missed = alternative.objectives.iter().find(|one| !one.met);
        let missed = missed.map_or_else(String::new, sentence);
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
    pub(super) fn why(&self, metrics: &Metrics) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Compared;
    use crate::report::comparison::busy_week;

    /// The comparison of three policies, taken for three sizes.
    fn sizes() -> SizesReport {
        let mut report = busy_week::report();
        report.compared = Compared::Sizes;
        report.comparison.alternatives.truncate(2);
        SizesReport {
            pool: "warehouse".into(),
            slots: vec![4, 5],
            report,
        }
    }

    #[test]
    fn the_least_size_that_meets_every_objective_is_named_with_its_proof() {
        let [told, sure] = sizes().what_to_do().unwrap();
        assert_eq!(
            told,
            "Give `warehouse` 5 slots instead of 4: every objective is then met, and its tasks then wait 13s ± 2s at p95 instead of 1m31s ± 9s."
        );
        assert!(
            sure.starts_with("How sure: met with the whole interval, while 4 slots are not enough: pool warehouse, pool_wait_p95 is 1m31s ± 9s, wanted at most 1m; ± is the 95 %"),
            "{sure}"
        );
    }

    #[test]
    fn what_no_size_does_is_not_promised() {
        let mut missed = sizes();
        for one in &mut missed.report.comparison.alternatives {
            one.objectives[0].met = false;
        }
        let [told, sure] = missed.what_to_do().unwrap();
        assert!(
            told.starts_with("More slots in `warehouse` alone will not do: even with 5 "),
            "{told}"
        );
        assert!(sure.contains("5 slots are not enough"), "{sure}");
        for one in &mut missed.report.comparison.alternatives {
            one.objectives.clear();
        }
        assert_eq!(missed.enough(), Some(1), "it halves the wait, and more");
        let wait = |report: &mut SizesReport| {
            let figures = &mut report.report.comparison.figures;
            figures.retain(|one| one.indicator != "pool_wait_p95" || one.name != "warehouse");
        };
        wait(&mut missed);
        assert_eq!(missed.what_to_do(), None);
    }

    #[test]
    fn what_is_met_as_it_is_stays() {
        let mut met = sizes();
        met.report.comparison.alternatives[0].objectives[0].met = true;
        let [told, _] = met.what_to_do().unwrap();
        assert!(
            told.starts_with("No pool has to change: every objective is met as it is;"),
            "{told}"
        );
    }
}

//! What each kind of report says, and in which order.
//!
//! First the answer in words, then charts by question, then tables, then what was assumed and how to repeat it.

mod advice;
mod backtest;
mod calibration;
mod comparison;
mod estimation;
mod prediction;
mod run;
mod selection;
mod sensitivity;
mod sweep;
mod timeline;

pub use backtest::replay_document;
pub use calibration::calibration_document;
pub use comparison::comparison_document;
pub use estimation::estimation_document;
pub use prediction::prediction_document;
pub use run::run_document;
pub use selection::selection_document;
pub use sensitivity::sensitivity_document;
pub use sweep::sweep_document;

use crate::deployment::{Rules, SchedulerMode};
use crate::experiment::Verdict;
use crate::report::document::Document;
use crate::report::estimate_text::estimate_text;
use crate::scenario::{Bound, Scenario};
use crate::stats::interval::Interval;

/// What a report says of an experiment besides its findings: what was simulated, and how to repeat it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumptions {
    command: String,
    /// Names and texts of the files, one but where files are compared.
    files: Vec<(String, String)>,
    dags: usize,
    tasks: usize,
    scheduler: &'static str,
}

impl Assumptions {
    /// Those of a scenario that was read from `text`, which `command` calls `name`; the command repeats the experiment.
    pub fn new(scenario: &Scenario, name: &str, text: &str, command: String) -> Self {
        let deployment = &scenario.deployment;
        let scheduler = match deployment.scheduler {
            SchedulerMode::Ideal { .. } => "none: instances wait for nothing but slots and limits",
            SchedulerMode::Airflow(_) if deployment.rules() == Rules::AIRFLOW_2 => {
                "as in Airflow 2.11.2"
            }
            SchedulerMode::Airflow(_) => "as in Airflow 3.3.2",
        };
        Self {
            command,
            files: vec![(name.to_owned(), text.to_owned())],
            dags: deployment.dags.len(),
            tasks: deployment.tasks.len(),
            scheduler,
        }
    }

    /// The same with one more file that the command names.
    #[must_use]
    pub fn with_file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// How large the workload is.
    fn workload(&self) -> String {
        let count = |count: usize, noun: &str| match count {
            1 => format!("1 {noun}"),
            count => format!("{count} {noun}s"),
        };
        format!(
            "{} with {}",
            count(self.dags, "DAG"),
            count(self.tasks, "task")
        )
    }
}

/// What each objective says, in a sentence with a mark.
fn objectives(document: &mut Document, verdicts: &[Verdict]) {
    if verdicts.is_empty() {
        return;
    }
    let met = verdicts.iter().filter(|verdict| verdict.met).count();
    document.section(&format!("{met} of {} objectives met", verdicts.len()));
    document.marked(
        verdicts
            .iter()
            .map(|verdict| (verdict.met, sentence(verdict))),
    );
}

pub(super) fn sentence(verdict: &Verdict) -> String {
    let (words, bound) = match verdict.bound {
        Bound::AtMost(most) => ("at most", most),
        Bound::AtLeast(least) => ("at least", least),
    };
    let bound = estimate_text(&Interval::exactly(bound), verdict.unit);
    let value = match &verdict.value {
        Some(value) => format!("is {}", estimate_text(value, verdict.unit)),
        None => "was not measured".into(),
    };
    format!("{} {value}, wanted {words} {bound}", verdict.what)
}

/// What stands behind ± and, where there are some, behind verdicts.
fn confidence(level: f64, has_verdicts: bool) -> String {
    let percent = level * 100.0;
    let mut text = format!("a {percent} % confidence interval of each figure by itself");
    if has_verdicts {
        text.push_str("; the verdicts hold all together at that level (Holm)");
    }
    text
}

/// The end of every report: enough to trust it, and to do it again.
fn assumptions(document: &mut Document, facts: &[(&str, String)], assumed: &Assumptions) {
    document.section("What was assumed, and how to repeat it");
    document.facts(facts);
    document.command(&assumed.command);
    for (name, text) in &assumed.files {
        document.folded(name, text);
    }
}

//! What befalls the workers of executors: which ones, how many, how badly.

use super::Builder;
use super::executors::MAX_WORKERS;
use crate::deployment::{ExecutorKind, OperatorAction, WorkerGroup, WorkerLoss};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::Located;
use crate::scenario::syntax::{EventSyntax, ExecutorSyntax, LoseWorkersSyntax, SlowDownSyntax};

impl Builder<'_> {
    /// What an event does to workers, if that is what it is about.
    pub(super) fn worker_action(&mut self, event: &EventSyntax) -> Option<OperatorAction> {
        if let Some(loss) = &event.lose_workers {
            self.worker_loss(loss).map(OperatorAction::LoseWorkers)
        } else {
            self.slow_down(event.slow_down.as_ref()?)
        }
    }

    fn worker_loss(&mut self, syntax: &Located<LoseWorkersSyntax>) -> Option<WorkerLoss> {
        let executor = self.executor_of_event(syntax.executor.as_ref())?;
        let named = &self.deployment.executors[executor];
        let name = named.name.clone();
        let ExecutorKind::Celery(groups) = &named.kind else {
            let message = format!("executor `{name}` has no workers that could be lost");
            let span = syntax.executor.as_ref().map_or(syntax.span, |it| it.span);
            self.report(
                Diagnostic::error("event::workers", message)
                    .label(span, "")
                    .help("only `celery` has; a task of any other is lost with its `lost_rate`"),
            );
            return None;
        };
        let sizes: Vec<u32> = groups.iter().map(WorkerGroup::most_workers).collect();
        let group = match &syntax.worker_group {
            Some(name) => Some(self.worker_group(executor, name)?),
            None => None,
        };
        let meant = sizes
            .iter()
            .enumerate()
            .filter(|&(at, _)| group.is_none_or(|group| group == at));
        let there: u64 = meant.map(|(_, &size)| u64::from(size)).sum();
        let all: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
        if all > u64::from(MAX_WORKERS) {
            let message = format!(
                "executor `{name}` has {all} workers; where some may be lost, {MAX_WORKERS} are the limit"
            );
            self.worker_problem(message, syntax.span);
        }
        let count = syntax.count.as_ref().map_or(1, |count| count.value);
        if let Some(given) = &syntax.count
            && !(1..=there).contains(&u64::from(count))
        {
            let message = format!("{count} workers cannot be lost: there are {there}");
            self.worker_problem(message, given.span);
        }
        Some(WorkerLoss {
            executor,
            group,
            count,
            back_after: self.positive(&syntax.back_after, "the time without the workers"),
        })
    }

    fn slow_down(&mut self, syntax: &Located<SlowDownSyntax>) -> Option<OperatorAction> {
        let executor = self.executor_of_event(syntax.executor.as_ref())?;
        let factor = syntax.factor.value;
        if !(factor.is_finite() && factor > 0.0) {
            let message = format!("`factor` is {factor}, it must be a number above 0");
            self.report(
                Diagnostic::error("event::factor", message)
                    .label(syntax.factor.span, "")
                    .help("2 makes starts take twice as long"),
            );
        }
        Some(OperatorAction::SlowDown {
            executor,
            factor,
            lasts: self.positive(&syntax.lasts, "the time of the slow-down"),
        })
    }

    /// The executor that an event is about.
    fn executor_of_event(&mut self, name: Option<&Located<String>>) -> Option<usize> {
        match name {
            Some(name) => self.executor_named(name, "an event is about"),
            None => (!self.deployment.executors.is_empty()).then_some(0),
        }
    }

    /// The worker group of that name, by position in its executor.
    fn worker_group(&mut self, executor: usize, name: &Located<String>) -> Option<usize> {
        let syntax = self.syntax;
        let written = match &syntax.executor {
            Some(alone) => Some(&alone.value),
            None => syntax.executors.get_index(executor).map(|(_, it)| it),
        };
        let groups = match written {
            Some(ExecutorSyntax::Celery(celery)) => &celery.worker_groups,
            _ => return None,
        };
        let found = groups.get_index_of(name.as_str());
        if found.is_none() {
            let message = format!("there is no worker group `{}`", name.value);
            let help = if groups.is_empty() {
                "all workers are alike: leave it out".to_owned()
            } else {
                self.did_you_mean(name, groups.keys(), &[])
            };
            self.report(
                Diagnostic::error("event::workers", message)
                    .label(name.span, "")
                    .help(help),
            );
        }
        found
    }

    fn worker_problem(&mut self, message: String, span: Span) {
        self.report(Diagnostic::error("event::workers", message).label(span, ""));
    }
}

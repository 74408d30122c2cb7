//! Events that Airflow would refuse, or that come to nothing.

use super::Subject;
use crate::deployment::{DEFAULT_POOL, Schedule};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{
    AtSyntax, BackfillSyntax, EventSyntax, ReprocessSyntax, SlowDownSyntax,
};

pub(super) fn errors(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    for event in &subject.syntax.events {
        if let Some(name) = event
            .delete
            .as_ref()
            .filter(|name| name.value == DEFAULT_POOL)
        {
            found.push(
                Diagnostic::error("event::default_pool", "`default_pool` cannot be deleted")
                    .label(name.span, "")
                    .help("resize it to 0 slots: what asks for it waits"),
            );
        }
        if let Some(create) = &event.create
            && subject.exists_at(&create.pool, event)
        {
            let message = format!("pool `{}` is there already", create.pool.value);
            found.push(
                Diagnostic::error("event::pool_exists", message)
                    .label(create.pool.span, "")
                    .help("resize it, or delete it before"),
            );
        }
        if let Some(backfill) = &event.backfill {
            backfill_errors(subject, backfill, found);
        }
        let limits = [
            (
                "runs",
                event
                    .trigger
                    .as_ref()
                    .and_then(|trigger| trigger.runs.as_ref()),
            ),
            (
                "max_active_runs",
                event
                    .backfill
                    .as_ref()
                    .and_then(|backfill| backfill.max_active_runs.as_ref()),
            ),
        ];
        for (name, limit) in limits {
            if let Some(limit) = limit.filter(|limit| limit.value == 0) {
                let message = format!("`{name}` is 0, so nothing could ever run");
                found.push(Diagnostic::error("limit::zero", message).label(limit.span, ""));
            }
        }
    }
}

fn backfill_errors(subject: &Subject<'_>, backfill: &BackfillSyntax, found: &mut Vec<Diagnostic>) {
    let name = &backfill.dag;
    let Some(dag) = subject.dags().find(|dag| is_copy_of(name, dag.name)) else {
        return;
    };
    let deployment = &subject.scenario.deployment;
    let has_points = match &deployment.dags[dag.id.index()].schedule {
        Schedule::Timetable(timetable) => timetable.has_points(),
        _ => false,
    };
    if !has_points {
        let message = format!(
            "DAG `{}` cannot be backfilled: its schedule has no points in the past",
            name.value
        );
        found.push(
            Diagnostic::error("event::no_points", message)
                .label(name.span, "")
                .help("a backfill goes through the points of a cron expression or of `every`"),
        );
    }
    if backfill.from.value > backfill.to.value {
        found.push(
            Diagnostic::error("event::backwards", "the backfill ends before it begins")
                .label(backfill.from.span, "it begins here")
                .label(backfill.to.span, "it ends here")
                .help("for the latest date first, write `reverse: true`"),
        );
    }
    let looks_back = deployment
        .tasks_of(dag.id)
        .any(|(_, task)| task.depends_on_past || task.wait_for_downstream);
    if looks_back && (backfill.reverse || backfill.reprocess == ReprocessSyntax::None) {
        let message = format!(
            "Airflow refuses this backfill: tasks of DAG `{}` depend on the run before",
            name.value
        );
        found.push(
            Diagnostic::error("event::depends_on_past", message)
                .label(name.span, "")
                .help(
                    "leave `reverse` out, and write `reprocess: failed` or `reprocess: completed`",
                ),
        );
    }
}

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let start = subject.scenario.start;
    let end = start + subject.scenario.horizon;
    for event in &subject.syntax.events {
        if !(start..=end).contains(&subject.moment(&event.at.value)) {
            found.push(
                Diagnostic::warning("event::outside", "the event never happens")
                    .label(event.at.span, "outside of the simulated time")
                    .label(subject.syntax.horizon.span, "which is so long"),
            );
        }
        if let Some(slow_down) = &event.slow_down {
            slow_down_warnings(subject, slow_down, found);
        }
    }
}

fn slow_down_warnings(
    subject: &Subject<'_>,
    slow_down: &Located<SlowDownSyntax>,
    found: &mut Vec<Diagnostic>,
) {
    let executors = &subject.scenario.deployment.executors;
    let named = slow_down.executor.as_ref();
    let meant = executors
        .iter()
        .find(|executor| named.is_none_or(|name| name.value == executor.name));
    if let Some(executor) = meant.filter(|executor| executor.start_delay.is_zero()) {
        let message = format!(
            "executor `{}` has no `start_delay`, so nothing of it is slow",
            executor.name
        );
        found.push(
            Diagnostic::warning("event::no_effect", message)
                .label(named.map_or(slow_down.span, |name| name.span), "")
                .help("it is the start delays that are multiplied"),
        );
    }
}

/// Whether `name` is that of a DAG as written, or of one of its copies.
fn is_copy_of(name: &str, written: &Located<String>) -> bool {
    let number = name
        .strip_prefix(written.as_str())
        .and_then(|rest| rest.strip_prefix('_'));
    name == written.value || number.is_some_and(|number| number.parse::<u32>().is_ok())
}

impl Subject<'_> {
    fn moment(&self, at: &AtSyntax) -> crate::time::SimTime {
        match *at {
            AtSyntax::Moment(moment) => moment,
            AtSyntax::After(span) => self.scenario.start + span,
        }
    }

    /// Whether there is a pool of that name when an event happens: the latest event before it that made or deleted
    /// one decides, else whether it is declared.
    fn exists_at(&self, pool: &str, event: &EventSyntax) -> bool {
        let now = self.moment(&event.at.value);
        let before = |other: &&EventSyntax| {
            self.moment(&other.at.value) <= now && !std::ptr::eq(*other, event)
        };
        let changes = self
            .syntax
            .events
            .iter()
            .filter(before)
            .filter_map(|other| {
                let made = other
                    .create
                    .as_ref()
                    .is_some_and(|create| create.pool.value == pool);
                let deleted = other.delete.as_ref().is_some_and(|name| name.value == pool);
                (made || deleted).then(|| (self.moment(&other.at.value), made))
            });
        let latest = changes.max_by_key(|&(at, _)| at);
        latest.map_or(
            self.syntax.pools.contains_key(pool) || pool == DEFAULT_POOL,
            |(_, made)| made,
        )
    }
}

//! What happens while the site runs: each event with its moment, its pool or its DAGs.

use super::Builder;
use crate::deployment::{
    Backfill, OperatorAction, OperatorEvent, Pool, ReprocessBehavior, RequestedBy, RunRequest,
};
use crate::ids::DagId;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{
    AtSyntax, BackfillSyntax, EventSyntax, ReprocessSyntax, TriggerSyntax, ViaSyntax,
};
use crate::time::SimTime;

/// The most slots that Airflow's database can hold.
const MOST_SLOTS: i64 = i32::MAX as i64;

/// Running runs of a backfill at a time that does not say.
const DEFAULT_BACKFILL_RUNS: u32 = 10;

impl Builder<'_> {
    /// Declares the pools that events create, so that tasks may ask for them.
    pub(super) fn later_pools(&mut self) {
        let syntax = self.syntax;
        for create in syntax
            .events
            .iter()
            .filter_map(|event| event.create.as_ref())
        {
            if self.deployment.pool_named(&create.pool).is_none() {
                self.name(&create.pool, "pool");
                self.deployment.pools.push(Pool {
                    name: create.pool.value.clone(),
                    slots: create.slots.value,
                    description: None,
                    include_deferred: create.include_deferred,
                });
            }
        }
    }

    /// Builds all events, in the order of time.
    pub(super) fn events(&mut self) {
        let syntax = self.syntax;
        for event in &syntax.events {
            let at = self.moment(&event.at);
            for action in self.actions(event) {
                self.deployment.events.push(OperatorEvent { at, action });
            }
        }
        self.deployment.events.sort_by_key(|event| event.at);
    }

    /// The moment of an event.
    pub(in crate::scenario) fn moment(&self, at: &AtSyntax) -> SimTime {
        match *at {
            AtSyntax::Moment(moment) => moment,
            AtSyntax::After(span) => self.start() + span,
        }
    }

    /// What an event does: one action, or one for each copy of a DAG.
    fn actions(&mut self, event: &EventSyntax) -> Vec<OperatorAction> {
        let keys = [
            event.resize.is_some(),
            event.scale.is_some(),
            event.create.is_some(),
            event.delete.is_some(),
            event.pause.is_some(),
            event.unpause.is_some(),
            event.parse.is_some(),
            event.trigger.is_some(),
            event.backfill.is_some(),
            event.lose_workers.is_some(),
            event.slow_down.is_some(),
        ];
        if keys.into_iter().filter(|&given| given).count() != 1 {
            self.report(
                Diagnostic::error("event::unclear", "an event is exactly one thing that happens")
                    .label(event.at.span, "at this moment")
                    .help("give one of `resize`, `scale`, `create`, `delete`, `pause`, `unpause`, `parse`, `trigger`, `backfill`, `lose_workers`, `slow_down`; several things at a time are several events"),
            );
            return Vec::new();
        }
        if let Some(action) = self.pool_action(event) {
            return vec![action];
        }
        if let Some(action) = self.worker_action(event) {
            return vec![action];
        }
        if let Some(trigger) = &event.trigger {
            return self.trigger(trigger);
        }
        if let Some(backfill) = &event.backfill {
            return self.backfill(backfill);
        }
        let dag_action: fn(DagId) -> OperatorAction = if event.pause.is_some() {
            |dag| OperatorAction::PauseDag { dag }
        } else if event.unpause.is_some() {
            |dag| OperatorAction::UnpauseDag { dag }
        } else {
            |dag| OperatorAction::ParseDag { dag }
        };
        let name = [&event.pause, &event.unpause, &event.parse]
            .into_iter()
            .flatten();
        let dags = name.flat_map(|name| self.dags_named(name));
        dags.map(dag_action).collect()
    }

    fn pool_action(&mut self, event: &EventSyntax) -> Option<OperatorAction> {
        if let Some(resize) = &event.resize {
            let slots = self.slots(&resize.pool, &resize.slots);
            let pool = self.pool(&resize.pool, "an event")?;
            Some(OperatorAction::ResizePool { pool, slots })
        } else if let Some(scale) = &event.scale {
            let factor = scale.factor.value;
            if !(factor.is_finite() && factor >= 0.0) {
                let message = format!("`factor` is {factor}, it must be a number from 0 up");
                self.report(
                    Diagnostic::error("event::factor", message).label(scale.factor.span, ""),
                );
            }
            let pool = self.pool(&scale.pool, "an event")?;
            Some(OperatorAction::ScalePool { pool, factor })
        } else if let Some(create) = &event.create {
            let slots = self.slots(&create.pool, &create.slots);
            let pool = self.pool(&create.pool, "an event")?;
            Some(OperatorAction::CreatePool { pool, slots })
        } else {
            let pool = self.pool(event.delete.as_ref()?, "an event")?;
            Some(OperatorAction::DeletePool { pool })
        }
    }

    fn trigger(&mut self, syntax: &TriggerSyntax) -> Vec<OperatorAction> {
        let runs = syntax.runs.as_ref().map_or(1, |runs| runs.value);
        let own_name = syntax.run_id.as_ref().map(|id| ("run_id", id.span));
        let own_date = syntax
            .logical_date
            .as_ref()
            .map(|date| ("logical_date", date.span));
        let dags = self.dags_named(&syntax.dag);
        if let Some((key, span)) = own_name.or(own_date)
            && runs > 1
        {
            let message = format!("{runs} runs of a DAG cannot share one `{key}`");
            self.report(
                Diagnostic::error("event::shared", message)
                    .label(span, "")
                    .help("write an event for each run, or leave it out"),
            );
        }
        let request = |dag| {
            OperatorAction::TriggerRuns(RunRequest {
                dag,
                runs,
                run_id: syntax.run_id.as_ref().map(|id| id.value.clone()),
                logical_date: syntax.logical_date.as_ref().map(|date| date.value),
                by: match syntax.via {
                    ViaSyntax::Cli => RequestedBy::Cli,
                    ViaSyntax::Rest => RequestedBy::Rest,
                },
            })
        };
        dags.into_iter().map(request).collect()
    }

    fn backfill(&mut self, syntax: &BackfillSyntax) -> Vec<OperatorAction> {
        let limit = syntax.max_active_runs.as_ref();
        let backfill = |dag| {
            OperatorAction::Backfill(Backfill {
                dag,
                from: syntax.from.value,
                to: syntax.to.value,
                max_active_runs: limit.map_or(DEFAULT_BACKFILL_RUNS, |limit| limit.value),
                reverse: syntax.reverse,
                reprocess: match syntax.reprocess {
                    ReprocessSyntax::None => ReprocessBehavior::None,
                    ReprocessSyntax::Failed => ReprocessBehavior::Failed,
                    ReprocessSyntax::Completed => ReprocessBehavior::Completed,
                },
            })
        };
        self.dags_named(&syntax.dag)
            .into_iter()
            .map(backfill)
            .collect()
    }

    /// The DAG of that name, or all copies of a DAG with a `count`.
    fn dags_named(&mut self, name: &Located<String>) -> Vec<DagId> {
        let syntax = self.syntax;
        let count = syntax
            .dags
            .get(name.as_str())
            .and_then(|dag| dag.count.as_ref());
        let Some(count) = count else {
            return self.dag_named(name, "an event").into_iter().collect();
        };
        let first = self.deployment.dag_named(&format!("{}_1", name.value));
        let copies = 0..count.value as usize;
        first.map_or_else(Vec::new, |first| {
            copies
                .map(|copy| DagId::new(first.index() + copy))
                .collect()
        })
    }

    /// A number of slots that Airflow would take.
    fn slots(&mut self, pool: &Located<String>, slots: &Located<i64>) -> i64 {
        if !(-1..=MOST_SLOTS).contains(&slots.value) {
            let message = format!(
                "pool `{}` cannot have {} slots: the fewest are 0, the most {MOST_SLOTS}, and -1 is unlimited",
                pool.value, slots.value
            );
            self.report(Diagnostic::error("event::slots", message).label(slots.span, ""));
        }
        slots.value
    }
}

//! The order of runs without a logical date, which the critical section takes by run id as text.

use crate::airflow::runs::dag_run::RunIdentity;
use crate::deployment::Deployment;
use crate::trace::{RunIdForm, RunType};

/// Numbers that are ordered as the run ids of a DAG's undated runs are.
///
/// The ids that Airflow makes begin with their type and go on with a time, so within a type they are in the order of
/// creation. Those that operators give lie before, between or after the types.
#[derive(Clone, Debug, Default)]
pub(crate) struct UndatedOrder {
    /// By event, the place of the run id that it gives.
    given: Vec<u64>,
}

/// The high bits of a place; the low ones count within.
const STRETCH: u32 = 56;
const BY_ASSETS: u64 = 1;
const BY_HAND: u64 = 3;

impl UndatedOrder {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let ids: Vec<&str> = deployment
            .events
            .iter()
            .map(|event| event.action.run_id().unwrap_or_default())
            .collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        let place = |id: &&str| {
            let rank = sorted.partition_point(|other| other < id) as u64;
            let made = [
                (RunType::AssetTriggered, BY_ASSETS),
                (RunType::Manual, BY_HAND),
            ];
            let passed = made
                .iter()
                .filter(|(run_type, _)| **id >= *format!("{run_type}__"));
            let stretch = passed.map(|(_, stretch)| stretch + 1).max().unwrap_or(0);
            stretch << STRETCH | rank
        };
        Self {
            given: ids.iter().map(place).collect(),
        }
    }

    /// The place of a run that is the `sequence`th to be created.
    pub(crate) fn place(&self, identity: &RunIdentity, sequence: u64) -> u64 {
        match (identity.form, identity.run_type) {
            (RunIdForm::Given(event), _) => self.given[event.index()],
            (_, RunType::AssetTriggered | RunType::DatasetTriggered) => {
                BY_ASSETS << STRETCH | sequence
            }
            (_, RunType::Manual) => BY_HAND << STRETCH | sequence,
            (_, RunType::Scheduled | RunType::Backfill) => sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{OperatorAction, OperatorEvent, RequestedBy, RunRequest};
    use crate::ids::{DagId, EventId};
    use crate::time::SimTime;

    #[test]
    fn run_ids_are_ordered_as_text() {
        let names = ["zeta", "beta", "alpha", "hand"];
        let event = |name: &str| OperatorEvent {
            at: SimTime::default(),
            action: OperatorAction::TriggerRuns(RunRequest {
                dag: DagId::new(0),
                runs: 1,
                run_id: Some(name.into()),
                logical_date: None,
                by: RequestedBy::Cli,
            }),
        };
        let deployment = Deployment {
            events: names.map(event).into(),
            ..Deployment::default()
        };
        let order = UndatedOrder::new(&deployment);
        let run = |run_type, form| RunIdentity {
            run_type,
            form,
            logical_date: None,
            data_interval: None,
            run_after: SimTime::default(),
        };
        let given = |at| run(RunType::Manual, RunIdForm::Given(EventId::new(at)));
        let by_assets = run(RunType::AssetTriggered, RunIdForm::Numbered(0));
        let by_hand = run(RunType::Manual, RunIdForm::Numbered(0));
        // alpha, asset_triggered__, beta, hand, manual__, zeta
        let places = [
            order.place(&given(2), 9),
            order.place(&by_assets, 5),
            order.place(&by_assets, 6),
            order.place(&given(1), 8),
            order.place(&given(3), 7),
            order.place(&by_hand, 2),
            order.place(&given(0), 1),
        ];
        assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    }
}

//! Whether everything is done: no run is unfinished and none will come, so nothing that counts can happen any more.

use crate::airflow::outcomes::Outcomes;
use crate::airflow::simulation::Site;
use crate::deployment::{Deployment, OperatorAction, Schedule};
use crate::time::SimTime;
use crate::trace::Recorder;

/// Looks for something that is not done. It remembers where it last found something, because that is where something is
/// still to be done after nearly every event.
#[derive(Debug)]
pub(crate) struct AllDone {
    /// Until then operators may make runs, or let them go on.
    last_request: SimTime,
    /// The DAG that was not done.
    busy: usize,
}

impl AllDone {
    pub(crate) fn new(deployment: &Deployment) -> Self {
        let makes_runs = |action: &OperatorAction| {
            matches!(
                action,
                OperatorAction::TriggerRuns(_)
                    | OperatorAction::Backfill(_)
                    | OperatorAction::UnpauseDag { .. }
                    | OperatorAction::ParseDag { .. }
                    | OperatorAction::EditDag { .. }
            )
        };
        let requests = deployment.events.iter();
        let requests = requests.filter(|event| makes_runs(&event.action));
        Self {
            last_request: requests.map(|event| event.at).max().unwrap_or(SimTime::MIN),
            busy: 0,
        }
    }

    /// Whether everything is done at `now`.
    pub(crate) fn holds<O: Outcomes, R: Recorder>(
        &mut self,
        site: &Site<'_, O, R>,
        now: SimTime,
    ) -> bool {
        let (creation, world) = (&site.creation, &site.world);
        let is_busy = |dag: usize| {
            let row = &creation.dags[dag];
            let is_scheduled = row.next.is_some() && !world.paused[dag];
            let schedule = &creation.files[dag].schedule;
            let arrives = matches!(schedule, Schedule::Arrivals(_)) && !row.has_last_arrival;
            row.unfinished > 0 || row.backfilling > 0 || arrives || is_scheduled
        };
        let count = creation.dags.len();
        if count > self.busy && is_busy(self.busy) {
            return false;
        }
        if let Some(busy) = (0..count).find(|&dag| is_busy(dag)) {
            self.busy = busy;
            return false;
        }
        now >= self.last_request && !creation.has_work(world)
    }
}

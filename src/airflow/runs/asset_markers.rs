//! Which assets were written since the DAGs that listen to them last had a run (docs/background/scheduler.md, 3).

use crate::deployment::{AssetCondition, Deployment, Schedule};
use crate::ids::{AssetId, DagId};
use crate::time::SimTime;
use std::collections::BTreeSet;

/// The markers of all DAGs.
#[derive(Debug)]
pub(crate) struct AssetMarkers<'a> {
    /// By asset, who listens to it.
    listeners: Vec<Vec<DagId>>,
    /// By DAG; none if it listens to nothing.
    dags: Vec<Option<Listener<'a>>>,
    /// The DAGs whose condition holds.
    ready: BTreeSet<DagId>,
}

#[derive(Debug)]
struct Listener<'a> {
    condition: &'a AssetCondition,
    /// The assets written, with the time of their first event.
    written: Vec<(AssetId, SimTime)>,
}

impl<'a> AssetMarkers<'a> {
    pub(crate) fn new(deployment: &'a Deployment) -> Self {
        let mut listeners = vec![Vec::new(); deployment.assets.len()];
        let mut dags = Vec::with_capacity(deployment.dags.len());
        for (index, dag) in deployment.dags.iter().enumerate() {
            let Schedule::Assets(condition) = &dag.schedule else {
                dags.push(None);
                continue;
            };
            for asset in condition.assets() {
                listeners[asset.index()].push(DagId::new(index));
            }
            dags.push(Some(Listener {
                condition,
                written: Vec::new(),
            }));
        }
        Self {
            listeners,
            dags,
            ready: BTreeSet::new(),
        }
    }

    /// An asset was written: it leaves a marker for every unpaused DAG that listens to it and has none of it yet.
    pub(crate) fn write(&mut self, asset: AssetId, paused: &[bool], now: SimTime) {
        for &dag in &self.listeners[asset.index()] {
            let Some(listener) = &mut self.dags[dag.index()] else {
                continue;
            };
            if paused[dag.index()] || listener.written.iter().any(|&(other, _)| other == asset) {
                continue;
            }
            listener.written.push((asset, now));
            let written = &listener.written;
            if listener
                .condition
                .holds(&|asset| written.iter().any(|&(other, _)| other == asset))
            {
                self.ready.insert(dag);
            }
        }
    }

    /// The DAGs whose condition holds, in the order of the file.
    pub(crate) fn ready(&self) -> impl Iterator<Item = DagId> + '_ {
        self.ready.iter().copied()
    }

    /// Uses up all markers of a DAG, also those that its condition did not need; gives the time of the latest.
    pub(crate) fn consume(&mut self, dag: DagId) -> Option<SimTime> {
        self.ready.remove(&dag);
        let listener = self.dags[dag.index()].as_mut()?;
        listener.written.drain(..).map(|(_, time)| time).max()
    }
}

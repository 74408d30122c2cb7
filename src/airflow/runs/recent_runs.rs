//! The latest runs of a DAG, for `max_consecutive_failed_dag_runs` (docs/background/scheduler.md, 1.3).

use crate::airflow::runs::dag_run::DagRun;
use crate::time::SimTime;

/// As many of the latest runs as must have failed for the DAG to be paused, by `run_after` and then by creation.
#[derive(Clone, Debug)]
pub(crate) struct RecentRuns {
    limit: usize,
    /// The latest first.
    runs: Vec<Recent>,
}

#[derive(Clone, Copy, Debug)]
struct Recent {
    run_after: SimTime,
    sequence: u64,
    failed: bool,
}

impl RecentRuns {
    /// None if the DAG is never paused for its failures.
    pub(crate) fn new(max_consecutive_failed: u32) -> Option<Self> {
        (max_consecutive_failed > 0).then(|| Self {
            limit: max_consecutive_failed as usize,
            runs: Vec::new(),
        })
    }

    /// A run was created.
    pub(crate) fn created(&mut self, run: &DagRun) {
        let recent = Recent {
            run_after: run.identity.run_after,
            sequence: run.sequence,
            failed: false,
        };
        let key = |recent: &Recent| (recent.run_after, recent.sequence);
        let at = self.runs.partition_point(|other| key(other) > key(&recent));
        self.runs.insert(at, recent);
        self.runs.truncate(self.limit);
    }

    /// A run ended, or was cleared to run again; says whether all of the latest runs have failed.
    pub(crate) fn became(&mut self, run: &DagRun, failed: bool) -> bool {
        for recent in &mut self.runs {
            if recent.sequence == run.sequence {
                recent.failed = failed;
            }
        }
        self.runs.len() == self.limit && self.runs.iter().all(|recent| recent.failed)
    }
}

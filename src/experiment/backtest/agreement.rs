//! How well a replay agrees with its history: of the site, of each pool and of each DAG.

use serde::Serialize;

use super::replay::{ComparedTry, Replay, UnrecordedTry};
use crate::deployment::Deployment;
use crate::ids::{DagId, PoolId};
use crate::trace::{WaitCause, WaitTotals};

/// The agreement of a site, a pool or a DAG.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// `site`, `pool` or `dag`.
    pub kind: &'static str,
    /// Its name; the site's is that of the scenario.
    pub name: String,
    /// Recorded tries that are compared.
    pub tries: usize,
    /// Those queued and started at the very moments that were recorded.
    pub exact: usize,
    /// Those queued at most a loop's length before or after the recorded moment.
    pub within_loop: usize,
    /// Those that no executor got in the simulation.
    pub not_simulated: usize,
    /// Tries that only the simulation made.
    pub not_recorded: usize,
    /// The mean of how far simulated waits for a slot are from the recorded ones, in seconds.
    pub mean_absolute_error: Option<f64>,
    /// Recorded waits for a slot.
    pub recorded: Option<Waits>,
    /// Simulated waits of the same tries.
    pub simulated: Option<Waits>,
    /// What the simulated waits were for, in seconds over all tries, the most first.
    pub causes: Vec<Bound>,
}

/// Waits from scheduled to queued, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waits {
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// Nineteen of twenty wait no longer.
    pub p95: f64,
    /// The longest.
    pub max: f64,
    /// All of them in rising order, for plots.
    #[serde(skip)]
    pub sorted: Vec<f64>,
}

/// How long one cause kept instances waiting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bound {
    /// The name of the cause.
    pub cause: &'static str,
    /// Seconds, over all tries.
    pub seconds: f64,
}

impl Waits {
    /// Of waits in seconds in any order; none of none.
    pub fn of(mut waits: Vec<f64>) -> Option<Self> {
        waits.sort_by(f64::total_cmp);
        let max = *waits.last()?;
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        let mut of = Self {
            mean,
            p50: 0.0,
            p95: 0.0,
            max,
            sorted: waits,
        };
        of.p50 = of.quantile(0.5);
        of.p95 = of.quantile(0.95);
        Some(of)
    }

    /// The least wait that a share `p` of all does not exceed.
    pub fn quantile(&self, p: f64) -> f64 {
        let rank = (p * self.sorted.len() as f64).ceil() as usize;
        let at = rank.clamp(1, self.sorted.len()) - 1;
        self.sorted[at]
    }
}

impl Agreement {
    /// The share of compared tries that were queued within a loop's length of the recorded moment, counting those that
    /// only one of the two has as missed. None if there is nothing to compare.
    pub fn share_within_loop(&self) -> Option<f64> {
        self.share(self.within_loop)
    }

    /// The same for those that agree to the microsecond.
    pub fn share_exact(&self) -> Option<f64> {
        self.share(self.exact)
    }

    fn share(&self, hits: usize) -> Option<f64> {
        let all = self.tries + self.not_recorded;
        (all > 0).then(|| hits as f64 / all as f64)
    }
}

impl Replay {
    /// The agreement of the site, which is called `site`, then of all pools and DAGs that have anything to compare.
    pub fn agreements(&self, deployment: &Deployment, site: &str) -> Vec<Agreement> {
        let pools = deployment.pools.iter().enumerate().map(|(at, pool)| {
            let pool_id = PoolId::new(at);
            let is_of = move |pool: PoolId, _| pool == pool_id;
            self.agreement("pool", &pool.name, is_of)
        });
        let dags = deployment.dags.iter().enumerate().map(|(at, dag)| {
            let dag_id = DagId::new(at);
            let is_of = move |_, dag: DagId| dag == dag_id;
            self.agreement("dag", &dag.dag_id, is_of)
        });
        let parts = pools.chain(dags);
        let site = std::iter::once(self.agreement("site", site, |_, _| true));
        site.chain(parts.filter(|part| part.tries + part.not_recorded > 0))
            .collect()
    }

    fn agreement(
        &self,
        kind: &'static str,
        name: &str,
        is_of: impl Fn(PoolId, DagId) -> bool,
    ) -> Agreement {
        let of = |one: &&ComparedTry| is_of(one.pool, one.dag);
        let tries: Vec<&ComparedTry> = self.tries.iter().filter(of).collect();
        let count =
            |holds: &dyn Fn(&ComparedTry) -> bool| tries.iter().filter(|one| holds(one)).count();
        let alone = |one: &&UnrecordedTry| is_of(one.pool, one.dag);
        let waits = tries.iter().filter_map(|one| {
            let simulated = one.simulated?.wait()?;
            Some((one.recorded.wait()?.as_seconds(), simulated.as_seconds()))
        });
        let (recorded, simulated): (Vec<f64>, Vec<f64>) = waits.unzip();
        let errors = recorded.iter().zip(&simulated).map(|(a, b)| (a - b).abs());
        let error: f64 = errors.sum();
        let mut totals = WaitTotals::default();
        for one in &tries {
            totals.add(&one.wait);
        }
        Agreement {
            kind,
            name: name.to_owned(),
            tries: tries.len(),
            exact: count(&ComparedTry::is_exact),
            within_loop: count(&|one| one.is_within(self.loop_length)),
            not_simulated: count(&|one| one.simulated.is_none()),
            not_recorded: self.unrecorded.iter().filter(alone).count(),
            mean_absolute_error: (!recorded.is_empty()).then(|| error / recorded.len() as f64),
            recorded: Waits::of(recorded),
            simulated: Waits::of(simulated),
            causes: bounds(&totals),
        }
    }
}

fn bounds(totals: &WaitTotals) -> Vec<Bound> {
    let all = WaitCause::ALL.into_iter().map(|cause| Bound {
        cause: cause.name(),
        seconds: totals.of(cause) as f64 / 1e6,
    });
    let mut bounds: Vec<Bound> = all.filter(|bound| bound.seconds > 0.0).collect();
    bounds.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    bounds
}

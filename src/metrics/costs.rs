//! What a site costs, by its own prices.

use super::{DagMetrics, PoolMetrics};
use crate::deployment::Costs;
use crate::ids::PoolId;

/// Of a pool: `slot_hour` for each slot-hour that it offers (of an unlimited pool: that is used), `waiting_hour` for
/// each hour that instances waited for it, whatever the cause, and `resize` for each resize.
pub(super) fn of_pool(costs: &Costs, id: PoolId, pool: &PoolMetrics) -> f64 {
    let slot_hours = pool.slot_hours_offered.unwrap_or(pool.slot_hours_used);
    let waiting_hours = pool.task_instances.waited_for.total() / 3_600.0;
    costs.slot_hour[id.index()] * slot_hours
        + costs.waiting_hour * waiting_hours
        + costs.resize * pool.resizes as f64
}

/// Of the site: what its pools cost that some task asks for, and `missed_deadline` for each run that ended late or was
/// overdue at the horizon.
pub(super) fn of_site(costs: &Costs, pools: &[PoolMetrics], dags: &[DagMetrics]) -> f64 {
    let of_pools: f64 = pools.iter().filter_map(|pool| pool.cost).sum();
    let missed: u64 = dags
        .iter()
        .map(|dag| dag.runs.late + dag.runs.overdue)
        .sum();
    of_pools + costs.missed_deadline * missed as f64
}

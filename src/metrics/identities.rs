//! What must hold exactly: rows and slot counts tell the same story twice.
//!
//! Little's law, L = λW (Little 1961), holds on every finite window if waits are clipped to it: the integral of
//! the number waiting equals the sum of the clipped waits. Weighted by slots it says that slot-seconds are
//! conserved. Both sides are integers here, so they must be equal and not merely close.

use crate::ids::PoolId;
use crate::trace::{PoolSignal, RunningSummary};

/// Compares, for each pool, the integrals of its scheduled, queued and running slots over the window with the
/// clipped times of all rows, those unfinished at the horizon included.
///
/// # Errors
/// The first pool and state whose two accounts differ, with both values in slot-microseconds.
pub fn check_identities(summary: &RunningSummary) -> Result<(), String> {
    summary
        .pool_ids()
        .try_for_each(|pool| check_pool(summary, pool))
}

fn check_pool(summary: &RunningSummary, pool: PoolId) -> Result<(), String> {
    let counts = summary.slots_of(pool).over_window();
    let rows = summary.work_of_pool(pool).slot_time;
    let accounts = [
        ("scheduled", PoolSignal::Scheduled, rows.scheduled),
        ("queued", PoolSignal::Queued, rows.queued),
        ("running", PoolSignal::Running, rows.running),
    ];
    for (state, signal, from_rows) in accounts {
        let from_counts = counts.integral(signal);
        if from_counts != from_rows {
            return Err(format!(
                "pool {pool}, {state}: {from_counts} slot-microseconds by its counts, {from_rows} by its rows"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Recorder;
    use crate::trace::synthetic::{
        busy_hour, cut_off, deployment, first_hour, segment, summary_of,
    };

    #[test]
    fn both_accounts_agree_however_rows_straddle_the_window() {
        for seconds in [1, 30, 119, 150, 5_000] {
            let rows = cut_off(&busy_hour(seconds), first_hour().end);
            let summary = summary_of(&deployment(), first_hour(), &rows);
            check_identities(&summary).unwrap();
        }
    }

    #[test]
    fn a_forgotten_row_is_found() {
        let rows = cut_off(&busy_hour(150), first_hour().end);
        let mut summary = summary_of(&deployment(), first_hour(), &rows);
        summary.task_instance(&segment([1_000, 1_001, 1_001, 1_002]));
        let difference = check_identities(&summary).unwrap_err();
        assert!(
            difference.starts_with("pool 0, scheduled: "),
            "{difference}"
        );
    }
}

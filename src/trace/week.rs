//! How much of each pool is used, and waited for, in each hour of the week: what a course in coarse bins does not show of a
//! long run.

use super::DagRunRecord;
use super::{MeasurementWindow, PoolSample, Recorder, ResizeRecord, TaskInstanceRecord};
use crate::deployment::Deployment;
use crate::time::{SimDuration, SimTime};

/// In microseconds.
const HOUR: i64 = 3_600_000_000;

/// 1970-01-05 was a Monday.
const FIRST_MONDAY: i64 = 4 * 24 * HOUR;

/// Hours of a week, from Monday at midnight, UTC.
pub const HOURS_OF_WEEK: usize = 168;

/// Adds up what pools do by the hour of the week.
#[derive(Clone, Debug)]
pub struct WeekOfPools {
    window: MeasurementWindow,
    pools: Vec<PoolLevels>,
}

/// What a pool does now, and has done.
#[derive(Clone, Debug)]
struct PoolLevels {
    include_deferred: bool,
    since: SimTime,
    slots: i64,
    used: i64,
    waiting: i64,
    hours: Vec<HourOfWeek>,
    /// Which of them it is, and when it ends.
    hour: usize,
    hour_ends: SimTime,
}

/// An hour of the week, all its occurrences together; slots times microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourOfWeek {
    /// How long it lasted, in microseconds.
    pub time: i64,
    /// Slots offered, while there was a limit.
    pub offered: i128,
    /// Slots in use.
    pub used: i128,
    /// Slots that scheduled instances waited for.
    pub waiting: i128,
}

impl HourOfWeek {
    /// Slots in use of those offered; none where none were.
    pub fn utilisation(&self) -> Option<f64> {
        (self.offered > 0).then(|| self.used as f64 / self.offered as f64)
    }

    /// Slots waited for on average; none if the hour never came.
    pub fn queue(&self) -> Option<f64> {
        (self.time > 0).then(|| self.waiting as f64 / self.time as f64)
    }
}

impl WeekOfPools {
    /// Nothing yet of the pools of a deployment.
    pub fn new(deployment: &Deployment, window: MeasurementWindow) -> Self {
        let pools = deployment.pools.iter().map(|pool| PoolLevels {
            include_deferred: pool.include_deferred,
            since: window.start,
            slots: pool.slots,
            used: 0,
            waiting: 0,
            hours: vec![HourOfWeek::default(); HOURS_OF_WEEK],
            hour: 0,
            hour_ends: SimTime::MIN,
        });
        Self {
            window,
            pools: pools.collect(),
        }
    }

    /// The hours of each pool, in the order of the deployment.
    pub fn into_pools(self) -> Vec<Vec<HourOfWeek>> {
        self.pools.into_iter().map(|pool| pool.hours).collect()
    }
}

impl PoolLevels {
    /// What it does has been so until this moment.
    fn advance(&mut self, until: SimTime, window: &MeasurementWindow) {
        let mut at = self.since.max(window.warm_up_end);
        let until_measured = until.min(window.end);
        while at < until_measured {
            if at >= self.hour_ends {
                let of_hour = at.as_micros().rem_euclid(HOUR);
                self.hour_ends = at + SimDuration::from_micros(HOUR - of_hour);
                let hour = (at.as_micros() - FIRST_MONDAY).div_euclid(HOUR);
                self.hour = hour.rem_euclid(HOURS_OF_WEEK as i64) as usize;
            }
            let until = self.hour_ends.min(until_measured);
            let span = until.since(at).as_micros();
            let hour = &mut self.hours[self.hour];
            hour.time += span;
            hour.offered += i128::from(self.slots.max(0)) * i128::from(span);
            hour.used += i128::from(self.used) * i128::from(span);
            hour.waiting += i128::from(self.waiting) * i128::from(span);
            at = until;
        }
        self.since = self.since.max(until);
    }
}

impl Recorder for WeekOfPools {
    fn task_instance(&mut self, _: &TaskInstanceRecord) {}

    fn dag_run(&mut self, _: &DagRunRecord) {}

    fn pool(&mut self, row: &PoolSample) {
        let pool = &mut self.pools[row.pool.index()];
        pool.advance(row.at, &self.window);
        let kept = if pool.include_deferred {
            row.deferred
        } else {
            0
        };
        pool.slots = row.slots.unwrap_or(0);
        pool.used = row.running + row.queued + kept;
        pool.waiting = row.scheduled;
    }

    fn resize(&mut self, _: ResizeRecord) {}

    fn over(&mut self, at: SimTime) {
        for pool in &mut self.pools {
            pool.advance(at, &self.window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PoolId;
    use crate::trace::synthetic::deployment;

    #[test]
    fn hours_add_up_over_weeks_and_the_warm_up_does_not_count() {
        let at = |hours: i64| SimTime::from_micros(FIRST_MONDAY + hours * HOUR);
        let window = MeasurementWindow {
            start: at(0),
            warm_up_end: at(1),
            end: at(2 * 168),
        };
        let mut week = WeekOfPools::new(&deployment(), window);
        let sample = |hours: i64, running: i64| PoolSample {
            at: at(hours),
            pool: PoolId::new(0),
            slots: Some(2),
            running,
            queued: 0,
            scheduled: 3 * running,
            deferred: 0,
        };
        // One slot from the beginning on, two in the third hour, of the second week none.
        for row in [sample(0, 1), sample(2, 2), sample(3, 0)] {
            week.pool(&row);
        }
        week.over(window.end);
        let hours = week.into_pools().remove(0);
        assert_eq!(hours[0].time, HOUR, "the warm-up is not measured");
        assert_eq!(hours[1].utilisation(), Some(0.25));
        assert_eq!(hours[2].utilisation(), Some(0.5));
        assert_eq!(hours[2].queue(), Some(3.0));
        assert_eq!(hours[167].utilisation(), Some(0.0));
    }
}

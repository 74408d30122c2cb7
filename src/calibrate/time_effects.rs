//! What a law that stays the same cannot say: durations that drift over the window, or go with the hour or the day.
//!
//! They are told, not averaged away. Each is a test on ranks; over all tasks of a site the p-values are adjusted by Holm, so
//! that with the stated probability nothing is told that is not there.

use super::ranks::{kruskal_wallis, trend};
use crate::stats::holm::holm;
use crate::time::SimTime;

/// What the durations of a task do with time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeEffects {
    /// A rise or fall over the window.
    pub drift: Option<Drift>,
    /// Hours of the day (UTC) that differ.
    pub hours: Option<Rhythm>,
    /// Days of the week (UTC, 0 is Monday) that differ.
    pub weekdays: Option<Rhythm>,
}

/// A trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Spearman's correlation of duration and order.
    pub correlation: f64,
    /// The adjusted p-value.
    pub p: f64,
    /// The mean of the second half of the tries as a share of that of the first.
    pub second_half_to_first: f64,
}

/// Groups of a clock or calendar that differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// The adjusted p-value.
    pub p: f64,
    /// Each group that was seen often enough: which, how often, its mean as a share of the mean of all.
    pub groups: Vec<(u32, usize, f64)>,
}

/// Groups of fewer values say nothing.
const LEAST_IN_GROUP: usize = 5;

/// What goes with the hour does so smoothly: so many hours before and after count as the same time of day.
const HOURS_AROUND: u32 = 2;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

impl TimeEffects {
    /// By what durations are multiplied at this moment, as far as it is shown that they are.
    pub fn factor(&self, at: SimTime) -> f64 {
        let of = |rhythm: &Option<Rhythm>, group: i64, around: u32| {
            let rhythm = rhythm.as_ref();
            rhythm.map_or(1.0, |rhythm| rhythm.share(group as u32, around))
        };
        of(&self.hours, hour(at), HOURS_AROUND) * of(&self.weekdays, weekday(at), 0)
    }
}

impl Rhythm {
    /// The mean of the groups that are at most so many hours away, as a share of that of all; 1 where nothing was seen.
    fn share(&self, group: u32, around: u32) -> f64 {
        let (mut sum, mut count) = (0.0, 0);
        for &(other, n, share) in &self.groups {
            let apart = other.abs_diff(group);
            if apart.min(24 - apart) <= around {
                sum += share * n as f64;
                count += n;
            }
        }
        if count > 0 { sum / count as f64 } else { 1.0 }
    }
}

fn hour(at: SimTime) -> i64 {
    at.as_micros().rem_euclid(DAY) / HOUR
}

/// The epoch began on a Thursday.
fn weekday(at: SimTime) -> i64 {
    (at.as_micros().div_euclid(DAY) + 3).rem_euclid(7)
}

/// The effects of each task whose tries (their begin, their seconds, in order of time) are given, as far as they are shown at
/// `level` over all of them.
pub fn time_effects(tasks: &[Vec<(SimTime, f64)>], level: f64) -> Vec<TimeEffects> {
    let drifts: Vec<Option<Drift>> = tasks.iter().map(|tries| drift(tries)).collect();
    let by = |group: &dyn Fn(SimTime) -> i64| -> Vec<Option<Rhythm>> {
        tasks.iter().map(|tries| rhythm(tries, group)).collect()
    };
    let (hours, weekdays) = (by(&hour), by(&weekday));
    let drifts = shown(drifts, level, |drift| &mut drift.p);
    let hours = shown(hours, level, |rhythm| &mut rhythm.p);
    let weekdays = shown(weekdays, level, |rhythm| &mut rhythm.p);
    let each = drifts.into_iter().zip(hours).zip(weekdays);
    each.map(|((drift, hours), weekdays)| TimeEffects {
        drift,
        hours,
        weekdays,
    })
    .collect()
}

/// Those whose adjusted p-value is at most the level.
fn shown<T>(
    mut found: Vec<Option<T>>,
    level: f64,
    p_of: impl Fn(&mut T) -> &mut f64,
) -> Vec<Option<T>> {
    // What could not be tested is no member of the family.
    let tested = found.iter_mut().flatten();
    let p_values: Vec<f64> = tested.map(|effect| *p_of(effect)).collect();
    let mut adjusted = holm(&p_values).into_iter();
    for place in &mut found {
        if let Some(effect) = place {
            let p = adjusted.next().unwrap_or(f64::NAN);
            *p_of(effect) = p;
            if p.is_nan() || p > level {
                *place = None;
            }
        }
    }
    found
}

fn drift(tries: &[(SimTime, f64)]) -> Option<Drift> {
    let seconds: Vec<f64> = tries.iter().map(|&(_, seconds)| seconds).collect();
    let (correlation, p) = trend(&seconds)?;
    let (first, second) = seconds.split_at(seconds.len() / 2);
    Some(Drift {
        correlation,
        p,
        second_half_to_first: mean(second) / mean(first),
    })
}

fn rhythm(tries: &[(SimTime, f64)], group: &dyn Fn(SimTime) -> i64) -> Option<Rhythm> {
    let mut grouped: Vec<Vec<f64>> = vec![Vec::new(); 24];
    for &(at, seconds) in tries {
        grouped[group(at) as usize].push(seconds);
    }
    let (numbers, grouped): (Vec<u32>, Vec<Vec<f64>>) = (0..24)
        .zip(grouped)
        .filter(|(_, values)| values.len() >= LEAST_IN_GROUP)
        .unzip();
    let p = kruskal_wallis(&grouped)?;
    let all: Vec<f64> = grouped.iter().flatten().copied().collect();
    let whole = mean(&all);
    let shares = grouped
        .iter()
        .map(|values| (values.len(), mean(values) / whole));
    let groups = numbers.into_iter().zip(shares);
    let groups = groups
        .map(|(number, (n, share))| (number, n, share))
        .collect();
    Some(Rhythm { p, groups })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Distribution, Purpose, StreamKey};

    /// Hourly tries for two weeks, whose durations are multiplied by what the hour since the begin says.
    fn tries(task: u64, factor: impl Fn(i64) -> f64) -> Vec<(SimTime, f64)> {
        let gamma = Distribution::from_parameters("gamma", &[("mean", 100.0), ("cv", 0.5)]);
        let gamma = gamma.unwrap();
        let mut stream = StreamKey::root(1, task).stream(Purpose::Duration);
        // 3 March 2025 was a Monday.
        let begin = SimTime::parse("2025-03-03T00:00:00Z").unwrap().as_micros();
        let hours = (0..14 * 24).map(|hour| {
            let at = SimTime::from_micros(begin + hour * HOUR);
            (at, gamma.sample(&mut stream) * factor(hour))
        });
        hours.collect()
    }

    #[test]
    fn each_effect_is_found_where_it_is_and_nowhere_else() {
        let mut tasks = vec![
            tries(0, |hour| if hour % 24 < 6 { 2.0 } else { 1.0 }),
            tries(1, |hour| if hour / 24 % 7 == 6 { 2.0 } else { 1.0 }),
            tries(2, |hour| 1.0 + hour as f64 / 336.0),
        ];
        tasks.extend((3..40).map(|task| tries(task, |_| 1.0)));
        let effects = time_effects(&tasks, 0.05);
        let hours = effects[0].hours.as_ref().unwrap();
        assert_eq!(hours.groups.len(), 24);
        assert!(hours.groups[2].2 > 1.2 && hours.groups[20].2 < 1.2);
        // Six hours of 24 are twice as long: 2 / 1.25 and 1 / 1.25 of the mean, wherever the hours around are alike.
        let at = |hour: &str| SimTime::parse(&format!("2025-03-03T{hour}:30:00Z")).unwrap();
        let factor = |hour| effects[0].factor(at(hour));
        assert!((factor("03") / 1.6 - 1.0).abs() < 0.15, "{}", factor("03"));
        assert!((factor("15") / 0.8 - 1.0).abs() < 0.15, "{}", factor("15"));
        assert!(factor("06") > factor("15") && factor("06") < factor("03"));
        let days = effects[1].weekdays.as_ref().unwrap();
        assert!(days.groups[6].0 == 6 && days.groups[6].2 > 1.5, "{days:?}");
        let drift = effects[2].drift.unwrap();
        assert!(drift.second_half_to_first > 1.2 && drift.correlation > 0.2);
        let others = effects[3..]
            .iter()
            .filter(|found| **found != TimeEffects::default());
        assert_eq!(others.count(), 0);
    }
}

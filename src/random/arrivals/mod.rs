//! Arrival processes of triggered runs. Fixed intervals of scheduled runs are timetables and live with the deployment.
//!
//! A process is a sequence of points in time, and each point brings one run or a batch of them. A point has random
//! numbers of its own, named by its number: what else arrives, and how large the batches before it were, changes
//! nothing about it.

mod batch;
mod bursts;
mod poisson;
mod profile;
mod recording;

pub use bursts::Bursts;
pub use profile::{HOURS_OF_A_WEEK, RateProfile};
pub use recording::Recording;

use super::{Distribution, Purpose, StreamKey};
use crate::time::{SimDuration, SimTime};

/// Two runs of a DAG cannot have the same logical date, so the runs of a batch are this far apart.
const STEP: SimDuration = SimDuration::from_micros(1);

/// When triggered runs arrive, and how many at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivalProcess {
    points: PointProcess,
    /// The runs that a point brings; one without it.
    batch: Option<Distribution>,
}

/// When something arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum PointProcess {
    /// Independent exponential gaps.
    Poisson {
        /// Points per second; none ever come unless it is positive and finite.
        rate: f64,
    },
    /// A Poisson process whose rate follows the hour of the week.
    Profile(RateProfile),
    /// At a fixed period, perhaps a little late.
    Bursts(Bursts),
    /// When something arrived in the past.
    Recorded(Recording),
}

/// How far a process has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArrivalCursor {
    /// Where it began.
    origin: SimTime,
    /// The number of the next point: it names its random numbers, and its place in a recording.
    number: i64,
    /// The last point, or the origin.
    point: SimTime,
    /// The runs that the last point still has to bring.
    left: u64,
    /// The last run, or just before the origin.
    run: SimTime,
}

impl ArrivalProcess {
    /// One run at each point.
    pub fn new(points: PointProcess) -> Self {
        Self {
            points,
            batch: None,
        }
    }

    /// Independent exponential gaps, at `rate` runs per second.
    pub fn poisson(rate: f64) -> Self {
        Self::new(PointProcess::Poisson { rate })
    }

    /// The same points, each of which brings a batch of runs: a draw of `size`, made whole so that its mean is kept.
    /// None if a batch could have less than one run.
    #[must_use]
    pub fn in_batches(self, size: Distribution) -> Option<Self> {
        let batch = Some(size).filter(|size| size.quantile(0.0) >= 1.0)?;
        Some(Self {
            batch: Some(batch),
            ..self
        })
    }

    /// The process as it begins at `origin`: nothing arrives before.
    pub fn begin(&self, origin: SimTime) -> ArrivalCursor {
        let number = match &self.points {
            PointProcess::Recorded(recording) => recording.first_at_or_after(origin),
            _ => 0,
        };
        ArrivalCursor {
            origin,
            number,
            point: origin,
            left: 0,
            run: origin - STEP,
        }
    }

    /// When the next run arrives, later than the one before; none if no more come. All random numbers hang on `key`.
    #[inline]
    pub fn next(&self, cursor: &mut ArrivalCursor, key: StreamKey) -> Option<SimTime> {
        if cursor.left == 0 {
            let mut stream = key.with(cursor.number as u64).stream(Purpose::Arrival);
            cursor.point = match &self.points {
                PointProcess::Poisson { rate } => poisson::next(*rate, cursor.point, &mut stream),
                PointProcess::Profile(profile) => Some(profile.next(cursor.point, &mut stream)),
                PointProcess::Bursts(bursts) => {
                    Some(bursts.at(cursor.origin, cursor.number, &mut stream))
                }
                PointProcess::Recorded(recording) => recording.at(cursor.number),
            }?;
            cursor.number += 1;
            cursor.left = match &self.batch {
                None => 1,
                Some(size) => batch::draw(size, &mut stream),
            };
        }
        cursor.left = cursor.left.saturating_sub(1);
        cursor.run = cursor.point.max(cursor.run + STEP);
        Some(cursor.run)
    }

    /// Whether no more runs come from some moment on.
    pub const fn is_finite(&self) -> bool {
        match &self.points {
            PointProcess::Recorded(recording) => !recording.repeats(),
            PointProcess::Poisson { .. } | PointProcess::Profile(_) | PointProcess::Bursts(_) => {
                false
            }
        }
    }

    /// Runs per second from `from` to `to` in the mean: of a profile and of a recording those of just these moments,
    /// of the others those of the long run.
    pub fn mean_rate(&self, from: SimTime, to: SimTime) -> f64 {
        let points = match &self.points {
            PointProcess::Poisson { rate } => *rate,
            PointProcess::Profile(profile) => per_second(profile.expected(from, to), from, to),
            PointProcess::Bursts(bursts) => bursts.mean_rate(),
            PointProcess::Recorded(recording) => {
                let first = recording.first_at_or_after(from);
                let count = recording.first_at_or_after(to) - first;
                per_second(count as f64, from, to)
            }
        };
        points * self.batch.as_ref().map_or(1.0, Distribution::mean)
    }
}

fn per_second(count: f64, from: SimTime, to: SimTime) -> f64 {
    let seconds = (to - from).as_seconds();
    if seconds > 0.0 { count / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: SimTime = SimTime::from_micros(1_772_409_600_000_000);
    const HOUR: SimDuration = SimDuration::from_seconds(3_600);

    fn arrivals(process: &ArrivalProcess, seed: u64, count: usize) -> Vec<SimTime> {
        let key = StreamKey::root(seed, 0);
        let mut cursor = process.begin(START);
        let next = || process.next(&mut cursor, key);
        std::iter::from_fn(next).take(count).collect()
    }

    fn points(process: &ArrivalProcess, seed: u64, count: usize) -> Vec<SimTime> {
        let mut runs = arrivals(process, seed, count);
        runs.dedup_by(|later, earlier| *later - *earlier < SimDuration::from_micros(100));
        runs
    }

    #[test]
    fn the_runs_of_a_batch_are_a_microsecond_apart() {
        let bursts = Bursts::new(HOUR, None);
        let process = ArrivalProcess::new(PointProcess::Bursts(bursts))
            .in_batches(Distribution::constant(3.0).unwrap())
            .unwrap();
        let late = |hours: i64, micros| {
            START + SimDuration::from_micros(hours * HOUR.as_micros() + micros)
        };
        let expected = [
            late(0, 0),
            late(0, 1),
            late(0, 2),
            late(1, 0),
            late(1, 1),
            late(1, 2),
            late(2, 0),
        ];
        assert_eq!(arrivals(&process, 1, 7), expected);
        let rate = process.mean_rate(START, START + HOUR);
        assert!((rate - 3.0 / 3_600.0).abs() < 1e-15, "{rate}");
    }

    #[test]
    fn points_do_not_depend_on_the_sizes_of_batches() {
        let alone = ArrivalProcess::poisson(0.01);
        let of = |size: Distribution| alone.clone().in_batches(size).unwrap();
        let sizes = Distribution::from_parameters("uniform", &[("low", 1.0), ("high", 9.0)]);
        let expected = points(&alone, 7, 100);
        for process in [of(Distribution::constant(5.0).unwrap()), of(sizes.unwrap())] {
            let points = points(&process, 7, 400);
            assert!(points.len() > 40);
            assert_eq!(points, expected[..points.len()]);
        }
    }

    #[test]
    fn as_many_arrive_as_the_mean_rate_says() {
        let rates = std::array::from_fn(|hour| (hour % 5) as f64 / 3_600.0);
        let profile = RateProfile::new(rates, &[]).unwrap();
        let size = Distribution::exponential(4.0).unwrap();
        let size = size.modified(0.0, Some(1.0), None).unwrap();
        let end = START + SimDuration::from_seconds(500 * 86_400 + 5_000);
        for points in [
            PointProcess::Poisson { rate: 5e-4 },
            PointProcess::Profile(profile),
        ] {
            let process = ArrivalProcess::new(points)
                .in_batches(size.clone())
                .unwrap();
            let expected = process.mean_rate(START, end) * (end - START).as_seconds();
            let key = StreamKey::root(1_837, 0);
            let mut cursor = process.begin(START);
            let arrivals = std::iter::from_fn(|| process.next(&mut cursor, key));
            let count = arrivals.take_while(|&at| at < end).count() as f64;
            // A compound Poisson number has the variance E[points] E[size^2]; rounding adds 1/4 to that of a size.
            let square = size.variance() + 0.25 + size.mean() * size.mean();
            let error = (expected / size.mean() * square).sqrt();
            assert!(
                (count - expected).abs() < 4.0 * error,
                "{count}, not {expected}"
            );
        }
    }

    #[test]
    fn equal_keys_bring_equal_arrivals_and_others_do_not() {
        let profile = RateProfile::new([0.01; HOURS_OF_A_WEEK], &[]).unwrap();
        let process = ArrivalProcess::new(PointProcess::Profile(profile));
        assert_eq!(arrivals(&process, 3, 50), arrivals(&process, 3, 50));
        assert_ne!(arrivals(&process, 3, 50), arrivals(&process, 4, 50));
    }

    #[test]
    fn arrivals_rise_however_dense_they_are() {
        let jitter = Distribution::exponential(7_200.0).unwrap();
        let bursts = Bursts::new(HOUR, Some(jitter));
        for process in [
            ArrivalProcess::poisson(1e7),
            ArrivalProcess::new(PointProcess::Bursts(bursts)),
        ] {
            let runs = arrivals(&process, 5, 1_000);
            assert!(runs.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(runs[0] >= START);
        }
    }

    #[test]
    fn a_batch_has_at_least_one_run() {
        let size = |value| Distribution::constant(value).unwrap();
        let process = || ArrivalProcess::poisson(1.0);
        assert_eq!(process().in_batches(size(0.9)), None);
        assert!(process().in_batches(size(1.0)).is_some());
        let skewed = Distribution::lognormal(5.0, 5.0).unwrap();
        assert_eq!(process().in_batches(skewed.clone()), None);
        let bounded = skewed.modified(0.0, Some(1.0), None).unwrap();
        assert!(process().in_batches(bounded).is_some());
    }
}

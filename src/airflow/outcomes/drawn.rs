//! Outcomes drawn from the distributions of the deployment, keyed so that the order of events cannot change them.

use crate::airflow::outcomes::{Attempt, Ending, Outcomes, Segment};
use crate::deployment::{Deployment, Sensor, SensorMode, SensorWait, Task, TaskKind};
use crate::ids::{DagId, TaskId};
use crate::random::{Distribution, Purpose, StreamKey};
use crate::time::SimDuration;

/// Draws for the tasks of a deployment.
#[derive(Clone, Debug)]
pub struct Drawn<'a> {
    deployment: &'a Deployment,
}

impl<'a> Drawn<'a> {
    /// Draws for the tasks of this deployment.
    pub fn new(deployment: &'a Deployment) -> Self {
        Self { deployment }
    }

    fn task(&self, attempt: &Attempt) -> &'a Task {
        &self.deployment.tasks[attempt.task.index()]
    }
}

impl Outcomes for Drawn<'_> {
    #[inline]
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        let task = self.task(attempt);
        let duration = duration(task, attempt);
        match &task.kind {
            TaskKind::Sensor(sensor) => poke(sensor, attempt, duration),
            TaskKind::Deferrable(_) if attempt.trigger_timed_out => Segment {
                duration: SimDuration::ZERO,
                ending: Ending::Failed,
            },
            // What starts from its trigger has a worker only in the end.
            TaskKind::Deferrable(deferral)
                if attempt.segment == 1 && !deferral.start_from_trigger =>
            {
                Segment {
                    duration,
                    ending: Ending::Deferred,
                }
            }
            _ => work(task, attempt, duration),
        }
    }

    fn poke(&mut self, attempt: &Attempt) -> SimDuration {
        duration(self.task(attempt), attempt)
    }

    #[inline]
    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        let task = self.task(attempt);
        match &self.deployment.executors[task.executor].start_delay {
            delay if delay.is_zero() => SimDuration::ZERO,
            delay => {
                // Each further queueing of a segment draws again: so many draws before it are left out.
                let mut stream = attempt.stream(Purpose::StartDelay);
                let mut draws = std::iter::repeat_with(|| delay.sample(&mut stream));
                let draw = draws.nth(attempt.requeues as usize).unwrap_or_default();
                SimDuration::from_seconds_f64(draw)
            }
        }
    }

    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64 {
        let size = self.deployment.dags[dag.index()].run_size.as_ref();
        size.map_or(1.0, |size: &Distribution| {
            size.sample(&mut run.stream(Purpose::RunSize))
        })
    }

    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId> {
        let TaskKind::Branch(branch) = &self.task(attempt).kind else {
            return None;
        };
        let mut left = attempt.stream(Purpose::Branch).next_open();
        let chosen = branch.ways.iter().find(|(_, probability)| {
            left -= probability;
            left < 0.0
        });
        chosen.map(|&(task, _)| task)
    }

    fn stops(&mut self, attempt: &Attempt) -> bool {
        match &self.task(attempt).kind {
            TaskKind::ShortCircuit(circuit) => {
                attempt.stream(Purpose::Branch).next_open() < circuit.stop_rate
            }
            _ => false,
        }
    }

    fn pushed_length(&mut self, attempt: &Attempt) -> u32 {
        let lengths = self.task(attempt).pushes.as_ref();
        // A length is a whole number; a negative draw pushes nothing.
        lengths.map_or(0, |lengths| {
            lengths
                .sample(&mut attempt.stream_of_try(Purpose::MapLength))
                .round() as u32
        })
    }

    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration {
        match &self.task(attempt).kind {
            TaskKind::Deferrable(deferral) => SimDuration::from_seconds_f64(
                deferral.wait.sample(&mut attempt.stream(Purpose::Wait)),
            ),
            _ => SimDuration::ZERO,
        }
    }
}

#[inline]
fn duration(task: &Task, attempt: &Attempt) -> SimDuration {
    draw_duration(&task.duration, attempt)
}

/// How long an execution runs.
#[inline]
pub(crate) fn draw_duration(of: &Distribution, attempt: &Attempt) -> SimDuration {
    let seconds = of.sample(&mut attempt.stream(Purpose::Duration));
    SimDuration::from_seconds_f64(seconds * attempt.run_size)
}

/// An execution that does its work, or fails at it, or is cut off by `execution_timeout`.
#[inline]
fn work(task: &Task, attempt: &Attempt, duration: SimDuration) -> Segment {
    let mut segment = Segment {
        duration,
        ending: Ending::Success,
    };
    if task.failure_rate > 0.0 && attempt.stream(Purpose::Failure).next_open() < task.failure_rate {
        segment.ending = failure(task, attempt);
    } else if task.skip_rate > 0.0 && attempt.stream(Purpose::Skip).next_open() < task.skip_rate {
        segment.ending = Ending::Skipped;
    }
    if let Some(limit) = task.execution_timeout.filter(|&limit| duration > limit) {
        segment = Segment {
            duration: limit,
            ending: Ending::Failed,
        };
    }
    if task.lost_rate > 0.0 {
        let mut stream = attempt.stream(Purpose::Loss);
        if stream.next_open() < task.lost_rate {
            segment.duration =
                SimDuration::from_seconds_f64(segment.duration.as_seconds() * stream.next_open());
            segment.ending = Ending::Lost;
        }
    }
    segment
}

fn failure(task: &Task, attempt: &Attempt) -> Ending {
    let for_good =
        task.fatal_share > 0.0 && attempt.stream(Purpose::Fatality).next_open() < task.fatal_share;
    if for_good {
        Ending::FailedForGood
    } else {
        Ending::Failed
    }
}

/// A poke that takes `duration`; in `poke` mode all pokes of the try, for the worker is kept between them.
fn poke(sensor: &Sensor, attempt: &Attempt, duration: SimDuration) -> Segment {
    let wait = match &sensor.wait {
        SensorWait::Time(wait) => {
            let seconds = wait.sample(&mut attempt.stream_of_try(Purpose::Wait));
            SimDuration::from_seconds_f64(seconds)
        }
        // Whoever knows when the task succeeds will find it.
        SensorWait::Task(_) => SimDuration::from_micros(i64::MAX),
    };
    match sensor.mode {
        SensorMode::Reschedule if attempt.waited + duration >= wait => Segment {
            duration,
            ending: Ending::Success,
        },
        SensorMode::Reschedule => Segment {
            duration,
            ending: Ending::InVain,
        },
        SensorMode::Poke => poke_until_there(sensor, duration, wait),
    }
}

/// All pokes of a try of a sensor that keeps its worker, each of the same length: until one finds what it waits for,
/// or the first that ends in vain after the time-out.
fn poke_until_there(sensor: &Sensor, poke: SimDuration, wait: SimDuration) -> Segment {
    let cycle = poke + sensor.poke_interval;
    let cycles = |until: SimDuration, at_least: i64| {
        let left = (until - poke).as_micros().max(0);
        SimDuration::from_micros(
            left.saturating_add(at_least) / cycle.as_micros().max(1) * cycle.as_micros(),
        )
    };
    // The first poke that ends at `wait` or later succeeds; the first that ends later than the time-out is the last.
    let found = cycles(wait, cycle.as_micros() - 1) + poke;
    let last = if poke > sensor.timeout {
        poke
    } else {
        cycles(sensor.timeout, cycle.as_micros()) + poke
    };
    if found <= last {
        return Segment {
            duration: found,
            ending: Ending::Success,
        };
    }
    Segment {
        duration: last,
        ending: if sensor.soft_fail {
            Ending::Skipped
        } else {
            Ending::FailedForGood
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensor(timeout: i64) -> Sensor {
        Sensor {
            mode: SensorMode::Poke,
            poke_interval: SimDuration::from_seconds(60),
            timeout: SimDuration::from_seconds(timeout),
            soft_fail: false,
            exponential_backoff: false,
            max_wait: None,
            wait: SensorWait::Time(Distribution::ZERO),
        }
    }

    #[test]
    fn a_poking_sensor_ends_with_the_first_poke_that_finds_it() {
        let seconds = SimDuration::from_seconds;
        // Pokes of 2 s end at 2, 64, 126, 188, ... seconds.
        let cases = [(0, 2), (2, 2), (3, 64), (64, 64), (65, 126), (187, 188)];
        for (wait, end) in cases {
            let segment = poke_until_there(&sensor(1_000), seconds(2), seconds(wait));
            assert_eq!(segment.duration, seconds(end), "a wait of {wait} s");
            assert_eq!(segment.ending, Ending::Success);
        }
        // Strictly later than the time-out: the poke that ends at 126 is not the last one for 126.
        let late = |timeout| poke_until_there(&sensor(timeout), seconds(2), seconds(5_000));
        assert_eq!(late(125).duration, seconds(126));
        assert_eq!(late(126).duration, seconds(188));
        assert_eq!(late(126).ending, Ending::FailedForGood);
    }
}

//! Outcomes of which the first part was recorded and the rest is drawn.

use super::calibrated::Parameters;
use super::remembered::Remembered;
use crate::airflow::{Attempt, Drawn, Outcomes, Segment};
use crate::calibrate::TimeEffects;
use crate::deployment::{SensorWait, Task, TaskKind};
use crate::ids::{DagId, TaskId};
use crate::random::{Purpose, StreamKey};
use crate::time::{SimDuration, SimTime};

/// Whatever was over before `split` is as it was recorded. What was under way then is known to have lasted until then, and
/// nothing more: it is drawn among what lasts longer.
#[derive(Clone, Debug)]
pub(super) struct Foreseen<'a> {
    remembered: Remembered<'a>,
    drawn: Drawn<'a>,
    tasks: &'a [Task],
    effects: &'a [TimeEffects],
    split: SimTime,
}

/// If so many draws are not long enough, none will be.
const MOST_DRAWS: u64 = 1_000;

impl<'a> Foreseen<'a> {
    pub(super) fn new(
        remembered: Remembered<'a>,
        parameters: &'a Parameters,
        split: SimTime,
    ) -> Self {
        Self {
            remembered,
            drawn: Drawn::new(&parameters.deployment),
            tasks: &parameters.deployment.tasks,
            effects: &parameters.effects,
            split,
        }
    }

    /// A span that begins with what is asked: as it was recorded if it was over before the split.
    fn span<T>(
        &mut self,
        attempt: &Attempt,
        ask: impl Fn(&mut dyn Outcomes, &Attempt) -> T,
        length: impl Fn(&T) -> SimDuration,
    ) -> T {
        let ahead = self.ahead(attempt);
        if attempt.since >= self.split {
            return ask(&mut self.drawn, &ahead);
        }
        let known = self.split - attempt.since;
        let recorded = ask(&mut self.remembered, attempt);
        if length(&recorded) < known {
            return recorded;
        }
        let mut numbers = 0..MOST_DRAWS;
        let longer = numbers.find_map(|number| {
            let drawn = ask(&mut self.drawn, &other_luck(&ahead, number));
            (length(&drawn) >= known).then_some(drawn)
        });
        longer.unwrap_or(recorded)
    }

    /// What is asked of a try whose luck is known if it was over before the split.
    fn whole<T>(&mut self, attempt: &Attempt, ask: impl Fn(&mut dyn Outcomes, &Attempt) -> T) -> T {
        if self.remembered.was_over(attempt, self.split) {
            ask(&mut self.remembered, attempt)
        } else {
            ask(&mut self.drawn, attempt)
        }
    }

    /// An attempt whose durations go with the clock, and whose sensor had waited in vain until the split if it began before.
    fn ahead(&self, attempt: &Attempt) -> Attempt {
        let at = attempt.task.index();
        let ahead = Attempt {
            run_size: attempt.run_size * self.effects[at].factor(attempt.since),
            ..*attempt
        };
        let began = attempt.since - attempt.waited;
        let (TaskKind::Sensor(sensor), true) = (&self.tasks[at].kind, began < self.split) else {
            return ahead;
        };
        let SensorWait::Time(wait) = &sensor.wait else {
            return ahead;
        };
        let known = (self.split - began).as_seconds();
        let others = (0..MOST_DRAWS).map(|number| other_luck(&ahead, number));
        let mut long_enough =
            others.filter(|other| wait.sample(&mut other.stream_of_try(Purpose::Wait)) >= known);
        long_enough.next().unwrap_or(ahead)
    }
}

fn other_luck(attempt: &Attempt, number: u64) -> Attempt {
    Attempt {
        run_key: attempt.run_key.with(number),
        ..*attempt
    }
}

impl Outcomes for Foreseen<'_> {
    fn segment(&mut self, attempt: &Attempt) -> Segment {
        self.span(attempt, |of, it| of.segment(it), |segment| segment.duration)
    }

    fn poke(&mut self, attempt: &Attempt) -> SimDuration {
        self.span(attempt, |of, it| of.poke(it), |poke| *poke)
    }

    fn start_delay(&mut self, attempt: &Attempt) -> SimDuration {
        self.span(attempt, |of, it| of.start_delay(it), |delay| *delay)
    }

    fn run_size(&mut self, dag: DagId, run: StreamKey) -> f64 {
        self.drawn.run_size(dag, run)
    }

    fn branch(&mut self, attempt: &Attempt) -> Option<TaskId> {
        self.whole(attempt, |of, it| of.branch(it))
    }

    fn stops(&mut self, attempt: &Attempt) -> bool {
        self.whole(attempt, |of, it| of.stops(it))
    }

    fn pushed_length(&mut self, attempt: &Attempt) -> u32 {
        self.whole(attempt, |of, it| of.pushed_length(it))
    }

    fn trigger_delay(&mut self, attempt: &Attempt) -> SimDuration {
        self.span(attempt, |of, it| of.trigger_delay(it), |delay| *delay)
    }
}

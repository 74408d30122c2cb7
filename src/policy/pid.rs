//! A PID controller of the slots that a pool lacks, with back-calculation against wind-up.
//!
//! ```text
//! e = demand − target × slots                         (slots that are wanting)
//! v = bias + Kp e + I − Kp Td Δdemand / dt            (the derivative acts on what is measured, not on the target)
//! u = clamp(v, min, max)
//! I ← I + Kp dt / Ti e + dt / Tt (u − v)
//! ```
//!
//! `bias` is the size at the first look; Tt is √(Ti Td), or Ti / 2 without a derivative. Within a dead band of one slot
//! nothing is done, because slots are whole. Source: Åström and Murray, "Feedback Systems", ch. 11.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::time::{SimDuration, SimTime};

/// Steers the share of slots in demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pid {
    /// The wanted share of slots in demand.
    pub target: f64,
    /// Slots for each slot that is wanting.
    pub gain: f64,
    /// How long a lasting error takes to count once more.
    pub integral_time: SimDuration,
    /// How far ahead a change is thought on; zero for no derivative.
    pub derivative_time: SimDuration,
    /// The least size that it steers to.
    pub min: u32,
    /// The greatest.
    pub max: u32,
    /// What it would change by no more than this many slots stays.
    pub dead_band: u32,
}

/// What the controller carries from look to look.
#[derive(Debug, Default)]
pub(super) struct Control {
    bias: Option<f64>,
    pub(super) integral: f64,
    last: Option<(SimTime, f64)>,
}

impl Pid {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "pid",
        summary: "a PID controller of the share of slots in demand, which does not wind up at its bounds",
        parameters: &[
            Parameter::new(
                "target",
                ParameterKind::Above(0.0, 1.0),
                ParameterDefault::Number(0.8),
                "the wanted share of slots in demand",
            ),
            Parameter::new(
                "gain",
                ParameterKind::Above(0.0, 1_000.0),
                ParameterDefault::Number(0.5),
                "slots for each slot that is wanting",
            ),
            Parameter::new(
                "integral_time",
                ParameterKind::Duration,
                ParameterDefault::Seconds(600),
                "how long a lasting error takes to count once more",
            ),
            Parameter::new(
                "derivative_time",
                ParameterKind::Duration,
                ParameterDefault::Absent,
                "how far ahead a change is thought on; without it not at all",
            ),
            Parameter::new(
                "min",
                ParameterKind::Whole(0, 1_000_000),
                ParameterDefault::Number(1.0),
                "the fewest slots",
            ),
            Parameter::required("max", ParameterKind::Whole(1, 1_000_000), "the most slots"),
            Parameter::new(
                "dead_band",
                ParameterKind::Whole(0, 1_000_000),
                ParameterDefault::Number(1.0),
                "a change by no more slots than this is not made",
            ),
        ],
        build: |given| Self::from_given(given).map(PolicySpec::Pid),
    };

    fn from_given(given: &Given) -> Result<Self, String> {
        let [min, max] = given.bounds("min", "max")?;
        Ok(Self {
            target: given.number("target"),
            gain: given.number("gain"),
            integral_time: given.duration("integral_time"),
            derivative_time: given.duration("derivative_time"),
            min,
            max,
            dead_band: given.whole("dead_band"),
        })
    }

    fn tracking_time(&self) -> f64 {
        let [integral, derivative] =
            [self.integral_time, self.derivative_time].map(SimDuration::as_seconds);
        if derivative > 0.0 {
            (integral * derivative).sqrt()
        } else {
            integral / 2.0
        }
    }
}

impl Control {
    /// One step: the size that the formula gives, and the one within bounds.
    pub(super) fn step(
        &mut self,
        rule: &Pid,
        bias: f64,
        error: f64,
        slope: f64,
        dt: f64,
    ) -> [f64; 2] {
        let derivative = rule.gain * rule.derivative_time.as_seconds() * slope;
        let free = bias + rule.gain * error + self.integral + derivative;
        let bounded = free.clamp(f64::from(rule.min), f64::from(rule.max));
        self.integral += rule.gain * dt / rule.integral_time.as_seconds() * error
            + dt / rule.tracking_time() * (bounded - free);
        [free, bounded]
    }
}

impl PoolRule for Pid {
    type Memory = Control;

    fn wish(&self, control: &mut Control, load: &PoolLoad) -> Option<(f64, String)> {
        let demand = load.demand() as f64;
        let bias = *control.bias.get_or_insert(load.slots as f64);
        let last = control.last.replace((load.time, demand));
        // The first look tells no span that anything could have lasted.
        let (since, before) = last.unwrap_or((load.time, demand));
        let dt = (load.time - since).as_seconds();
        let slope = if dt > 0.0 {
            (demand - before) / dt
        } else {
            0.0
        };
        let error = demand - self.target * load.slots as f64;
        let [_, wanted] = control.step(self, bias, error, slope, dt);
        let is_small = (wanted - load.slots as f64).abs() <= f64::from(self.dead_band);
        let reason = || format!("{demand:.0} slots in demand, {error:.1} wanting");
        (!is_small).then(|| (wanted.round(), reason()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Pid = Pid {
        target: 0.8,
        gain: 0.5,
        integral_time: SimDuration::from_seconds(600),
        derivative_time: SimDuration::ZERO,
        min: 1,
        max: 20,
        dead_band: 1,
    };

    #[test]
    fn the_integral_does_not_wind_up_at_a_bound() {
        let expected = [
            [20.0, 20.0, 0.0],
            [21.0, 20.0, 1.0],
            [21.8, 20.0, 1.8],
            [22.44, 20.0, 2.44],
            [10.452, 10.452, 2.952],
            [10.202, 10.202, 2.702],
            [9.952, 9.952, 2.452],
        ];
        let mut control = Control::default();
        let errors = [20.0, 20.0, 20.0, 20.0, -5.0, -5.0, -5.0];
        for ([free, bounded, integral], error) in expected.into_iter().zip(errors) {
            assert!((control.integral - integral).abs() < 1e-9);
            let step = control.step(&RULE, 10.0, error, 0.0, 60.0);
            assert!((step[0] - free).abs() < 1e-9, "{step:?}");
            assert!((step[1] - bounded).abs() < 1e-9, "{step:?}");
        }
    }

    #[test]
    fn within_the_dead_band_nothing_is_done() {
        let load = |running| PoolLoad {
            slots: 10,
            running,
            ..PoolLoad::default()
        };
        let wish = |running| RULE.wish(&mut Control::default(), &load(running));
        assert_eq!(wish(8), None);
        assert_eq!(wish(10), None);
        assert_eq!(wish(16).map(|(slots, _)| slots as i64), Some(14));
    }
}

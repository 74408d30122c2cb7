//! Staffing by queueing theory: as many slots as keep the share of instances that wait at all below a bound.
//!
//! ```text
//! m ← m e^(−dt/S) + λ S (1 − e^(−dt/S))            modified offered load of exponential service times of mean S
//! exact:        the least c with C(c, m) ≤ α        Erlang's C
//! square root:  c = m + β √m,  1 / (1 + β Φ(β) / φ(β)) = α
//! ```
//!
//! λ is what arrived since the last look, in slots a second; S is given, or measured as in `backlog_per_slot`.
//! Sources: Erlang (1917); Halfin and Whitt, "Heavy-traffic limits for queues with many exponential servers" (1981);
//! Jennings, Mandelbaum, Massey and Whitt, "Server staffing to meet time-varying demand" (1996). Batches, priorities
//! and wide tasks are beyond these formulas: a start for a search, and a baseline to beat.

use super::description::{Given, Parameter, ParameterDefault, ParameterKind, PolicyDescription};
use super::mean_service::MeanService;
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};
use crate::stats::erlang;
use crate::time::{SimDuration, SimTime};

/// Sizes a pool by the work that arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staffing {
    /// The share of instances that may have to wait.
    pub wait_share: f64,
    /// How the slots follow from the load.
    pub formula: StaffingFormula,
    /// How long an instance runs; measured if it is not given.
    pub mean_service: Option<SimDuration>,
}

/// How the slots follow from the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffingFormula {
    /// By Erlang's C.
    ErlangC,
    /// By the square root of the load.
    SquareRoot,
}

/// The load by the last look.
#[derive(Debug, Default)]
pub(super) struct OfferedLoad {
    service: MeanService,
    last: Option<SimTime>,
    load: Option<f64>,
}

impl Staffing {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "staffing",
        summary: "by queueing theory, so that few instances have to wait at all",
        parameters: &[
            Parameter::new(
                "wait_share",
                ParameterKind::Above(0.0, 0.999),
                ParameterDefault::Number(0.2),
                "the share of instances that may have to wait",
            ),
            Parameter::new(
                "formula",
                ParameterKind::Choice(&["erlang_c", "square_root"]),
                ParameterDefault::Name("erlang_c"),
                "how the slots follow from the load",
            ),
            Parameter::new(
                "mean_service",
                ParameterKind::Duration,
                ParameterDefault::Absent,
                "how long an instance runs; measured if it is not given",
            ),
        ],
        build: |given| Ok(PolicySpec::Staffing(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        Self {
            wait_share: given.number("wait_share"),
            formula: match given.choice("formula") {
                "square_root" => StaffingFormula::SquareRoot,
                _ => StaffingFormula::ErlangC,
            },
            mean_service: given.optional_duration("mean_service"),
        }
    }

    pub(super) fn slots(&self, load: f64) -> f64 {
        match self.formula {
            StaffingFormula::ErlangC => f64::from(erlang::servers(load, self.wait_share)),
            StaffingFormula::SquareRoot => {
                load + erlang::square_root_beta(self.wait_share) * load.sqrt()
            }
        }
    }
}

impl OfferedLoad {
    /// Counts what has arrived since the last look; the load now, in slots.
    pub(super) fn see(&mut self, load: &PoolLoad, service: f64) -> Option<f64> {
        let since = self.last.replace(load.time)?;
        let dt = (load.time - since).as_seconds();
        if dt <= 0.0 {
            return self.load;
        }
        let steady = load.arrived as f64 / dt * service;
        let kept = libm::exp(-dt / service);
        // What is in demand at the beginning is the best guess of the load so far.
        let before = self.load.unwrap_or(load.demand() as f64);
        self.load = Some(before * kept + steady * (1.0 - kept));
        self.load
    }
}

impl PoolRule for Staffing {
    type Memory = OfferedLoad;

    fn wish(&self, memory: &mut OfferedLoad, load: &PoolLoad) -> Option<(f64, String)> {
        memory.service.see(load);
        let service = self.mean_service.or(memory.service.mean())?.as_seconds();
        if service <= 0.0 {
            return None;
        }
        let offered = memory.see(load, service)?;
        let reason = format!("a load of {offered:.1} slots, of which few may wait");
        Some((self.slots(offered), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(formula: StaffingFormula, wait_share: f64, hours: i64) -> Staffing {
        Staffing {
            wait_share,
            formula,
            mean_service: Some(SimDuration::from_seconds(3_600 * hours)),
        }
    }

    #[test]
    fn a_load_of_a_hundred_needs_what_the_tables_say() {
        for (wait_share, exact) in [(0.05, 119.0), (0.2, 111.0), (0.5, 106.0)] {
            let slots = rule(StaffingFormula::ErlangC, wait_share, 1).slots(100.0);
            assert!((slots - exact).abs() < 1e-9, "{slots}");
            let root = rule(StaffingFormula::SquareRoot, wait_share, 1).slots(100.0);
            assert!((root.ceil() - exact).abs() <= 1.0, "{root}");
        }
    }

    /// The load over a day whose rate is 20 + 10 sin(2 pi t / 24) an hour, after it has settled.
    fn loads(service_hours: f64) -> Vec<(f64, f64)> {
        let mut memory = OfferedLoad::default();
        let minutes = 0..=8 * 1_440;
        let arrivals = |hour: f64| {
            let swing = 10.0 * 12.0 / std::f64::consts::PI;
            1e6 * (20.0 * hour - swing * libm::cos(std::f64::consts::PI * hour / 12.0))
        };
        let mut seen = Vec::new();
        for minute in minutes {
            let hour = f64::from(minute) / 60.0;
            let load = PoolLoad {
                time: SimTime::default() + SimDuration::from_seconds(60 * i64::from(minute)),
                // In millionths, so that whole numbers do.
                arrived: (arrivals(hour) - arrivals(hour - 1.0 / 60.0)) as u64,
                ..PoolLoad::default()
            };
            if let Some(load) = memory.see(&load, service_hours * 3_600.0)
                && minute >= 7 * 1_440
            {
                seen.push((hour - 168.0, load / 1e6));
            }
        }
        seen
    }

    #[test]
    fn the_modified_offered_load_lags_behind_the_rate() {
        let long = loads(6.0);
        let (at, peak) = long
            .iter()
            .copied()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap();
        assert!((peak - 152.2).abs() < 0.3, "{peak}");
        assert!((at - 9.83).abs() < 0.1, "{at}");
        let rule = rule(StaffingFormula::ErlangC, 0.1, 1);
        let short = loads(1.0);
        for (hour, load, slots) in [
            (0.0, 17.549_931, 25.0),
            (6.0, 29.358_573, 38.0),
            (12.0, 22.450_069, 30.0),
            (18.0, 10.641_427, 16.0),
        ] {
            let (_, seen) = *short
                .iter()
                .find(|(at, _)| (at - hour).abs() < 1e-3)
                .unwrap();
            assert!((seen - load).abs() < 0.05, "at {hour}: {seen}");
            assert!((rule.slots(seen) - slots).abs() < 1e-9);
        }
    }
}

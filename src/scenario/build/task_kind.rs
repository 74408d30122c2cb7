//! What a task does: branches, short circuits, sensors and deferrable tasks.

use super::Builder;
use super::distribution::Unit;
use crate::deployment::{Branch, Deferral, Sensor, SensorMode, SensorWait, ShortCircuit, TaskKind};
use crate::ids::TaskId;
use crate::random::Distribution;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{SensorModeSyntax, SensorSyntax, TaskKindSyntax, TaskSyntax};
use crate::time::SimDuration;

/// From the end of a poke to the next, unless the sensor says otherwise: Airflow's default.
const POKE_INTERVAL: SimDuration = SimDuration::from_seconds(60);

impl Builder<'_> {
    /// What the task does; the ways of a branch are filled in when all tasks stand.
    pub(super) fn kind_of(&mut self, syntax: &TaskSyntax) -> TaskKind {
        let shared = &self.syntax.defaults.task.kind;
        match syntax.kind.as_ref().or(shared.as_ref()) {
            None | Some(TaskKindSyntax::Work) => TaskKind::Work,
            Some(TaskKindSyntax::Empty) => TaskKind::Empty,
            Some(TaskKindSyntax::Branch(_)) => TaskKind::Branch(Branch::default()),
            Some(TaskKindSyntax::ShortCircuit(circuit)) => TaskKind::ShortCircuit(ShortCircuit {
                stop_rate: self.share("stop_rate", Some(&circuit.stop_rate)),
                ignore_downstream_trigger_rules: circuit
                    .ignore_downstream_trigger_rules
                    .unwrap_or(true),
            }),
            Some(TaskKindSyntax::Sensor(sensor)) => TaskKind::Sensor(self.sensor(sensor)),
            Some(TaskKindSyntax::Deferrable(deferral)) => TaskKind::Deferrable(Deferral {
                wait: self.distribution(&deferral.wait, Unit::Seconds),
                timeout: deferral.timeout,
                start_from_trigger: deferral.start_from_trigger,
            }),
        }
    }

    fn sensor(&mut self, syntax: &Located<SensorSyntax>) -> Sensor {
        let mode = match syntax.mode {
            Some(SensorModeSyntax::Reschedule) => SensorMode::Reschedule,
            Some(SensorModeSyntax::Poke) | None => SensorMode::Poke,
        };
        let backoff = syntax.exponential_backoff.as_ref();
        if let Some(backoff) = backoff.filter(|backoff| backoff.value)
            && mode == SensorMode::Poke
        {
            let message = "`exponential_backoff` is simulated in `reschedule` mode only";
            self.report(
                Diagnostic::error("sensor::backoff", message.to_owned())
                    .label(backoff.span, "")
                    .help("add `mode: reschedule`, or leave the backoff out"),
            );
        }
        let interval = syntax.poke_interval.as_ref();
        if let Some(interval) = interval.filter(|interval| interval.value <= SimDuration::ZERO) {
            let message = "a sensor without an interval between its pokes would never let go";
            self.report(
                Diagnostic::error("sensor::interval", message.to_owned())
                    .label(interval.span, "")
                    .help("Airflow's default is `poke_interval: 60s`"),
            );
        }
        Sensor {
            mode,
            poke_interval: interval.map_or(POKE_INTERVAL, |interval| interval.value),
            timeout: syntax.timeout.unwrap_or(Sensor::DEFAULT_TIMEOUT),
            soft_fail: syntax.soft_fail,
            exponential_backoff: backoff.is_some_and(|backoff| backoff.value),
            max_wait: syntax.max_wait,
            wait: self.sensor_wait(syntax),
        }
    }

    /// What a sensor waits for; the task that it awaits is filled in when all DAGs stand.
    fn sensor_wait(&mut self, syntax: &Located<SensorSyntax>) -> SensorWait {
        match (&syntax.wait, &syntax.awaits) {
            (Some(wait), None) => SensorWait::Time(self.distribution(wait, Unit::Seconds)),
            (None, Some(_)) => SensorWait::Task(TaskId::default()),
            _ => {
                let message = "a sensor waits for a time, or for a task".to_owned();
                self.report(
                    Diagnostic::error("sensor::awaits", message)
                        .label(syntax.span, "")
                        .help("give it either `wait: {constant: 20m}` or `awaits: {dag: .., task: ..}`"),
                );
                SensorWait::Time(Distribution::ZERO)
            }
        }
    }
}

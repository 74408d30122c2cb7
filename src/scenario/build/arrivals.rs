//! How triggered runs arrive.
//!
//! `scale.arrivals` makes everything but recorded arrivals come so many times as often; batches keep their sizes.

use super::Builder;
use super::distribution::Unit;
use super::table::Field;
use crate::random::arrivals::{Bursts, Recording};
use crate::random::{ArrivalProcess, Distribution, PointProcess};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{ArrivalsSyntax, BatchSyntax, BurstsSyntax, RecordedSyntax};
use crate::time::{SimDuration, SimTime};

const MOMENT: Field<SimTime> = Field {
    kind: "a moment in RFC 3339 such as `2026-03-02T00:00:00Z`",
    read: |field| SimTime::parse(field).ok(),
};

impl Builder<'_> {
    /// The process; a profile is read in `zone`.
    pub(super) fn arrivals(&mut self, syntax: &ArrivalsSyntax, zone: &str) -> ArrivalProcess {
        let (points, batch) = match syntax {
            ArrivalsSyntax::Poisson(poisson) => {
                let rate = poisson.rate.0 * self.arrivals_factor();
                (PointProcess::Poisson { rate }, poisson.batch.as_ref())
            }
            ArrivalsSyntax::Profile(profile) => (
                self.profile(profile, zone, self.arrivals_factor()),
                profile.batch.as_ref(),
            ),
            ArrivalsSyntax::Bursts(bursts) => (self.bursts(bursts), Some(&bursts.size)),
            ArrivalsSyntax::Recorded(recorded) => (self.recorded(recorded), None),
        };
        self.batched(ArrivalProcess::new(points), batch)
    }

    /// What arrivals are multiplied by. A factor that is out of range is reported by the checks.
    fn arrivals_factor(&self) -> f64 {
        let factor = self.syntax.scale.arrivals.as_ref();
        let factor = factor.map(|factor| factor.value);
        factor.filter(|&factor| factor > 0.0).unwrap_or(1.0)
    }

    fn bursts(&mut self, syntax: &BurstsSyntax) -> PointProcess {
        let period = self.positive(&syntax.every, "the period of bursts");
        let period = period.as_seconds() / self.arrivals_factor();
        let jitter = syntax.jitter.as_ref();
        let jitter = jitter.map(|jitter| self.distribution(jitter, Unit::Seconds));
        PointProcess::Bursts(Bursts::new(SimDuration::from_seconds_f64(period), jitter))
    }

    fn recorded(&mut self, syntax: &RecordedSyntax) -> PointProcess {
        let path = syntax.csv.with(syntax.csv.as_str());
        let moments = self.column(&path, &syntax.column, &MOMENT);
        let recording = Recording::once(moments.unwrap_or_else(|problem| {
            self.report(problem);
            Vec::new()
        }));
        let Some(period) = &syntax.repeat else {
            return PointProcess::Recorded(recording);
        };
        let length = recording.length();
        let repeated = recording.clone().repeated(period.value);
        if repeated.is_none() {
            let message = format!(
                "the recording is {} seconds long, so it cannot repeat every {} seconds",
                length.as_seconds(),
                period.as_seconds()
            );
            self.report(
                Diagnostic::error("recorded::too_long", message)
                    .label(period.span, "")
                    .help("a recording repeats with a period that is longer than itself"),
            );
        }
        PointProcess::Recorded(repeated.unwrap_or(recording))
    }

    fn batched(
        &mut self,
        process: ArrivalProcess,
        batch: Option<&Located<BatchSyntax>>,
    ) -> ArrivalProcess {
        let Some(batch) = batch else {
            return process;
        };
        let problems = self.found.len();
        let size = match &batch.value {
            BatchSyntax::Fixed(size) => Distribution::constant(f64::from(*size)).ok(),
            BatchSyntax::Drawn(size) => {
                Some(self.distribution(&batch.with(size.clone()), Unit::Plain))
            }
        };
        let in_batches = size.and_then(|size| process.clone().in_batches(size));
        // What could not be built has been reported already.
        if in_batches.is_none() && self.found.len() == problems {
            let problem = Diagnostic::error("batch::too_small", "a batch has at least one run")
                .label(batch.span, "");
            self.report(match batch.value {
                BatchSyntax::Fixed(_) => problem,
                BatchSyntax::Drawn(_) => problem.help("write `min: 1` beside its parameters"),
            });
        }
        in_batches.unwrap_or(process)
    }
}

#[cfg(test)]
mod tests {
    use crate::deployment::Schedule;
    use crate::random::ArrivalProcess;
    use crate::scenario::{Files, read};
    use crate::time::SimDuration;

    struct OneFile;

    impl Files for OneFile {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok("run,at\na,2026-01-05T00:30:00Z\nb,2026-01-04T23:00:00Z\n".into())
        }
    }

    /// Runs in the first hour of a day, in the mean.
    fn in_an_hour(schedule: &str) -> f64 {
        let text = format!(
            "horizon: 1d\nscale: {{arrivals: 2}}\ndags: {{d: {{schedule: {{{schedule}}}, tasks: {{t: {{kind: empty}}}}}}}}\n"
        );
        let scenario = read(&text, &OneFile).unwrap_or_else(|bad| panic!("{bad}"));
        let start = scenario.value.start;
        let end = start + SimDuration::from_seconds(3_600);
        match &scenario.value.deployment.dags[0].schedule {
            Schedule::Arrivals(process) => ArrivalProcess::mean_rate(process, start, end) * 3_600.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_but_recorded_arrivals_are_scaled_and_batches_are_not() {
        for (schedule, expected) in [
            ("poisson: {rate: 3 per hour}", 6.0),
            ("poisson: {rate: 3 per hour, batch: 4}", 24.0),
            (
                "poisson: {rate: 3 per hour, batch: {uniform: {low: 1, high: 9}}}",
                30.0,
            ),
            ("bursts: {every: 1h, size: 50}", 100.0),
            (
                "profile: {rate: 1 per hour, hours: {'0-24': 3}, days: {mon: 2}, batch: 5}",
                60.0,
            ),
            ("recorded: {csv: x.csv, column: at}", 1.0),
            ("recorded: {csv: x.csv, column: at, repeat: 91m}", 2.0),
        ] {
            let count = in_an_hour(schedule);
            assert!((count - expected).abs() < 1e-9, "{schedule}: {count}");
        }
    }
}

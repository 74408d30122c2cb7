//! What suffers behind a pool, in plain words.

use crate::metrics::{Metrics, ResourceMetrics};

/// Work that takes so many times as long as alone is worth a word.
const NOTABLE_SLOWDOWN: f64 = 2.0;

/// Refused calls are worth a word if there are more than this for each instance that ends well.
const NOTABLE_REFUSALS: f64 = 0.05;

/// A resource that refuses calls, so that tries fail.
pub(super) fn most_refusing(metrics: &Metrics) -> Option<String> {
    let resource = metrics.resources.iter().max_by_key(|one| one.refused)?;
    let refused = resource.refused as f64 / metrics.measured_hours;
    (refused > NOTABLE_REFUSALS * resource.throughput).then(|| {
        format!(
            "`{}` refuses {refused:.0} calls an hour, and each fails a try; {:.0} tasks an hour end well.",
            resource.resource, resource.throughput,
        )
    })
}

/// A resource that suffers from concurrency.
pub(super) fn slowest_resource(resources: &[ResourceMetrics]) -> Option<String> {
    let slowdown = |one: &ResourceMetrics| one.slowdown.unwrap_or(1.0);
    let slowest = resources
        .iter()
        .max_by(|a, b| slowdown(a).total_cmp(&slowdown(b)))?;
    (slowdown(slowest) >= NOTABLE_SLOWDOWN).then(|| {
        format!(
            "Work on `{}` takes {:.1} times as long as alone: {:.0} tasks are at work in the mean.",
            slowest.resource,
            slowdown(slowest),
            slowest.concurrency_mean,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::headline;
    use crate::report::run::tests::busy_report;

    #[test]
    fn what_suffers_behind_a_pool_is_told() {
        let mut report = busy_report();
        report.metrics.measured_hours = 10.0;
        let resource = |name: &str, slowdown, refused| ResourceMetrics {
            resource: name.into(),
            concurrency_mean: 31.2,
            concurrency_max: 32,
            slowdown,
            calls_waiting: 0.0,
            refused,
            throughput: 60.0,
        };
        report.metrics.resources = vec![
            resource("database", Some(1.9), 29),
            resource("api", None, 2_000),
        ];
        let told = headline(&report);
        assert!(
            told.contains(&"`api` refuses 200 calls an hour, and each fails a try; 60 tasks an hour end well.".into()),
            "{told:?}"
        );
        assert!(!told.iter().any(|line| line.contains("database`")));
        report.metrics.resources.pop();
        report.metrics.resources[0].slowdown = Some(5.44);
        let told = headline(&report);
        assert!(
            told.contains(&"Work on `database` takes 5.4 times as long as alone: 31 tasks are at work in the mean.".into()),
            "{told:?}"
        );
    }
}

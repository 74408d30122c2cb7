//! What slotwise does not express, with the reasons.

/// The beginning of a case's name, its metrics (none named: all), and the reason.
pub(super) const REASONS: &[(&str, &[&str], &str)] = &[
    (
        "kaufman-roberts-10",
        &[],
        "customers who find no room are lost, but tasks wait. Of a single class a source that stands still does the same \
         (`erlang_b.yaml`), of several classes it does not",
    ),
    (
        "erlang-a",
        &[],
        "customers lose their patience, but tasks wait. `dagrun_timeout` is the same for all runs of a DAG, and ends what runs \
         as well as what waits",
    ),
    (
        "msj-sat-",
        &["naive_throughput_ignoring_fragmentation"],
        "not what the system does, but what somebody would expect who overlooks that slots stand idle behind a wide task",
    ),
    (
        "mol-sinus-exp-6h",
        &["naive_peak_lambda_ES"],
        "not what the system does, but what somebody would expect who overlooks the lag",
    ),
    (
        "srs-100-",
        &["exact_slots"],
        "what the two figures below it say: too many wait with one slot fewer, and not with these",
    ),
    (
        "srs-100-",
        &["beta_qed", "square_root_slots"],
        "an approximation, which nothing in slotwise uses",
    ),
    (
        "paired-vs-welch",
        &["welch_df"],
        "an intermediate result of the half-width, which agrees",
    ),
    (
        "ocba-3",
        &[],
        "slotwise does not share out a budget: subset selection and KN decide how often each case is simulated",
    ),
    (
        "wf-",
        &[],
        "the recorded workflows are not part of the package. Small files of its own are held to the same rules in \
         `tests/it/workflows.rs`: the longest path with unlimited slots, the sum of all runtimes with one, exactly",
    ),
];

/// Why a figure is not compared, if it is not.
pub(super) fn reason(case: &str, metric: &str) -> Option<&'static str> {
    let mut reasons = REASONS.iter();
    let found = reasons.find(|(known, metrics, _)| {
        case.starts_with(known) && (metrics.is_empty() || metrics.contains(&metric))
    });
    found.map(|(.., reason)| *reason)
}

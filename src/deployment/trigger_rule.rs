//! Trigger rules: what must have become of the upstream tasks before a task runs.

use std::fmt;

/// A trigger rule, with Airflow's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriggerRule {
    /// All upstream instances succeeded.
    #[default]
    AllSuccess,
    /// All failed.
    AllFailed,
    /// All are finished, however they ended.
    AllDone,
    /// All are finished, none was skipped, and at least one succeeded.
    AllDoneMinOneSuccess,
    /// At least one succeeded; does not wait for the others.
    OneSuccess,
    /// At least one failed; does not wait for the others.
    OneFailed,
    /// At least one succeeded or failed; does not wait for the others.
    OneDone,
    /// None failed: all succeeded or were skipped.
    NoneFailed,
    /// None failed, and at least one succeeded.
    NoneFailedMinOneSuccess,
    /// None was skipped, and all are finished.
    NoneSkipped,
    /// All were skipped.
    AllSkipped,
    /// At once, without waiting for anything.
    Always,
    /// All are finished and some setup succeeded, if there are any: what teardowns have.
    AllDoneSetupSuccess,
}

impl TriggerRule {
    /// All rules with Airflow's names.
    pub const ALL: [(&'static str, Self); 13] = [
        ("all_success", Self::AllSuccess),
        ("all_failed", Self::AllFailed),
        ("all_done", Self::AllDone),
        ("all_done_min_one_success", Self::AllDoneMinOneSuccess),
        ("one_success", Self::OneSuccess),
        ("one_failed", Self::OneFailed),
        ("one_done", Self::OneDone),
        ("none_failed", Self::NoneFailed),
        ("none_failed_min_one_success", Self::NoneFailedMinOneSuccess),
        ("none_skipped", Self::NoneSkipped),
        ("all_skipped", Self::AllSkipped),
        ("always", Self::Always),
        ("all_done_setup_success", Self::AllDoneSetupSuccess),
    ];

    /// The rule of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, rule)| rule)
    }
}

impl fmt::Display for TriggerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, rule)| rule == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

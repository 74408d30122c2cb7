//! What a task sees of the tasks before it, and what its trigger rule makes of it
//! (docs/background/scheduler.md, 4.1).

use crate::deployment::{TaskInstanceState, TriggerRule};

/// How many upstream instances there are, and how many of them ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UpstreamCounts {
    pub(crate) total: u32,
    pub(crate) success: u32,
    pub(crate) failed: u32,
    pub(crate) upstream_failed: u32,
    pub(crate) skipped: u32,
}

/// What an examination makes of a task instance that has not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It has to wait.
    Wait,
    /// Its trigger rule is met.
    Ready,
    /// It never runs: this is its state.
    Set(TaskInstanceState),
    /// It is mapped over an empty list: skipped, without any time of its own.
    Nothing,
}

impl UpstreamCounts {
    /// So many instances, none of which has ended.
    pub(crate) fn of(total: u32) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    /// Counts an instance that has reached this state; those that are not finished only add to the total.
    pub(crate) fn count(&mut self, state: TaskInstanceState) {
        self.total += 1;
        self.finished(state);
    }

    /// One of the instances has reached a finished state.
    #[inline]
    pub(crate) fn finished(&mut self, state: TaskInstanceState) {
        match state {
            TaskInstanceState::Success => self.success += 1,
            TaskInstanceState::Failed => self.failed += 1,
            TaskInstanceState::UpstreamFailed => self.upstream_failed += 1,
            TaskInstanceState::Skipped => self.skipped += 1,
            _ => {}
        }
    }

    /// What a rule that is not a teardown's makes of the counts: first whether it sets a state, which it may do before
    /// all are finished, then whether the task may run.
    #[inline]
    pub(crate) fn verdict(&self, rule: TriggerRule) -> Verdict {
        if self.total == 0 || rule == TriggerRule::Always {
            return Verdict::Ready;
        }
        if rule == TriggerRule::AllSuccess && self.success == self.total {
            return Verdict::Ready;
        }
        match self.state_to_set(rule) {
            Some(state) => Verdict::Set(state),
            None if self.may_run(rule) => Verdict::Ready,
            None => Verdict::Wait,
        }
    }

    /// The state that the rule gives to the task without running it.
    fn state_to_set(&self, rule: TriggerRule) -> Option<TaskInstanceState> {
        use TaskInstanceState::{Skipped, UpstreamFailed};
        use TriggerRule as Rule;
        let Self {
            total: n,
            success: s,
            skipped: k,
            ..
        } = *self;
        let failed = self.failed + self.upstream_failed;
        let all_done = self.done() >= n;
        // The first line whose condition holds.
        let first = |lines: &[(bool, TaskInstanceState)]| {
            lines.iter().find(|line| line.0).map(|&(_, state)| state)
        };
        match rule {
            Rule::AllSuccess => first(&[(failed > 0, UpstreamFailed), (k > 0, Skipped)]),
            Rule::AllFailed => first(&[(s > 0 || k > 0, Skipped)]),
            Rule::AllDone | Rule::Always | Rule::AllDoneSetupSuccess => None,
            Rule::AllDoneMinOneSuccess => first(&[
                (k > 0, Skipped),
                (s + failed >= n - k && s == 0, UpstreamFailed),
            ]),
            Rule::OneSuccess => first(&[
                (all_done && self.done() == k, Skipped),
                (all_done && s == 0, UpstreamFailed),
            ]),
            Rule::OneFailed => first(&[(all_done && failed == 0, Skipped)]),
            Rule::OneDone => first(&[(all_done && self.failed == 0 && s == 0, Skipped)]),
            Rule::NoneFailed => first(&[(failed > 0, UpstreamFailed)]),
            Rule::NoneFailedMinOneSuccess => first(&[
                (failed > 0, UpstreamFailed),
                (k == n, Skipped),
                (all_done && s == 0, UpstreamFailed),
            ]),
            Rule::NoneSkipped => first(&[(k > 0, Skipped)]),
            Rule::AllSkipped => first(&[(s > 0 || failed > 0, Skipped)]),
        }
    }

    fn may_run(&self, rule: TriggerRule) -> bool {
        use TriggerRule as Rule;
        let Self {
            total: n,
            success: s,
            skipped: k,
            ..
        } = *self;
        let failed = self.failed + self.upstream_failed;
        match rule {
            Rule::AllSuccess => n == s,
            Rule::AllFailed => n == failed,
            Rule::AllDone | Rule::AllDoneSetupSuccess => self.done() >= n,
            Rule::AllDoneMinOneSuccess => k == 0 && s + failed >= n && s > 0,
            Rule::OneSuccess => s > 0,
            Rule::OneFailed => failed > 0,
            Rule::OneDone => s + self.failed > 0,
            Rule::NoneFailed => n == s + k,
            Rule::NoneFailedMinOneSuccess => n == s + k && s > 0,
            Rule::NoneSkipped => self.done() >= n && k == 0,
            Rule::AllSkipped => n == k,
            Rule::Always => true,
        }
    }

    fn done(&self) -> u32 {
        self.success + self.failed + self.upstream_failed + self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(success: u32, failed: u32, skipped: u32, open: u32) -> UpstreamCounts {
        UpstreamCounts {
            total: success + failed + skipped + open,
            success,
            failed,
            upstream_failed: 0,
            skipped,
        }
    }

    #[test]
    fn rules_that_do_not_wait_for_the_rest_do_not() {
        use TaskInstanceState::{Skipped, UpstreamFailed};
        use TriggerRule as Rule;
        let one_of_each_way = [
            (Rule::OneSuccess, counts(1, 0, 0, 2), Verdict::Ready),
            (Rule::OneFailed, counts(0, 1, 0, 2), Verdict::Ready),
            (Rule::OneDone, counts(0, 0, 1, 2), Verdict::Wait),
            (Rule::Always, counts(0, 0, 0, 3), Verdict::Ready),
            (
                Rule::AllSuccess,
                counts(1, 1, 0, 1),
                Verdict::Set(UpstreamFailed),
            ),
            (Rule::AllSuccess, counts(1, 0, 1, 1), Verdict::Set(Skipped)),
            (Rule::AllFailed, counts(1, 0, 0, 2), Verdict::Set(Skipped)),
            (Rule::NoneSkipped, counts(0, 0, 1, 2), Verdict::Set(Skipped)),
            (Rule::AllDone, counts(1, 1, 0, 1), Verdict::Wait),
            (Rule::NoneFailed, counts(1, 0, 1, 1), Verdict::Wait),
        ];
        for (rule, upstream, expected) in one_of_each_way {
            assert_eq!(upstream.verdict(rule), expected, "{rule} {upstream:?}");
        }
    }

    proptest! {
        /// When all is done no task can wait any more, whatever its rule: so no run can get stuck.
        #[test]
        fn every_rule_comes_to_an_end(success in 0u32..4, failed in 0u32..4, skipped in 0u32..4) {
            let upstream = counts(success, failed, skipped, 0);
            for (name, rule) in TriggerRule::ALL {
                prop_assert_ne!(upstream.verdict(rule), Verdict::Wait, "{}", name);
            }
        }
    }
}

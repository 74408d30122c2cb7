//! How the tries of a task end: rates and time limits.

use super::Builder;
use crate::deployment::Task;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::TaskSyntax;

impl Builder<'_> {
    /// Fills in how the tries of a task end.
    pub(super) fn endings(&mut self, task: &mut Task, syntax: &TaskSyntax) {
        let shared = &self.syntax.defaults.task;
        task.execution_timeout = syntax.execution_timeout.or(shared.execution_timeout);
        let given = syntax.failure_rate.as_ref();
        task.failure_rate = self.share("failure_rate", given.or(shared.failure_rate.as_ref()));
        let given = syntax.fatal_share.as_ref();
        task.fatal_share = self.share("fatal_share", given.or(shared.fatal_share.as_ref()));
        let given = syntax.skip_rate.as_ref();
        task.skip_rate = self.share("skip_rate", given.or(shared.skip_rate.as_ref()));
        let given = syntax.lost_rate.as_ref();
        task.lost_rate = self.share("lost_rate", given.or(shared.lost_rate.as_ref()));
    }

    /// A share from 0 to 1 under this name; 0 if it is not given, or was refused.
    pub(super) fn share(&mut self, name: &str, given: Option<&Located<f64>>) -> f64 {
        let Some(share) = given else {
            return 0.0;
        };
        if (0.0..=1.0).contains(&share.value) {
            return share.value;
        }
        let message = format!("`{name}` is {}, it is a share from 0 to 1", share.value);
        self.report(Diagnostic::error("task::share", message).label(share.span, ""));
        0.0
    }
}

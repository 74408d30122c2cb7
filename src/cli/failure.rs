//! Why a command has failed, and the exit code that says so to a script. Nobody else knows exit codes.

use std::process::ExitCode;

use super::output::say;
use super::scenario_file::diagnosed;
use crate::airflow::{DynamicPoolError, PoolError};
use crate::experiment::{PlanError, SelectError, StoreError, SweepError};
use crate::policy::ScriptPlace;
use crate::report::Meaning;
use crate::report::charts::ChartError;
use crate::scenario::{Diagnostic, Diagnostics, Source, Span};

/// A failure with its message. Exit codes are a contract; 0 is success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// 1: something outside failed, a file or the network.
    #[error("{0}")]
    Outside(String),
    /// 2: wrong usage or an invalid scenario.
    #[error("{0}")]
    Invalid(String),
    /// 2: an invalid scenario, with the source excerpts that show why.
    #[error("{0}")]
    Diagnosed(String),
    /// 3: an objective is not met.
    #[error("{0}")]
    ObjectiveMissed(String),
    /// 4: the result is there, but parts of it are missing.
    #[error("{0}")]
    Partial(String),
}

impl Failure {
    /// The exit code of a bug: what an unwinding panic of Rust ends with.
    pub const BUG: i32 = 101;

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Outside(_) => 1,
            Self::Invalid(_) | Self::Diagnosed(_) => 2,
            Self::ObjectiveMissed(_) => 3,
            Self::Partial(_) => 4,
        })
    }

    /// Says on stderr what happened and returns the exit code.
    pub fn report(&self) -> ExitCode {
        match self {
            // Each diagnostic says by itself that it is an error.
            Self::Diagnosed(excerpts) => say(excerpts.trim_end()),
            failure => say(&format!("{}: {failure}", Meaning::Bad.words("error"))),
        }
        self.exit_code()
    }
}

/// What went wrong in a script while it ran: that is a scenario which is invalid, though nobody could see it before.
fn in_script(message: String, place: &ScriptPlace) -> Diagnostics {
    let span = Span {
        source: 0,
        start: place.bytes.start as u32,
        end: place.bytes.end as u32,
    };
    let source = Source {
        name: place.name.to_string(),
        text: place.text.to_string(),
    };
    Diagnostics {
        list: vec![Diagnostic::error("script::failed", message).label(span, "")],
        sources: vec![source],
    }
}

impl From<ChartError> for Failure {
    fn from(error: ChartError) -> Self {
        Self::Outside(error.to_string())
    }
}

impl From<DynamicPoolError> for Failure {
    fn from(error: DynamicPoolError) -> Self {
        if let DynamicPoolError::Policy { pool, at, failure } = &error
            && let Some(place) = &failure.place
        {
            let message = format!(
                "policy `{}` cannot size pool `{pool}` at {at}: {failure}",
                failure.policy
            );
            return diagnosed(&in_script(message, place));
        }
        Self::Invalid(error.to_string())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Policy(error) => error.into(),
            error => Self::Invalid(error.to_string()),
        }
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::Policy(error) => error.into(),
            error => Self::Invalid(error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Outside(error.to_string())
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Point(problems) => diagnosed(&problems),
            SweepError::Store(error) => error.into(),
            SweepError::Policy(error) => error.into(),
            SweepError::NoPolicy { .. } => Self::Invalid(error.to_string()),
        }
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::Invalid(error.to_string())
    }
}

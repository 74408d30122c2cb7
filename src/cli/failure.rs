//! Why a command has failed, and the exit code that says so to a script. Nobody else knows exit codes.

use std::process::ExitCode;

use super::output::say;
use super::scenario_file::diagnosed;
use crate::airflow::{DynamicPoolError, PoolError};
use crate::experiment::{PlanError, SelectError, StoreError, SweepError};
use crate::report::charts::ChartError;

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
            failure => say(&format!("error: {failure}")),
        }
        self.exit_code()
    }
}

impl From<ChartError> for Failure {
    fn from(error: ChartError) -> Self {
        Self::Outside(error.to_string())
    }
}

impl From<DynamicPoolError> for Failure {
    fn from(error: DynamicPoolError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<SelectError> for Failure {
    fn from(error: SelectError) -> Self {
        Self::Invalid(error.to_string())
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
            SweepError::NoPolicy { .. } | SweepError::Policy(_) => Self::Invalid(error.to_string()),
        }
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        Self::Invalid(error.to_string())
    }
}

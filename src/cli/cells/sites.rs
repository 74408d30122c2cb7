//! The sites of a plan, one a point.

use crate::cli::Failure;
use crate::cli::scenario_file::{ScenarioFile, diagnosed};
use crate::scenario::{Diagnostics, Points, Scenario};

/// What stands at the points of a plan.
#[derive(Debug)]
pub(crate) enum Sites<'a> {
    /// One file, with other values at some of its paths, if any.
    Points(Points<'a>),
    /// A file each, by position.
    Files(&'a [ScenarioFile], Vec<usize>),
    /// One file, with one more setting at every point but the first.
    Turned(&'a ScenarioFile, Vec<String>),
}

impl Sites<'_> {
    /// The scenario at a point.
    pub(crate) fn read(&self, point: usize) -> Result<Scenario, Diagnostics> {
        match self {
            Self::Points(points) => points.scenario(point).map(|checked| checked.value),
            Self::Files(files, places) => Ok(files[places[point]].scenario.clone()),
            Self::Turned(file, settings) => match point.checked_sub(1) {
                None => Ok(file.scenario.clone()),
                Some(turn) => file.with_setting(&settings[turn]),
            },
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Points(points) => points.count(),
            Self::Files(_, places) => places.len(),
            Self::Turned(_, settings) => 1 + settings.len(),
        }
    }

    /// The paths that vary in a sweep.
    pub(crate) fn factors(&self) -> Vec<String> {
        match self {
            Self::Points(points) => points.factors().map(String::from).collect(),
            Self::Files(..) | Self::Turned(..) => Vec::new(),
        }
    }

    /// What a point of a sweep sets, by factor.
    pub(crate) fn values(&self, point: usize) -> Vec<Option<String>> {
        match self {
            Self::Points(points) => points.values(point),
            Self::Files(..) | Self::Turned(..) => Vec::new(),
        }
    }

    /// Makes sure that every point of a sweep is a scenario.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Points(points) => points.check().map_err(|problems| diagnosed(&problems)),
            Self::Files(..) | Self::Turned(..) => Ok(()),
        }
    }
}

//! What the cells of a point come to.

use super::{Design, KeptCells, StoreError, SweepError};
use crate::experiment::{Estimation, Measure, Sample};
use crate::scenario::{Diagnostics, Scenario};

/// Reads the scenario at a point: a point of a sweep, one of several files, or a site of which a knob has been turned.
pub type ReadPoint<'a> = dyn Fn(usize) -> Result<Scenario, Diagnostics> + Sync + 'a;

/// The scenario at a point, and what is measured of it.
#[derive(Clone, Debug)]
pub struct AtPoint {
    /// The scenario.
    pub scenario: Scenario,
    /// Everything that is kept of a cell, in this order.
    pub measures: Vec<Measure>,
}

/// The estimates of a policy at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct PointEstimation {
    /// The point, counted from 0.
    pub point: usize,
    /// The policy, if any.
    pub policy: Option<String>,
    /// The estimates, from as many replications as were kept.
    pub estimation: Estimation,
}

impl AtPoint {
    /// Reads a point.
    ///
    /// # Errors
    /// A point that is no scenario.
    pub fn new(read: &ReadPoint<'_>, point: usize) -> Result<Self, SweepError> {
        let scenario = read(point)?;
        let measures = Measure::all(&scenario);
        Ok(Self { scenario, measures })
    }
}

/// The estimates of a policy at a point from what was kept of its cells; none if nothing was.
///
/// # Errors
/// What was kept cannot be read.
pub fn estimate_point(
    design: &Design,
    at_point: &AtPoint,
    point: usize,
    policy: usize,
    kept: &dyn KeptCells,
) -> Result<Option<PointEstimation>, StoreError> {
    let samples = samples_of(design, at_point, point, policy, kept)?;
    if samples.is_empty() {
        return Ok(None);
    }
    let AtPoint { scenario, measures } = at_point;
    Ok(Some(PointEstimation {
        point,
        policy: design.policies()[policy].clone(),
        estimation: Estimation::of(scenario, measures, samples, design.level()),
    }))
}

/// The replications of a policy at a point that were kept, in their order.
///
/// # Errors
/// What was kept cannot be read.
pub fn samples_of(
    design: &Design,
    at_point: &AtPoint,
    point: usize,
    policy: usize,
    kept: &dyn KeptCells,
) -> Result<Vec<Sample>, StoreError> {
    let mut samples = Vec::new();
    for (replication, cell) in (0..).zip(design.replications_of(point, policy)) {
        let Some(values) = kept.values(cell)? else {
            continue;
        };
        let (found, wanted) = (values.len(), at_point.measures.len());
        if found != wanted {
            let message = format!("cell {cell} has {found} values, not {wanted}");
            return Err(StoreError(message));
        }
        samples.push(Sample {
            replication,
            values,
        });
    }
    Ok(samples)
}

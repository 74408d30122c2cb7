//! What is kept of a replication once its story is over: the value of every measure.

use std::collections::BTreeMap;

use super::measure::Measure;
use crate::metrics::{Entity, Metrics};
use crate::trace::Indicator;

/// The values of one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Its number: the same number means the same luck.
    pub replication: u64,
    /// In the order of the measures; none where nothing happened to measure by.
    pub values: Vec<Option<f64>>,
}

impl Sample {
    /// The values of an outcome.
    pub fn of(replication: u64, measures: &[Measure], outcome: &Metrics) -> Self {
        let values = measures.iter().map(|measure| measure.value(outcome));
        Self {
            replication,
            values: values.collect(),
        }
    }
}

/// Where in a sample the indicators of entities are.
pub(super) struct Places(BTreeMap<(Entity, Indicator), usize>);

impl Places {
    pub(super) fn of(measures: &[Measure]) -> Self {
        let places = measures.iter().enumerate();
        Self(places.map(|(at, one)| (one.asked(), at)).collect())
    }

    /// The values of an indicator, of the samples that have one.
    pub(super) fn values(
        &self,
        samples: &[Sample],
        indicator: Indicator,
        entity: Entity,
    ) -> Vec<f64> {
        let Some(&at) = self.0.get(&(entity, indicator)) else {
            return Vec::new();
        };
        samples
            .iter()
            .filter_map(|sample| sample.values[at])
            .collect()
    }
}

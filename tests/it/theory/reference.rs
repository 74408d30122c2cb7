//! The exact values with their formulas and sources.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;

/// The cases by name.
pub(super) struct Reference(IndexMap<String, ReferenceCase>);

/// A system of which theory knows something.
#[derive(Deserialize)]
pub(super) struct ReferenceCase {
    pub(super) name: String,
    pub(super) formula: String,
    pub(super) source: String,
    values: IndexMap<String, serde_json::Value>,
}

impl Reference {
    pub(super) fn read() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = package.join("tests/data/theory/reference-cases.json");
        Self(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    pub(super) fn cases(&self) -> impl Iterator<Item = (&str, &ReferenceCase)> {
        self.0.iter().map(|(id, case)| (id.as_str(), case))
    }

    /// Every case with each of its metrics.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cases().flat_map(|(id, case)| {
            let metrics = case.values.keys();
            metrics.map(move |metric| (id, metric.as_str()))
        })
    }

    pub(super) fn value(&self, case: &str, metric: &str) -> f64 {
        let value = self.0.get(case).and_then(|case| case.values.get(metric));
        let value = value.and_then(serde_json::Value::as_f64);
        value.unwrap_or_else(|| panic!("no value of {case}/{metric}"))
    }
}

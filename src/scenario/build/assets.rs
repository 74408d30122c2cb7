//! Assets by name: they are declared by being used.

use super::Builder;
use crate::deployment::AssetCondition;
use crate::ids::AssetId;
use crate::scenario::syntax::AssetsSyntax;

impl Builder<'_> {
    /// The asset of that name.
    pub(super) fn asset(&mut self, name: &str) -> AssetId {
        AssetId::new(self.assets.insert_full(name.to_owned()).0)
    }

    /// What must have been written.
    pub(super) fn condition(&mut self, syntax: &AssetsSyntax) -> AssetCondition {
        let mut list = |parts: &[crate::scenario::document::Located<AssetsSyntax>]| {
            parts.iter().map(|part| self.condition(part)).collect()
        };
        match syntax {
            AssetsSyntax::Asset(name) => AssetCondition::Asset(self.asset(name)),
            AssetsSyntax::Any(parts) => AssetCondition::Any(list(parts)),
            AssetsSyntax::All(parts) => AssetCondition::All(list(parts)),
        }
    }
}

//! Assets: what tasks write, and when that makes a run of the DAGs that listen.

use crate::ids::AssetId;

/// What must have been written since the DAG's last run of this kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetCondition {
    /// This asset.
    Asset(AssetId),
    /// At least one of these conditions holds.
    Any(Vec<AssetCondition>),
    /// All of these conditions hold.
    All(Vec<AssetCondition>),
}

impl AssetCondition {
    /// Whether it holds when these assets were written.
    pub fn holds(&self, written: &impl Fn(AssetId) -> bool) -> bool {
        match self {
            Self::Asset(asset) => written(*asset),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(written)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(written)),
        }
    }

    /// The assets that it names, each once, in ascending order.
    pub fn assets(&self) -> Vec<AssetId> {
        let mut assets = Vec::new();
        self.collect(&mut assets);
        assets.sort_unstable();
        assets.dedup();
        assets
    }

    fn collect(&self, assets: &mut Vec<AssetId>) {
        match self {
            Self::Asset(asset) => assets.push(*asset),
            Self::Any(conditions) | Self::All(conditions) => {
                for condition in conditions {
                    condition.collect(assets);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_nest() {
        let [a, b, c] = [0, 1, 2].map(AssetId::new);
        let either = AssetCondition::Any([b, c].map(AssetCondition::Asset).into());
        let both = AssetCondition::All(vec![AssetCondition::Asset(a), either]);
        assert!(both.holds(&|asset| asset != b));
        assert!(!both.holds(&|asset| asset != a));
        assert!(!both.holds(&|asset| asset == a));
        assert_eq!(both.assets(), [a, b, c]);
    }
}

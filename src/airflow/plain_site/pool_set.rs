//! Some of the pools.

use crate::ids::PoolId;

/// A set of pools as bits: who is in it is chance, so that to ask pool by pool would be guessed wrong as often as not.
#[derive(Debug)]
pub(super) struct PoolSet {
    words: Vec<u64>,
}

impl PoolSet {
    /// None of so many pools.
    pub(super) fn of_none(pools: usize) -> Self {
        Self {
            words: vec![0; pools.div_ceil(u64::BITS as usize)],
        }
    }

    /// Puts a pool in or takes it out.
    #[inline]
    pub(super) fn put(&mut self, pool: PoolId, is_in: bool) {
        let (word, bit) = (pool.index() / 64, pool.index() % 64);
        let word = &mut self.words[word];
        *word = *word & !(1 << bit) | u64::from(is_in) << bit;
    }

    /// Those that are in, from the first.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = PoolId> {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, &word)| bits(word).map(move |bit| PoolId::new(64 * at + bit)))
    }

    /// Takes the first pool of all out.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<PoolId> {
        let (at, word) = self
            .words
            .iter_mut()
            .enumerate()
            .find(|(_, word)| **word != 0)?;
        let bit = word.trailing_zeros() as usize;
        *word &= *word - 1;
        Some(PoolId::new(64 * at + bit))
    }
}

/// The places of the bits that are set.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        let is_set = word != 0;
        word &= word.wrapping_sub(1);
        is_set.then_some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(changes in prop::collection::vec((0_usize..150, any::<bool>()), 0..60)) {
            let (mut set, mut oracle) = (PoolSet::of_none(150), BTreeSet::new());
            for (pool, is_in) in changes {
                set.put(PoolId::new(pool), is_in);
                if is_in {
                    oracle.insert(PoolId::new(pool));
                } else {
                    oracle.remove(&PoolId::new(pool));
                }
                prop_assert!(set.iter().eq(oracle.iter().copied()));
            }
            while let Some(pool) = set.pop() {
                prop_assert_eq!(oracle.pop_first(), Some(pool));
            }
            prop_assert!(oracle.is_empty());
        }
    }
}

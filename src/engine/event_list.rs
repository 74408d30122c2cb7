//! The future event list: a 4-ary heap of integer keys whose root stays open after a removal.
//!
//! In a simulation nearly every removal is followed by an insertion (a task ends, another starts), so the hole at the
//! root is left open and filled by the next key, which then sinks: one pass over the heap instead of two. Four
//! children a node keep them within one cache line of 16-byte keys. See docs/decisions/0005-event-list.md.

use std::hint::select_unpredictable;

/// A priority queue of unique 128-bit keys, smallest first.
#[derive(Clone, Debug, Default)]
pub struct EventList {
    keys: Vec<u128>,
    /// Whether `keys[0]` has been taken out and its place not filled again.
    open_root: bool,
}

const CHILDREN: usize = 4;

impl EventList {
    /// Puts a key in.
    #[inline]
    pub fn push(&mut self, key: u128) {
        if self.open_root {
            self.open_root = false;
            self.sink(key);
        } else {
            self.keys.push(key);
            self.rise(key);
        }
    }

    /// Takes the smallest key out.
    #[inline]
    pub fn pop(&mut self) -> Option<u128> {
        if self.open_root {
            self.open_root = false;
            let last = self.keys.pop()?;
            if self.keys.is_empty() {
                return None;
            }
            self.sink(last);
        }
        let first = *self.keys.first()?;
        self.open_root = true;
        Some(first)
    }

    /// The smallest key, which stays in.
    #[inline]
    pub fn peek(&self) -> Option<u128> {
        if self.open_root {
            match self
                .keys
                .get(1..)
                .and_then(<[u128]>::first_chunk::<CHILDREN>)
            {
                Some(&[a, b, c, d]) => Some(a.min(b).min(c.min(d))),
                None => self.keys.iter().skip(1).copied().min(),
            }
        } else {
            self.keys.first().copied()
        }
    }

    /// How many keys are in.
    pub fn len(&self) -> usize {
        self.keys.len() - usize::from(self.open_root)
    }

    /// Whether no key is in.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves a new key from the end to its place.
    fn rise(&mut self, key: u128) {
        let mut at = self.keys.len() - 1;
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[at] = self.keys[parent];
            at = parent;
        }
        self.keys[at] = key;
    }

    /// Fills the open root with `key` and moves it down to its place.
    fn sink(&mut self, key: u128) {
        let keys = self.keys.as_mut_slice();
        let mut at = 0;
        loop {
            let first = CHILDREN * at + 1;
            let four = keys
                .get(first..)
                .and_then(<[u128]>::first_chunk::<CHILDREN>);
            let (child, smallest) = match four {
                Some(&[a, b, c, d]) => {
                    // A tournament, so that the two halves do not wait for each other. Who wins is chance: a branch
                    // would be guessed wrong as often as not.
                    let (left, right) = (b < a, d < c);
                    let of_left = select_unpredictable(left, b, a);
                    let of_right = select_unpredictable(right, d, c);
                    let is_right = of_right < of_left;
                    let child = select_unpredictable(
                        is_right,
                        first + 2 + usize::from(right),
                        first + usize::from(left),
                    );
                    (child, select_unpredictable(is_right, of_right, of_left))
                }
                _ => match (first..keys.len())
                    .map(|child| (child, keys[child]))
                    .min_by_key(|&(_, key)| key)
                {
                    Some(found) => found,
                    None => break,
                },
            };
            if key <= smallest {
                break;
            }
            keys[at] = smallest;
            at = child;
        }
        keys[at] = key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn behaves_as_a_sorted_set(operations in prop::collection::vec(prop::option::of(any::<u32>()), 0..300)) {
            let mut list = EventList::default();
            let mut oracle = BTreeSet::new();
            for (sequence, operation) in operations.into_iter().enumerate() {
                if let Some(key) = operation {
                    let key = u128::from(key) << 32 | sequence as u128;
                    list.push(key);
                    oracle.insert(key);
                } else {
                    prop_assert_eq!(list.pop(), oracle.pop_first());
                }
                prop_assert_eq!(list.len(), oracle.len());
                prop_assert_eq!(list.peek(), oracle.first().copied());
            }
            while let Some(key) = oracle.pop_first() {
                prop_assert_eq!(list.pop(), Some(key));
            }
            prop_assert_eq!(list.pop(), None);
            prop_assert!(list.is_empty());
        }
    }
}

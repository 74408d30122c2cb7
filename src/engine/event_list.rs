//! The future event list: a 4-ary heap of integer keys whose root stays open after a removal.
//!
//! In a simulation nearly every removal is followed by an insertion (a task ends, another starts), so the hole at the
//! root is left open and filled by the next key, which then sinks: one pass over the heap instead of two. Four
//! siblings are just one cache line, so that a large heap waits for memory once a level.
//! See docs/decisions/0005-event-list.md.

use std::hint::select_unpredictable;

/// A priority queue of unique 128-bit keys, smallest first; [`EventList::NONE`] is no key.
#[derive(Clone, Debug)]
pub struct EventList {
    root: u128,
    /// Whether the root has been taken out and its place not filled again.
    open_root: bool,
    /// How many keys stand below the root.
    below: usize,
    /// The children of the root, then those of the first, second, ... place below it.
    families: Vec<Family>,
}

const CHILDREN: usize = 4;

/// Siblings. A place that holds no key holds [`EventList::NONE`].
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Family([u128; CHILDREN]);

impl Default for EventList {
    fn default() -> Self {
        Self {
            root: Self::NONE,
            open_root: false,
            below: 0,
            families: Vec::new(),
        }
    }
}

impl EventList {
    /// Greater than every key, so that a family that is not complete needs no other treatment.
    pub const NONE: u128 = u128::MAX;

    /// Puts a key in.
    #[inline]
    pub fn push(&mut self, key: u128) {
        if self.open_root {
            self.open_root = false;
            self.sink(key);
        } else if self.root == Self::NONE {
            self.root = key;
        } else {
            self.rise(key);
        }
    }

    /// The smallest key, which stays in.
    #[inline]
    pub fn peek(&self) -> Option<u128> {
        let first = if self.open_root {
            let below = self.families.first();
            below.map_or(Self::NONE, |family| family.smallest().1)
        } else {
            self.root
        };
        (first != Self::NONE).then_some(first)
    }

    /// Takes the smallest key out.
    #[inline]
    pub fn pop(&mut self) -> Option<u128> {
        if self.open_root {
            self.close_root();
        }
        let first = self.root;
        self.open_root = first != Self::NONE;
        self.open_root.then_some(first)
    }

    /// How many keys are in.
    pub fn len(&self) -> usize {
        let has_root = !self.open_root && self.root != Self::NONE;
        self.below + usize::from(has_root)
    }

    /// Whether no key is in.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills the open root with the last key.
    fn close_root(&mut self) {
        self.open_root = false;
        if self.below == 0 {
            self.root = Self::NONE;
            return;
        }
        self.below -= 1;
        let last = std::mem::replace(self.key_mut(self.below), Self::NONE);
        if self.below.is_multiple_of(CHILDREN) {
            self.families.pop();
        }
        self.sink(last);
    }

    /// Moves a new key from the end to its place.
    fn rise(&mut self, key: u128) {
        let mut at = self.below;
        self.below += 1;
        if at / CHILDREN == self.families.len() {
            self.families.push(Family([Self::NONE; CHILDREN]));
        }
        // The children of the place p are the family p + 1.
        while let Some(parent) = (at / CHILDREN).checked_sub(1) {
            let above = *self.key_mut(parent);
            if above <= key {
                *self.key_mut(at) = key;
                return;
            }
            *self.key_mut(at) = above;
            at = parent;
        }
        *self.key_mut(at) = key.max(self.root);
        self.root = key.min(self.root);
    }

    /// Fills the open root with `key` and moves it down to its place.
    fn sink(&mut self, key: u128) {
        let (mut at, smallest) = match self.families.first() {
            Some(family) => family.smallest(),
            None => (0, Self::NONE),
        };
        if key <= smallest {
            self.root = key;
            return;
        }
        self.root = smallest;
        while let Some(family) = self.families.get(at + 1) {
            let (child, smallest) = family.smallest();
            if key <= smallest {
                break;
            }
            *self.key_mut(at) = smallest;
            at = (at + 1) * CHILDREN + child;
        }
        *self.key_mut(at) = key;
    }

    #[inline]
    fn key_mut(&mut self, at: usize) -> &mut u128 {
        &mut self.families[at / CHILDREN].0[at % CHILDREN]
    }
}

impl Family {
    /// The smallest key, and which one it is: a tournament, so that the two halves do not wait for each other. Who wins is
    /// chance: a branch would be guessed wrong as often as not.
    #[inline]
    fn smallest(&self) -> (usize, u128) {
        let [a, b, c, d] = self.0;
        let (left, right) = (b < a, d < c);
        let of_left = select_unpredictable(left, b, a);
        let of_right = select_unpredictable(right, d, c);
        let is_right = of_right < of_left;
        (
            select_unpredictable(is_right, 2 + usize::from(right), usize::from(left)),
            select_unpredictable(is_right, of_right, of_left),
        )
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

//! Places that are used again, so that memory follows what is alive and not what has been.

use std::ops::{Index, IndexMut};

/// What stands in places, each named by its number.
#[derive(Debug)]
pub(crate) struct Places<T> {
    places: Vec<T>,
    /// Those that were given back.
    unused: Vec<u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            unused: Vec::new(),
        }
    }
}

impl<T> Places<T> {
    /// Puts something in a place of its own; tells in which.
    #[inline]
    pub(crate) fn take(&mut self, content: T) -> u32 {
        if let Some(at) = self.unused.pop() {
            self.places[at as usize] = content;
            return at;
        }
        make_room(&mut self.places, 1);
        self.places.push(content);
        self.places.len() as u32 - 1
    }

    /// Gives a place back, for others to take.
    #[inline]
    pub(crate) fn give_back(&mut self, at: u32) {
        self.unused.push(at);
    }

    /// What stands in all places, those included that were given back.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut()
    }

    /// How many places there are, in use or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

impl<T> Index<u32> for Places<T> {
    type Output = T;

    #[inline]
    fn index(&self, at: u32) -> &T {
        &self.places[at as usize]
    }
}

impl<T> IndexMut<u32> for Places<T> {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut T {
        &mut self.places[at as usize]
    }
}

/// Makes room for so many more, an eighth of what is there at a time: of twice as much a half could stand empty.
#[inline]
pub(crate) fn make_room<T>(rows: &mut Vec<T>, more: usize) {
    if rows.capacity() - rows.len() < more {
        rows.reserve_exact(more.max(rows.len() / 8).max(16));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_given_back_is_taken_first() {
        let mut places = Places::default();
        let [first, second] = ["a", "b"].map(|content| places.take(content));
        places.give_back(first);
        assert_eq!(places.take("c"), first);
        places[second] = "d";
        assert_eq!([first, second].map(|at| places[at]), ["c", "d"]);
        assert_eq!(places.len(), 2);
    }

    #[test]
    fn room_is_made_by_an_eighth() {
        let mut rows = vec![0_u8; 8_000];
        rows.shrink_to_fit();
        make_room(&mut rows, 1);
        assert!((9_000..10_000).contains(&rows.capacity()));
    }
}

//! Of many values so many by chance, in memory that does not grow with them.
//!
//! Every value has a key, of which a random number is made; the values with the smallest numbers are kept. So nothing depends
//! on the order in which they come, and values with the same key, such as the durations of one run in all tasks of its DAG, are
//! kept together. Source: Cohen and Kaplan, "Summarizing data using bottom-k sketches" (PODC 2007), with coordinated samples.

use crate::random::{Purpose, StreamKey};

/// The values that are kept, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen<T> {
    kept: Vec<(u64, T)>,
    seen: usize,
}

/// So many are kept: the mean of as many is known to a 64th of the standard deviation, and no test looks at more than a
/// thousand.
pub const MOST_CHOSEN: usize = 4_096;

impl<T> Default for Chosen<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            seen: 0,
        }
    }
}

impl<T: Copy + Ord> Chosen<T> {
    /// Sees a value.
    pub fn add(&mut self, key: u64, value: T) {
        let mut stream = StreamKey::root(0, key).stream(Purpose::Duration);
        self.seen += 1;
        self.kept.push((stream.next_u64(), value));
        // A quarter more, so that they are seldom sorted out.
        if self.kept.len() >= MOST_CHOSEN + MOST_CHOSEN / 4 {
            self.sort_out();
        }
    }

    /// Forgets what was kept in reserve; to be called when all values were seen.
    pub fn finish(&mut self) {
        if self.kept.len() > MOST_CHOSEN {
            self.sort_out();
            self.kept.sort_unstable();
        }
        self.kept.shrink_to_fit();
    }

    /// The values that are kept: all of them, in the order in which they came, if there are no more than [`MOST_CHOSEN`].
    pub fn values(&self) -> impl ExactSizeIterator<Item = T> + Clone {
        self.kept.iter().map(|&(_, value)| value)
    }

    /// How many there were.
    pub const fn seen(&self) -> usize {
        self.seen
    }

    fn sort_out(&mut self) {
        self.kept.select_nth_unstable(MOST_CHOSEN);
        self.kept.truncate(MOST_CHOSEN);
    }
}

impl<T: Copy + Ord> FromIterator<(u64, T)> for Chosen<T> {
    fn from_iter<I: IntoIterator<Item = (u64, T)>>(values: I) -> Self {
        let mut chosen = Self::default();
        for (key, value) in values {
            chosen.add(key, value);
        }
        chosen.finish();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(values: impl Iterator<Item = u64>) -> Chosen<u64> {
        values.map(|value| (value / 4, value)).collect()
    }

    #[test]
    fn few_are_kept_as_they_came() {
        let few = chosen([5, 3, 4].into_iter());
        assert_eq!(few.values().collect::<Vec<_>>(), [5, 3, 4]);
        assert_eq!(few.seen(), 3);
    }

    #[test]
    fn of_many_the_same_are_kept_in_whatever_order_they_come() {
        let n = 50_000;
        let rising = chosen(0..n);
        assert_eq!(rising, chosen((0..n).rev()));
        assert_eq!(rising.values().len(), MOST_CHOSEN);
        assert_eq!(rising.seen(), n as usize);
        // Neighbours have one key, so they are kept together, but for those at the edge.
        let mut values: Vec<u64> = rising.values().collect();
        values.sort_unstable();
        let keys = values.chunk_by(|a, b| a / 4 == b / 4);
        assert_eq!(keys.count(), MOST_CHOSEN / 4);
        // Uniform numbers have the mean n/2 with a standard deviation of n / sqrt(12 * 1024 keys); five of them.
        let mean = values.iter().sum::<u64>() as f64 / MOST_CHOSEN as f64;
        assert!((mean / n as f64 - 0.5).abs() < 5.0 / 110.8, "{mean}");
    }
}

//! Streams of random numbers keyed by the identity of what is drawn for.
//!
//! A draw depends on (seed, replication, DAG, run, task, map index, try, segment, purpose) alone, never on
//! who was served first: two policies meet identical luck, and no thread count can change a digit.

/// What a number is drawn for; each purpose has draws of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// How long a segment of a try runs.
    Duration = 1,
    /// How long the executor takes to start it.
    StartDelay,
    /// Whether the try fails.
    Failure,
    /// When the next triggered run arrives.
    Arrival,
    /// The common factor of all durations of a run.
    RunSize,
}

/// A point in the tree of keys: each `with` goes one branch down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The key of one replication.
    pub const fn root(seed: u64, replication: u64) -> Self {
        Self(mix(seed ^ 0x9e37_79b9_7f4a_7c15)).with(replication)
    }

    /// The key of one branch below this one, such as a run of a DAG or a try of an instance.
    pub const fn with(self, part: u64) -> Self {
        Self(mix(self.0 ^ mix(part.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// The stream of this key for one purpose.
    pub const fn stream(self, purpose: Purpose) -> Stream {
        Stream {
            state: self.with(purpose as u64).0,
        }
    }

    /// The part of a key that stands for a name, such as a `dag_id`.
    pub const fn name(text: &str) -> u64 {
        let bytes = text.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        mix(hash)
    }
}

/// A short sequence of random numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// The next number, uniform in (0, 1): never an end, so that a logarithm is always finite.
    pub const fn next_open(&mut self) -> f64 {
        ((self.next_u64() >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

//! Streams of random numbers keyed by the identity of what is drawn for.
//!
//! A draw depends on (seed, replication, DAG, run, task, map index, try, segment, purpose) alone, never on
//! who was served first: two policies meet identical luck, and no thread count can change a digit.
//!
//! Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), with the
//! thirteenth mixing function of Stafford. A branch of a key is one output of its splitmix64 sequence.

/// The increment of splitmix64: the odd number nearest to 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A second increment sets streams apart from branches, so that no stream repeats the numbers of a key.
const STREAM: u64 = 0xd134_2543_de82_ef95;

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
    /// Which way a branch goes, or whether a short circuit stops.
    Branch,
    /// How long a pushed list is.
    MapLength,
    /// How long a sensor or a trigger waits.
    Wait,
    /// Whether the try ends in skipped.
    Skip,
    /// Whether a failure is final.
    Fatality,
    /// Whether and when the worker is lost.
    Loss,
    /// Whether a resize is lost on its way.
    Actuation,
}

/// A point in the tree of keys: each `with` goes one branch down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamKey(u64);

impl StreamKey {
    /// The key of one replication.
    pub const fn root(seed: u64, replication: u64) -> Self {
        Self(mix(seed ^ GOLDEN)).with(replication)
    }

    /// The key of one branch below this one, such as a run of a DAG or a try of an instance.
    ///
    /// Branches of one key are all different; branches of different keys meet by chance alone.
    pub const fn with(self, part: u64) -> Self {
        Self(mix(self.0.wrapping_add(part.wrapping_mul(GOLDEN))))
    }

    /// The stream of this key for one purpose.
    pub const fn stream(self, purpose: Purpose) -> Stream {
        let offset = (purpose as u64).wrapping_mul(STREAM);
        Stream {
            state: mix(self.0.wrapping_add(offset)),
        }
    }

    /// The part of a key that stands for a name, such as a `dag_id` (FNV-1a, mixed).
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
        self.state = self.state.wrapping_add(GOLDEN);
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

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 5] = [
        Purpose::Duration,
        Purpose::StartDelay,
        Purpose::Failure,
        Purpose::Arrival,
        Purpose::RunSize,
    ];

    /// A family of neighbouring streams: the first draws of 65,536 keys that differ in one part only.
    fn neighbours(key: impl Fn(u64) -> Stream) -> Vec<u64> {
        (0..65_536).map(|part| key(part).next_u64()).collect()
    }

    fn families() -> Vec<(&'static str, Vec<u64>)> {
        let root = StreamKey::root(7, 0);
        let duration = |key: StreamKey| key.stream(Purpose::Duration);
        let task = |name: &str| StreamKey::name(name);
        vec![
            ("seed", neighbours(|i| duration(StreamKey::root(i, 0)))),
            (
                "replication",
                neighbours(|i| duration(StreamKey::root(7, i))),
            ),
            ("run", neighbours(|i| duration(root.with(3).with(i)))),
            (
                "run by hour",
                neighbours(|i| duration(root.with(i * 3_600_000_000))),
            ),
            (
                "task",
                neighbours(|i| duration(root.with(task(&format!("t{i}"))))),
            ),
            (
                "try",
                neighbours(|i| duration(root.with(i >> 2).with(i & 3))),
            ),
            (
                "purpose",
                neighbours(|i| root.with(i / 5).stream(PURPOSES[i as usize % 5])),
            ),
        ]
    }

    #[test]
    fn first_draws_of_neighbouring_keys_are_uniform() {
        // Chi-square with 255 degrees of freedom at 0.1 %: 330.5; both the high and the low byte.
        for (name, draws) in families() {
            for shift in [0, 56] {
                let mut counts = [0u32; 256];
                for bits in &draws {
                    counts[(bits >> shift) as usize & 0xff] += 1;
                }
                let square = |&n: &u32| (f64::from(n) - 256.0) * (f64::from(n) - 256.0);
                let chi_square: f64 = counts.iter().map(square).sum();
                assert!(chi_square / 256.0 < 330.5, "{name} {shift}: {chi_square}");
            }
        }
    }

    #[test]
    fn first_draws_of_neighbouring_keys_are_uncorrelated() {
        // The lag correlations of n independent numbers have standard deviation 1 / sqrt(n) = 1 / 256.
        for (name, draws) in families() {
            let centred: Vec<f64> = draws
                .iter()
                .map(|&bits| bits as f64 / u64::MAX as f64 - 0.5)
                .collect();
            for lag in [1, 2, 3, 4, 5, 256] {
                let pairs = centred.iter().zip(&centred[lag..]);
                let sum: f64 = pairs.map(|(x, y)| x * y).sum();
                let correlation = sum / centred.len() as f64 * 12.0;
                assert!(
                    correlation.abs() < 4.0 / 256.0,
                    "{name} lag {lag}: {correlation}"
                );
            }
        }
    }

    #[test]
    fn one_bit_of_a_part_flips_half_of_the_draw() {
        // 4,096 flips of a fair coin have standard deviation 1/128; 64 * 64 cells stay within 5 of them.
        for bit in 0..64 {
            let mut flips = [0u32; 64];
            for part in 0..4_096 {
                let draw = |part| StreamKey::root(1, 0).with(part).stream(Purpose::Failure);
                let changed = draw(part).next_u64() ^ draw(part ^ (1 << bit)).next_u64();
                for (at, count) in flips.iter_mut().enumerate() {
                    *count += (changed >> at) as u32 & 1;
                }
            }
            for count in flips {
                let share = f64::from(count) / 4_096.0;
                assert!((share - 0.5).abs() < 5.0 / 128.0, "bit {bit}: {share}");
            }
        }
    }

    #[test]
    fn streams_do_not_repeat_keys_or_each_other() {
        let root = StreamKey::root(3, 3);
        let mut seen: Vec<u64> = (0..1_000).map(|part| root.with(part).0).collect();
        for purpose in PURPOSES {
            let mut stream = root.stream(purpose);
            seen.extend((0..1_000).map(|_| stream.next_u64()));
        }
        let drawn = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), drawn);
    }

    #[test]
    fn the_order_of_parts_matters() {
        let root = StreamKey::root(0, 0);
        assert_ne!(root.with(1).with(2), root.with(2).with(1));
        assert_ne!(root.with(0), root);
    }

    #[test]
    fn open_draws_reach_neither_end() {
        let mut stream = StreamKey::root(0, 0).stream(Purpose::Duration);
        assert!((0..10_000).all(|_| (f64::EPSILON / 4.0..1.0).contains(&stream.next_open())));
    }
}

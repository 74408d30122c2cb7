//! The size of a batch: a draw made whole without changing its mean.
//!
//! A draw x becomes floor(x), or one more with the probability x - floor(x) ("stochastic rounding"), so that the mean
//! size is exactly the mean of the distribution, as the rates in checks assume; whole draws stay what they are.

use crate::random::{Distribution, Stream};

/// The runs of one batch.
pub(super) fn draw(size: &Distribution, stream: &mut Stream) -> u64 {
    let drawn = size.sample(stream);
    let whole = drawn.floor();
    whole as u64 + u64::from(stream.next_open() < drawn - whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    fn sizes(size: &Distribution) -> Vec<u64> {
        let root = StreamKey::root(8, 0);
        let draw = |point| draw(size, &mut root.with(point).stream(Purpose::Arrival));
        (0..10_000).map(draw).collect()
    }

    #[test]
    fn whole_sizes_stay_whole() {
        let drawn = sizes(&Distribution::constant(50.0).unwrap());
        assert!(drawn.iter().all(|&size| size == 50));
    }

    #[test]
    fn the_mean_is_that_of_the_distribution() {
        for size in [
            Distribution::constant(2.25).unwrap(),
            Distribution::exponential(3.0)
                .unwrap()
                .modified(0.0, Some(1.0), None)
                .unwrap(),
        ] {
            let drawn = sizes(&size);
            let n = drawn.len() as f64;
            let mean = drawn.iter().sum::<u64>() as f64 / n;
            // Rounding adds at most 1/4 to the variance.
            let error = ((size.variance() + 0.25) / n).sqrt();
            assert!((mean - size.mean()).abs() < 4.0 * error, "{mean}");
        }
    }
}

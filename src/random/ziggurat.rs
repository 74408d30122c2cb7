//! Standard normal and exponential draws by the ziggurat method.
//!
//! The area under the density is cut into 256 layers of equal area; a draw falls well inside its layer 99 times of
//! 100 and then costs one multiplication and one comparison.
//! Source: Marsaglia and Tsang, "The ziggurat method for generating random variables" (J. Stat. Software 5(8), 2000);
//! layer and position come from different bits of one 64-bit number, as Doornik (2005) asks.

use std::sync::LazyLock;

use super::Stream;

const LAYERS: usize = 256;

/// Where the tail of the normal begins, and the area of each of its layers.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;
const NORMAL_AREA: f64 = 0.004_928_673_233_974_658;

/// Where the tail of the exponential begins, and the area of each of its layers.
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
const EXPONENTIAL_AREA: f64 = 0.003_949_659_822_581_557;

static NORMAL: LazyLock<Layers> = LazyLock::new(|| {
    Layers::cut(NORMAL_TAIL, NORMAL_AREA, normal_density, |y| {
        (-2.0 * libm::log(y)).sqrt()
    })
});

static EXPONENTIAL: LazyLock<Layers> = LazyLock::new(|| {
    Layers::cut(
        EXPONENTIAL_TAIL,
        EXPONENTIAL_AREA,
        |x| libm::exp(-x),
        |y| -libm::log(y),
    )
});

/// A draw from the normal distribution of mean 0 and standard deviation 1.
#[inline]
pub(super) fn standard_normal(stream: &mut Stream) -> f64 {
    let layers = &*NORMAL;
    let (layer, position, x) = layers.normal_point(stream);
    if x.abs() < layers.width[layer + 1] {
        return x;
    }
    normal_at_the_edge(layers, (layer, position, x), stream)
}

/// A draw from the exponential distribution of mean 1.
#[inline]
pub(super) fn standard_exponential(stream: &mut Stream) -> f64 {
    let layers = &*EXPONENTIAL;
    let (layer, x) = layers.exponential_point(stream);
    if x < layers.width[layer + 1] {
        return x;
    }
    exponential_at_the_edge(layers, (layer, x), stream)
}

/// Goes on where the first point was not well inside its layer; apart, so that the usual case is short.
#[cold]
#[inline(never)]
fn normal_at_the_edge(layers: &Layers, mut point: (usize, f64, f64), stream: &mut Stream) -> f64 {
    loop {
        let (layer, position, x) = point;
        if x.abs() < layers.width[layer + 1] {
            return x;
        }
        if layer == 0 {
            return normal_tail(stream).copysign(position);
        }
        if layers.height_within(layer, stream) < normal_density(x) {
            return x;
        }
        point = layers.normal_point(stream);
    }
}

/// The same for the exponential distribution.
#[cold]
#[inline(never)]
fn exponential_at_the_edge(layers: &Layers, mut point: (usize, f64), stream: &mut Stream) -> f64 {
    loop {
        let (layer, x) = point;
        if x < layers.width[layer + 1] {
            return x;
        }
        if layer == 0 {
            // The tail of an exponential is the same exponential again.
            return EXPONENTIAL_TAIL - libm::log(stream.next_open());
        }
        if layers.height_within(layer, stream) < libm::exp(-x) {
            return x;
        }
        point = layers.exponential_point(stream);
    }
}

/// A number in [1, 2) whose fraction is the upper 52 bits; what is then added and multiplied above is exact. Were the
/// bits converted as an integer, the processor would wait for whatever the register held before: the draw before this.
#[inline]
const fn from_one_to_two(bits: u64) -> f64 {
    f64::from_bits(ONE | bits >> 12)
}

const ONE: u64 = 1.0_f64.to_bits();

/// The layers, widest (with the tail) first: layer `i` reaches to `width[i]` and stands on `height[i]`.
struct Layers {
    width: [f64; LAYERS + 1],
    height: [f64; LAYERS + 1],
}

impl Layers {
    fn cut(tail: f64, area: f64, density: fn(f64) -> f64, inverse: fn(f64) -> f64) -> Self {
        let mut width = [0.0; LAYERS + 1];
        // The lowest layer holds the tail as well; its width is that of a rectangle of the same area.
        width[0] = area / density(tail);
        width[1] = tail;
        for i in 2..LAYERS {
            width[i] = inverse(density(width[i - 1]) + area / width[i - 1]);
        }
        Self {
            width,
            height: width.map(density),
        }
    }

    /// A layer, a position from -1 to 1, and where that is in the layer.
    #[inline]
    fn normal_point(&self, stream: &mut Stream) -> (usize, f64, f64) {
        let bits = stream.next_u64();
        let layer = usize::from(bits as u8);
        let position = 2.0 * from_one_to_two(bits) - 3.0;
        (layer, position, position * self.width[layer])
    }

    /// A layer, and a point in it.
    #[inline]
    fn exponential_point(&self, stream: &mut Stream) -> (usize, f64) {
        let bits = stream.next_u64();
        let layer = usize::from(bits as u8);
        let position = (from_one_to_two(bits) - 1.0) + f64::EPSILON / 2.0;
        (layer, position * self.width[layer])
    }

    /// A height drawn uniformly within a layer.
    #[inline]
    fn height_within(&self, layer: usize, stream: &mut Stream) -> f64 {
        let (bottom, top) = (self.height[layer], self.height[layer + 1]);
        bottom + (top - bottom) * stream.next_open()
    }
}

fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

/// A standard normal draw given that it lies beyond `NORMAL_TAIL` (Marsaglia 1964).
#[cold]
fn normal_tail(stream: &mut Stream) -> f64 {
    loop {
        let beyond = -libm::log(stream.next_open()) / NORMAL_TAIL;
        if -2.0 * libm::log(stream.next_open()) > beyond * beyond {
            return NORMAL_TAIL + beyond;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};

    const DRAWS: usize = 1_000_000;

    fn draws(draw: fn(&mut Stream) -> f64) -> Vec<f64> {
        let mut stream = StreamKey::root(2_000, 0).stream(Purpose::Duration);
        (0..DRAWS).map(|_| draw(&mut stream)).collect()
    }

    /// Checks the share of draws above `x` to four standard errors.
    fn check_share_above(draws: &[f64], x: f64, expected: f64) {
        let share = draws.iter().filter(|&&draw| draw > x).count() as f64 / DRAWS as f64;
        let error = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
        assert!(
            (share - expected).abs() < 4.0 * error,
            "above {x}: {share}, not {expected}"
        );
    }

    #[test]
    fn the_layers_have_equal_areas_up_to_the_top() {
        for (layers, area) in [(&NORMAL, NORMAL_AREA), (&EXPONENTIAL, EXPONENTIAL_AREA)] {
            for i in 1..LAYERS {
                let layer = layers.width[i] * (layers.height[i + 1] - layers.height[i]);
                assert!((layer / area - 1.0).abs() < 1e-9, "layer {i}: {layer}");
            }
        }
    }

    #[test]
    fn normal_draws_have_the_right_shares_even_in_the_tail() {
        let draws = draws(standard_normal);
        for x in [
            -3.9, -3.6, -3.0, -1.0, -0.2, 0.0, 0.1, 0.7, 2.0, 3.0, 3.7, 4.2,
        ] {
            check_share_above(&draws, x, 0.5 * libm::erfc(x / std::f64::consts::SQRT_2));
        }
    }

    #[test]
    fn exponential_draws_have_the_right_shares_even_in_the_tail() {
        let draws = draws(standard_exponential);
        for x in [0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 7.0, 7.8, 9.0] {
            check_share_above(&draws, x, libm::exp(-x));
        }
        assert!(draws.iter().all(|&draw| draw > 0.0));
    }
}

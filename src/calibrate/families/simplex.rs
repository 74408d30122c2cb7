//! The highest point of a function of two variables that needs no derivatives.
//!
//! Source: Nelder and Mead, "A simplex method for function minimization" (Computer Journal 7, 1965), with the usual
//! coefficients 1, 2, 1/2 and 1/2.

type Point = [f64; 2];

/// Steps after which a likelihood that still rises is let be.
const MOST_STEPS: usize = 500;

/// Climbs `height` from `start`, whose neighbourhood is as wide as `steps`, until the corners of the simplex are equally
/// high to 1e-12 of it and near each other to 1e-7.
pub(super) fn maximise(start: Point, steps: Point, height: impl Fn(Point) -> f64) -> Point {
    let at = |point: Point| {
        let height = height(point);
        // What is not a number is nowhere.
        let height = if height.is_nan() {
            f64::NEG_INFINITY
        } else {
            height
        };
        (point, height)
    };
    let mut corners = [
        at(start),
        at([start[0] + steps[0], start[1]]),
        at([start[0], start[1] + steps[1]]),
    ];
    for _ in 0..MOST_STEPS {
        corners.sort_by(|a, b| b.1.total_cmp(&a.1));
        let [best, middle, worst] = corners;
        let gap = best.1 - worst.1;
        let apart = (0..2).map(|i| {
            (best.0[i] - worst.0[i])
                .abs()
                .max((best.0[i] - middle.0[i]).abs())
        });
        if gap <= 1e-12 * best.1.abs() && apart.fold(0.0, f64::max) <= 1e-7 {
            break;
        }
        let towards = |share: f64| {
            at([0, 1].map(|i| {
                let centre = f64::midpoint(best.0[i], middle.0[i]);
                centre + share * (centre - worst.0[i])
            }))
        };
        let reflected = towards(1.0);
        let replacement = if reflected.1 > best.1 {
            let expanded = towards(2.0);
            if expanded.1 > reflected.1 {
                expanded
            } else {
                reflected
            }
        } else if reflected.1 > middle.1 {
            reflected
        } else {
            towards(if reflected.1 > worst.1 { 0.5 } else { -0.5 })
        };
        if replacement.1 > worst.1 {
            corners[2] = replacement;
        } else {
            let half = |other: Point| at([0, 1].map(|i| f64::midpoint(best.0[i], other[i])));
            corners = [best, half(middle.0), half(worst.0)];
        }
    }
    corners.sort_by(|a, b| b.1.total_cmp(&a.1));
    corners[0].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curved_ridge_is_climbed() {
        // Rosenbrock's valley upside down; its top is at (1, 1).
        let ridge = |[x, y]: Point| -((1.0 - x) * (1.0 - x) + 100.0 * (y - x * x) * (y - x * x));
        let [x, y] = maximise([-1.2, 1.0], [0.5, 0.5], ridge);
        assert!((x - 1.0).abs() < 1e-5 && (y - 1.0).abs() < 1e-5, "{x} {y}");
    }
}

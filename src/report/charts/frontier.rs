//! The Pareto frontier of points of which less is better in both coordinates.

/// Those that no other beats in one coordinate without losing in the other, by the first one.
pub(super) fn frontier(points: &[(f64, f64)]) -> Vec<usize> {
    let beats = |a: (f64, f64), b: (f64, f64)| a.0 <= b.0 && a.1 <= b.1 && a != b;
    let is_free = |at: &usize| !points.iter().any(|&other| beats(other, points[*at]));
    let mut found: Vec<usize> = (0..points.len()).filter(is_free).collect();
    found.sort_by(|&a, &b| points[a].0.total_cmp(&points[b].0));
    found
}

/// Nothing between two points of the frontier is known to be possible but what the first of them does.
pub(super) fn staircase(points: &[(f64, f64)], frontier: &[usize]) -> Vec<(f64, f64)> {
    let mut steps = Vec::new();
    for &at in frontier {
        if let Some(&(_, before)) = steps.last() {
            steps.push((points[at].0, before));
        }
        steps.push(points[at]);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frontier_is_what_nobody_beats() {
        let points = [(3.0, 1.0), (1.0, 5.0), (2.0, 6.0), (2.0, 2.0), (3.0, 1.0)];
        let found = frontier(&points);
        assert_eq!(found, [1, 3, 0, 4]);
        let steps = staircase(&points, &found[..3]);
        assert_eq!(
            steps,
            [(1.0, 5.0), (2.0, 5.0), (2.0, 2.0), (3.0, 2.0), (3.0, 1.0)]
        );
    }
}

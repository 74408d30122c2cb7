//! A measured slowdown: factors at some concurrencies, straight lines between them.
//!
//! A task alone has factor 1 unless the table says otherwise. Beyond the last point the line of the last two goes on,
//! because overload does not become free where nobody has measured it.

use super::slowdown::{LawError, within};

/// Points of concurrency and factor, both ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    points: Vec<(f64, f64)>,
}

impl Table {
    pub(super) fn new(given: Vec<(u32, f64)>) -> Result<Self, LawError> {
        let alone = given.first().ok_or(LawError::NoPoints)?.0 > 1;
        let mut points = Vec::with_capacity(given.len() + 1);
        if alone {
            points.push((1.0, 1.0));
        }
        for (concurrency, factor) in given {
            let bounds = "it is a factor from 1 on";
            let factor = within("slowdown", factor, (1.0, 1e6), bounds)?;
            let tasks = f64::from(concurrency);
            let (before, at_least) = points.last().copied().unwrap_or((0.0, 1.0));
            if tasks <= before {
                return Err(LawError::NotAscending(concurrency));
            }
            if factor < at_least {
                return Err(LawError::Falling(concurrency));
            }
            points.push((tasks, factor));
        }
        Ok(Self { points })
    }

    #[inline]
    pub(super) fn factor(&self, tasks: f64) -> f64 {
        let points = &self.points;
        if points.len() < 2 {
            return points.first().map_or(1.0, |&(_, factor)| factor);
        }
        let above = points.partition_point(|&(known, _)| known < tasks);
        let above = above.clamp(1, points.len() - 1);
        let ((left, low), (right, high)) = (points[above - 1], points[above]);
        low + (high - low) * (tasks - left) / (right - left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_between_the_points_and_beyond_the_last() {
        let law = Table::new(vec![(5, 2.0), (9, 4.0)]).unwrap();
        let expected = [(1, 1.0), (3, 1.5), (5, 2.0), (7, 3.0), (9, 4.0), (13, 6.0)];
        for (tasks, factor) in expected {
            let found = law.factor(f64::from(tasks));
            assert!((found - factor).abs() < 1e-12, "{found} at {tasks}");
        }
    }

    #[test]
    fn a_single_point_at_one_holds_for_all() {
        let law = Table::new(vec![(1, 3.0)]).unwrap();
        assert!((law.factor(1.0) - 3.0).abs() < 1e-12);
        assert!((law.factor(50.0) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn points_rise() {
        assert_eq!(Table::new(Vec::new()), Err(LawError::NoPoints));
        let same = Table::new(vec![(2, 1.0), (2, 2.0)]);
        assert_eq!(same, Err(LawError::NotAscending(2)));
        assert_eq!(Table::new(vec![(0, 1.0)]), Err(LawError::NotAscending(0)));
        let falling = Table::new(vec![(2, 3.0), (4, 2.0)]);
        assert_eq!(falling, Err(LawError::Falling(4)));
        assert!(Table::new(vec![(2, 0.5)]).is_err());
    }
}

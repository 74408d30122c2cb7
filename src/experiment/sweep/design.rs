//! The cells of a sweep and their numbers.

use super::Part;
use crate::experiment::plan::{MAX_REPLICATIONS, PlanError};

/// More cells than this are not planned by anybody.
const MAX_CELLS: u64 = 100_000_000;

/// How many points, policies and replications there are, and how sure the intervals are.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    points: usize,
    policies: Vec<Option<String>>,
    pairing: Pairing,
    replications: u32,
    level: f64,
}

/// Which points meet which policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pairing {
    /// Every point meets all of them.
    All,
    /// Each point has one of its own.
    Own,
}

/// One replication of one policy at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The point.
    pub point: usize,
    /// The policy, by its place in the design.
    pub policy: usize,
    /// Which draw of luck: the same number means the same luck in every cell.
    pub replication: u64,
}

impl Design {
    /// So many replications of each of the policies (none of them stands for no policy) at each of the points.
    ///
    /// # Errors
    /// A number of replications or a level that no interval can have, or too many cells.
    pub fn new(
        points: usize,
        policies: Vec<Option<String>>,
        replications: u32,
        level: f64,
    ) -> Result<Self, PlanError> {
        let design = Self {
            points,
            policies,
            pairing: Pairing::All,
            replications,
            level,
        };
        design.checked()
    }

    /// So many replications of points of which each has its own policy, the one at the same place.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn with_own_policies(
        policies: Vec<Option<String>>,
        replications: u32,
        level: f64,
    ) -> Result<Self, PlanError> {
        let design = Self {
            points: policies.len(),
            policies,
            pairing: Pairing::Own,
            replications,
            level,
        };
        design.checked()
    }

    fn checked(self) -> Result<Self, PlanError> {
        if !(2..=MAX_REPLICATIONS).contains(&self.replications) {
            return Err(PlanError::Replications(self.replications));
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(PlanError::Level(self.level));
        }
        let cases = self.points as u128 * self.policies_at_a_point() as u128;
        let cells = cases * u128::from(self.replications);
        if cells > u128::from(MAX_CELLS) {
            return Err(PlanError::Cells(cells, MAX_CELLS));
        }
        Ok(self)
    }

    /// How many points there are.
    pub const fn points(&self) -> usize {
        self.points
    }

    /// The policies.
    pub fn policies(&self) -> &[Option<String>] {
        &self.policies
    }

    /// How often each policy is simulated at each point.
    pub const fn replications(&self) -> u32 {
        self.replications
    }

    /// The confidence level of each interval by itself.
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// How many cells there are.
    pub fn cells(&self) -> u64 {
        (self.points * self.policies_at_a_point()) as u64 * u64::from(self.replications)
    }

    const fn policies_at_a_point(&self) -> usize {
        match self.pairing {
            Pairing::All => self.policies.len(),
            Pairing::Own => 1,
        }
    }

    /// The numbers of the cells of a part: every so many, so that each part has its share of all points.
    pub fn cells_of(&self, part: Part) -> impl Iterator<Item = u64> + use<> {
        (part.first()..self.cells()).step_by(part.of() as usize)
    }

    /// The cell of a number; replications change fastest, then policies.
    pub fn cell(&self, number: u64) -> Cell {
        let replications = u64::from(self.replications);
        let case = (number / replications) as usize;
        let (point, policy) = match self.pairing {
            Pairing::All => (case / self.policies.len(), case % self.policies.len()),
            Pairing::Own => (case, case),
        };
        Cell {
            point,
            policy,
            replication: number % replications,
        }
    }

    /// The numbers of the replications of a policy at a point that meets it, in their order.
    pub fn replications_of(&self, point: usize, policy: usize) -> std::ops::Range<u64> {
        let case = match self.pairing {
            Pairing::All => point * self.policies.len() + policy,
            Pairing::Own => point,
        };
        let first = case as u64 * u64::from(self.replications);
        first..first + u64::from(self.replications)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_every_cell_once_and_a_share_of_every_point() {
        let design = Design::new(3, vec![None, Some("other".into())], 5, 0.95).unwrap();
        let mut seen = vec![0; design.cells() as usize];
        for number in 1..=4 {
            let part = Part::new(number, 4).unwrap();
            let cells: Vec<_> = design.cells_of(part).collect();
            assert!((7..=8).contains(&cells.len()));
            for cell in cells {
                seen[cell as usize] += 1;
            }
        }
        assert_eq!(seen, [1; 30]);
    }

    #[test]
    fn a_number_and_its_cell_agree() {
        let every = Design::new(3, vec![None, None], 5, 0.95).unwrap();
        let own = Design::with_own_policies(vec![None, None, None], 5, 0.95).unwrap();
        assert_eq!((every.cells(), own.cells()), (30, 15));
        for design in [every, own] {
            for number in 0..design.cells() {
                let cell = design.cell(number);
                let first = design.replications_of(cell.point, cell.policy).start;
                assert_eq!(first + cell.replication, number);
            }
        }
        let too_many = Design::new(100_000, vec![None], 1_001, 0.95).unwrap_err();
        assert!(too_many.to_string().contains("100100000"), "{too_many}");
    }
}

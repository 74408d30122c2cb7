//! When sensors that wait began to: what their time-outs and backoffs count from.

use crate::ids::InstanceId;
use crate::time::SimTime;

/// The first pokes of the present tries, by instance; a site without sensors keeps none.
#[derive(Debug, Default)]
pub(crate) struct FirstPokes {
    by_instance: Vec<FirstPoke>,
}

/// When the first poke of a try began and ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FirstPoke {
    pub(crate) started_at: SimTime,
    pub(crate) ended_at: SimTime,
    /// When the first poke of all tries began.
    pub(crate) first_of_all: SimTime,
    /// The run to which all this belongs, by the order of creation: rows of instances are used again.
    pub(crate) run: u64,
}

impl FirstPokes {
    /// The first poke of a try has ended.
    pub(crate) fn note(&mut self, id: InstanceId, mut poke: FirstPoke) {
        if self.by_instance.len() <= id.index() {
            self.by_instance
                .resize(id.index() + 1, FirstPoke::default());
        }
        let before = self.by_instance[id.index()];
        if before.run == poke.run {
            poke.first_of_all = before.first_of_all;
        }
        self.by_instance[id.index()] = poke;
    }

    /// The first poke of a try that has poked at least once.
    pub(crate) fn of(&self, id: InstanceId) -> FirstPoke {
        self.by_instance
            .get(id.index())
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_poke_of_all_tries_is_kept_as_long_as_the_run_is_the_same() {
        let mut pokes = FirstPokes::default();
        let id = InstanceId::new(3);
        let poke = |second: i64, run| {
            let started_at = SimTime::from_micros(second * 1_000_000);
            FirstPoke {
                started_at,
                ended_at: started_at,
                first_of_all: started_at,
                run,
            }
        };
        for (second, run, first) in [(10, 1, 10), (50, 1, 10), (90, 2, 90)] {
            pokes.note(id, poke(second, run));
            assert_eq!(pokes.of(id).first_of_all, poke(first, run).first_of_all);
            assert_eq!(pokes.of(id).started_at, poke(second, run).started_at);
        }
    }
}

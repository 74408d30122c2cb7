//! Pools whose slots are all held by sensors that await tasks which need slots of the same pool.

use crate::airflow::world::World;
use crate::ids::PoolId;
use crate::time::SimTime;
use crate::trace::{DeadlockRecord, Recorder};

/// By pool, the sensors that block it; a site without such sensors keeps nothing.
#[derive(Debug, Default)]
pub(crate) struct Deadlocks {
    pools: Vec<Blocked>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Blocked {
    sensors: u32,
    slots: i64,
    /// Since when they hold all slots, and how many they are.
    deadlock: Option<(SimTime, u32)>,
}

impl Deadlocks {
    /// A sensor holds slots that what it awaits needs.
    pub(crate) fn block(&mut self, pool: PoolId, slots: u32) {
        if self.pools.len() <= pool.index() {
            self.pools.resize(pool.index() + 1, Blocked::default());
        }
        let blocked = &mut self.pools[pool.index()];
        blocked.sensors += 1;
        blocked.slots += i64::from(slots);
    }

    /// It holds them no more, or what it awaits is there.
    pub(crate) fn unblock(&mut self, pool: PoolId, slots: u32) {
        let blocked = &mut self.pools[pool.index()];
        blocked.sensors -= 1;
        blocked.slots -= i64::from(slots);
    }
}

impl<R: Recorder> World<R> {
    /// The slots of a pool, or who holds them, have changed: it may be deadlocked from now on, or until now.
    #[inline]
    pub(crate) fn look_for_deadlock(&mut self, pool: PoolId, now: SimTime) {
        let Some(blocked) = self.deadlocks.pools.get_mut(pool.index()) else {
            return;
        };
        let (open, total) = (self.pools.open(pool), self.pools.total(pool));
        let is_deadlocked = blocked.sensors > 0
            && self.pools.exists(pool)
            && open <= 0
            && total - open == blocked.slots;
        if is_deadlocked == blocked.deadlock.is_some() {
            return;
        }
        if is_deadlocked {
            blocked.deadlock = Some((now, blocked.sensors));
        } else if let Some((since, sensors)) = blocked.deadlock.take()
            && since < now
        {
            self.recorder.deadlock(DeadlockRecord {
                pool,
                since,
                until: Some(now),
                sensors,
            });
        }
    }

    /// Writes the rows of the pools that are deadlocked when the simulation ends.
    pub(crate) fn write_deadlocks(&mut self) {
        for (at, blocked) in self.deadlocks.pools.iter().enumerate() {
            if let Some((since, sensors)) = blocked.deadlock {
                self.recorder.deadlock(DeadlockRecord {
                    pool: PoolId::new(at),
                    since,
                    until: None,
                    sensors,
                });
            }
        }
    }
}

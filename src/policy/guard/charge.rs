//! Who is in charge of a pool: its policy, until the pool is deleted, or somebody else has resized it and the policy is
//! told to stand down then.

use crate::ids::PoolId;

/// What a policy does once somebody else has resized its pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ManualChange {
    /// It leaves the pool alone from then on: who intervenes has a reason, and two hands on one pool undo each other's
    /// work. The default.
    #[default]
    StandDown,
    /// It goes on from the size that it finds.
    TakeOver,
}

/// What somebody else did to a pool, which its policy has noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The pool.
    pub pool: PoolId,
    /// Its size now; 0 once it is deleted.
    pub slots: i64,
    /// What happened, and what the policy makes of it.
    pub reason: String,
}

/// Whether a policy is in charge of a pool, and which size it takes for its own work.
#[derive(Clone, Debug, Default)]
pub(super) struct Charge {
    /// None before the pool was there for the first time.
    known: Option<i64>,
    is_given_up: bool,
}

impl Charge {
    pub(super) const fn is_given_up(&self) -> bool {
        self.is_given_up
    }

    /// The policy has resized the pool.
    pub(super) fn took_effect(&mut self, slots: i64) {
        self.known = Some(slots);
    }

    /// Compares the pool's size, or that there is no pool, with what was known; says what is new, once.
    pub(super) fn notice(
        &mut self,
        slots: Option<i64>,
        on_manual_change: ManualChange,
    ) -> Option<String> {
        if self.is_given_up {
            return None;
        }
        let before = std::mem::replace(&mut self.known, slots)?;
        let Some(now) = slots else {
            self.is_given_up = true;
            return Some("the pool was deleted: the policy stops".into());
        };
        if now == before {
            return None;
        }
        let conclusion = match on_manual_change {
            ManualChange::StandDown => {
                self.is_given_up = true;
                "stands down"
            }
            ManualChange::TakeOver => "takes over",
        };
        Some(format!(
            "someone else resized it from {before} to {now}: the policy {conclusion}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_by_someone_else_is_told_once() {
        let mut charge = Charge::default();
        assert_eq!(charge.notice(Some(8), ManualChange::TakeOver), None);
        charge.took_effect(10);
        assert_eq!(charge.notice(Some(10), ManualChange::TakeOver), None);
        let told = charge.notice(Some(4), ManualChange::TakeOver).unwrap();
        assert_eq!(
            told,
            "someone else resized it from 10 to 4: the policy takes over"
        );
        assert_eq!(charge.notice(Some(4), ManualChange::TakeOver), None);
        assert!(!charge.is_given_up());
        let told = charge.notice(Some(5), ManualChange::StandDown).unwrap();
        assert!(told.ends_with("stands down") && charge.is_given_up());
        assert_eq!(charge.notice(Some(9), ManualChange::StandDown), None);
    }

    #[test]
    fn a_pool_may_come_later_but_not_come_back() {
        let mut charge = Charge::default();
        let mut told = |slots| charge.notice(slots, ManualChange::TakeOver);
        assert_eq!([told(None), told(Some(3))], [None, None]);
        assert!(told(None).unwrap().contains("deleted"));
        assert_eq!([told(None), told(Some(3))], [None, None]);
        assert!(charge.is_given_up());
    }
}

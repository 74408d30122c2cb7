//! Pools held in a pools file answer to the same calls as simulated ones; nothing runs in them.

use crate::airflow::pools::{PoolChange, PoolError, PoolStatus, Pools, SlotCounts, check};
use crate::deployment::{DEFAULT_POOL, Pool, PoolsFile};

impl Pools for PoolsFile {
    fn put_pool(&mut self, pool: Pool) -> Result<PoolChange, PoolError> {
        check(&pool)?;
        Ok(if self.insert(pool) {
            PoolChange::Created
        } else {
            PoolChange::Updated
        })
    }

    fn delete_pool(&mut self, name: &str) -> Result<(), PoolError> {
        if name == DEFAULT_POOL {
            return Err(PoolError::DefaultPool);
        }
        if self.remove(name) {
            Ok(())
        } else {
            Err(PoolError::NotFound(name.into()))
        }
    }

    fn get_pool_status(&self, name: &str) -> Result<PoolStatus, PoolError> {
        let pool = self
            .get(name)
            .ok_or_else(|| PoolError::NotFound(name.into()))?;
        Ok(PoolStatus::new(&pool, SlotCounts::default()))
    }

    fn list_pools(&self) -> Vec<PoolStatus> {
        self.pools()
            .map(|pool| PoolStatus::new(&pool, SlotCounts::default()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_simulation_keep_the_same_rules() {
        let mut file = PoolsFile::default();
        assert_eq!(file.create_pool("p", 4, "four"), Ok(PoolChange::Created));
        assert_eq!(file.create_pool("p", -1, ""), Ok(PoolChange::Updated));
        let status = file.get_pool_status("p").unwrap();
        assert_eq!((status.slots, status.open), (-1, None));
        assert!(file.create_pool("p", -2, "").is_err());
        assert!(file.create_pool("p", 1 << 31, "").is_err());
        assert_eq!(file.delete_pool(DEFAULT_POOL), Err(PoolError::DefaultPool));
        assert_eq!(file.delete_pool("p"), Ok(()));
        assert_eq!(file.delete_pool("p"), Err(PoolError::NotFound("p".into())));
    }
}

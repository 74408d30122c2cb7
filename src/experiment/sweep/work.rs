//! Simulates cells on all threads; each is kept as soon as it is finished.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AtPoint, Cell, Design, ReadPoint};
use crate::airflow::DynamicPoolError;
use crate::experiment::{Case, Progress, Sample};
use crate::scenario::Diagnostics;

/// Where finished cells are kept; the rim implements it.
pub trait CellStore: Sync {
    /// Keeps the values of a cell, whole or not at all.
    ///
    /// # Errors
    /// They cannot be kept.
    fn keep(&self, cell: u64, values: &[Option<f64>]) -> Result<(), StoreError>;
}

/// What has been kept of cells.
pub trait KeptCells {
    /// The values of a cell; none if it was not kept.
    ///
    /// # Errors
    /// What was kept cannot be read.
    fn values(&self, cell: u64) -> Result<Option<Vec<Option<f64>>>, StoreError>;
}

/// Why a store does not do what it should, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(pub String);

/// Why a sweep does not go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// A point is no scenario.
    #[error(transparent)]
    Point(#[from] Diagnostics),
    /// The scenario has no such policy at a point.
    #[error("there is no policy `{policy}` at point {point}")]
    NoPolicy {
        /// The policy.
        policy: String,
        /// The point.
        point: usize,
    },
    /// A policy cannot be attached to its pools.
    #[error(transparent)]
    Policy(#[from] DynamicPoolError),
    /// A cell cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Simulates these cells on the threads of the current pool and hands each to the store.
///
/// Threads take the cells in the order of the list, one at a time, so at most one point a thread is in memory.
/// `progress` is called from all of them, in no particular order.
///
/// # Errors
/// The first of the cells that cannot be simulated or kept; the others are left.
pub fn simulate_cells(
    design: &Design,
    read: &ReadPoint<'_>,
    cells: &[u64],
    store: &dyn CellStore,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), SweepError> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let failed: Mutex<Option<(usize, SweepError)>> = Mutex::new(None);
    let shelf = Shelf::default();
    let total = cells.len();
    progress(Progress { done: 0, total });
    rayon::broadcast(|_| {
        while !is_over.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(&cell) = cells.get(at) else { break };
            let kept = simulate(design, &shelf, read, cell)
                .and_then(|sample| Ok(store.keep(cell, &sample.values)?));
            if let Err(error) = kept {
                is_over.store(true, Ordering::Relaxed);
                let mut failed = locked(&failed);
                if failed.as_ref().is_none_or(|(first, _)| at < *first) {
                    *failed = Some((at, error));
                }
                break;
            }
            let done = 1 + done.fetch_add(1, Ordering::Relaxed);
            progress(Progress { done, total });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), |(_, error)| Err(error))
}

fn simulate(
    design: &Design,
    shelf: &Shelf,
    read: &ReadPoint<'_>,
    number: u64,
) -> Result<Sample, SweepError> {
    let Cell {
        point,
        policy,
        replication,
    } = design.cell(number);
    let at_point = shelf.get(read, point)?;
    let scenario = &at_point.scenario;
    let named = |name: &String| {
        let policy = scenario.policies.get(name);
        policy.ok_or_else(|| SweepError::NoPolicy {
            policy: name.clone(),
            point,
        })
    };
    let policy = design.policies()[policy].as_ref().map(named).transpose()?;
    let outcome = Case { scenario, policy }.outcome(replication)?;
    Ok(Sample::of(replication, &at_point.measures, &outcome))
}

/// The point that was read last, for the threads that simulate it side by side.
#[derive(Default)]
struct Shelf(Mutex<Option<(usize, Arc<AtPoint>)>>);

impl Shelf {
    fn get(&self, read: &ReadPoint<'_>, point: usize) -> Result<Arc<AtPoint>, SweepError> {
        let mut latest = locked(&self.0);
        if let Some((number, at_point)) = &*latest
            && *number == point
        {
            return Ok(Arc::clone(at_point));
        }
        let at_point = Arc::new(AtPoint::new(read, point)?);
        *latest = Some((point, Arc::clone(&at_point)));
        Ok(at_point)
    }
}

/// A panic of another thread ends the process anyway.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Timetables (stub to be replaced): when scheduled runs are due.
use crate::time::{SimDuration, SimTime};
/// When scheduled runs are due.
#[derive(Clone, Debug)]
pub enum Timetable {
    /// A fixed interval; each run is due at its logical date.
    DeltaTrigger(SimDuration),
}
/// A run that a timetable asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    /// Names the run.
    pub logical_date: SimTime,
    /// The data interval's start.
    pub interval_start: SimTime,
    /// The data interval's end: what the next run is computed from.
    pub interval_end: SimTime,
    /// When it may be created.
    pub run_after: SimTime,
}
/// What bounds the runs of one DAG.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// No run lies before.
    pub start_date: SimTime,
    /// No run lies after.
    pub end_date: Option<SimTime>,
    /// Whether missed points are made up for.
    pub catchup: bool,
}
impl Timetable {
    /// The next run after `previous`, as computed at `now`; none: no more.
    pub fn next_run(
        &self,
        previous: Option<&PlannedRun>,
        bounds: &Bounds,
        now: SimTime,
    ) -> Option<PlannedRun> {
        let Self::DeltaTrigger(delta) = self;
        let at = previous.map_or(bounds.start_date, |p| p.interval_end + *delta);
        let at = if bounds.catchup { at } else { at.max(now) };
        (bounds.end_date.is_none_or(|end| at <= end)).then_some(PlannedRun {
            logical_date: at,
            interval_start: at,
            interval_end: at,
            run_after: at,
        })
    }
}

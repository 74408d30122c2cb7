//! The catalogue of indicators: what can be asked about a pool, a DAG or a task, in which unit, and which
//! direction is better.
//!
//! Objectives, comparisons and reports all name indicators by these names.

use std::fmt;
use std::str::FromStr;

use crate::trace::{RunWaitCause, SchedulingWaitCause, WaitCause};
use Indicator::{
    CallsWaiting, ConcurrencyMax, ConcurrencyMean, Cost, DirectionChanges, Failed, LongestOpenWait,
    MissedDeadlines, QueueMax, QueueMean, Refused, Requeued, Resizes, Retried, RunWaitedFor,
    SchedulingWaitedFor, SlotHoursOffered, SlotHoursUsed, Slowdown, Span, Started, StillWaiting,
    Succeeded, Throughput, TimeFull, TimeOverBudget, TimeToClear, Unfinished, Utilisation,
    WaitedFor,
};

/// Something that can be measured.
///
/// Of a DAG, `started`, `succeeded`, `failed`, `unfinished` and `throughput` count runs; of a pool or a task
/// they count task instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indicator {
    /// Tries or runs that began.
    Started,
    /// Tries or runs that ended well.
    Succeeded,
    /// Tries or runs that ended badly, for good.
    Failed,
    /// Failed tries that were to be repeated.
    Retried,
    /// How often queued instances were put back: after waiting too long for their executor, or (Airflow 2) by their worker,
    /// which found the pool overfull.
    Requeued,
    /// Instances or runs that had not ended at the horizon.
    Unfinished,
    /// Instances that waited for their pool at the horizon.
    StillWaiting,
    /// The longest time that one of those had waited so far.
    LongestOpenWait,
    /// Instances or runs that ended well, per hour.
    Throughput,
    /// How long something takes.
    Span(SpanKind, Statistic),
    /// How long ready instances waited to be scheduled for this cause, all together.
    SchedulingWaitedFor(SchedulingWaitCause),
    /// How long instances waited for their pool for this cause, all together.
    WaitedFor(WaitCause),
    /// How long runs waited to start for this cause, all together.
    RunWaitedFor(RunWaitCause),
    /// Slot-hours used over slot-hours offered; none if the pool was unlimited.
    Utilisation,
    /// The integral of the pool's size; none if it was unlimited. Of the site, of all limited pools in use.
    SlotHoursOffered,
    /// The integral of the slots in use.
    SlotHoursUsed,
    /// Changes of the pool's size, by whoever made them.
    Resizes,
    /// Resizes that went against the one before: a policy that cannot make up its mind.
    DirectionChanges,
    /// Slots that scheduled instances wait for, time-weighted.
    QueueMean,
    /// The most slots that scheduled instances waited for.
    QueueMax,
    /// The share of time without an open slot.
    TimeFull,
    /// The share of runs that missed their deadline, among those that ended or should have.
    MissedDeadlines,
    /// Task instances at work on a resource, time-weighted.
    ConcurrencyMean,
    /// The most task instances that were at work on a resource at a time.
    ConcurrencyMax,
    /// How many times as long work on a resource took as alone; none if none was done.
    Slowdown,
    /// Task instances whose calls to a resource wait for tokens, time-weighted.
    CallsWaiting,
    /// Tries that failed because a resource refused a call.
    Refused,
    /// From the start until all runs are done and no more come; none if the simulation does not end with that, or if it
    /// never came to it.
    TimeToClear,
    /// The share of time in which the pools of the budget offered more slots than it has; none without a budget.
    TimeOverBudget,
    /// What slots, waits, missed deadlines and resizes cost; none without `costs`.
    Cost,
}

/// A span of time that every instance or run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpanKind {
    /// Ready to scheduled.
    SchedulingWait,
    /// Scheduled to queued.
    PoolWait,
    /// Queued to running.
    ExecutorWait,
    /// Running to ended.
    Duration,
    /// A run's wait from being due, which is `run_after` or the request of a backfill, to active.
    RunWait,
    /// From being due to its end.
    Makespan,
    /// A run's deadline to its end, 0 in time.
    Lateness,
    /// A shrink of a pool until no more of its slots are in use than it has, 0 if there never were.
    Drain,
}

/// Which figure of many spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The arithmetic mean, exact.
    Mean,
    /// The median, within 1/128.
    P50,
    /// The 90 % quantile, within 1/128.
    P90,
    /// The 95 % quantile, within 1/128.
    P95,
    /// The 99 % quantile, within 1/128.
    P99,
    /// The largest, exact.
    Max,
}

/// What an indicator can be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntityKind {
    /// The whole site.
    Site,
    /// A pool.
    Pool,
    /// What pools protect.
    Resource,
    /// A DAG.
    Dag,
    /// A task.
    Task,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// It depends.
    Neither,
}

impl SpanKind {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::SchedulingWait,
        Self::PoolWait,
        Self::ExecutorWait,
        Self::Duration,
        Self::RunWait,
        Self::Makespan,
        Self::Lateness,
        Self::Drain,
    ];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SchedulingWait => "scheduling_wait",
            Self::PoolWait => "pool_wait",
            Self::ExecutorWait => "executor_wait",
            Self::Duration => "duration",
            Self::RunWait => "run_wait",
            Self::Makespan => "makespan",
            Self::Lateness => "lateness",
            Self::Drain => "drain",
        }
    }

    /// From when to when, in one line without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::SchedulingWait => {
                "an instance's wait for the scheduler: dependencies met to scheduled"
            }
            Self::PoolWait => "an instance's wait for its pool: scheduled to queued",
            Self::ExecutorWait => "its wait for a worker: queued to running",
            Self::Duration => "its time at work: running to ended",
            Self::RunWait => {
                "a run's wait to begin: `run_after`, or the request of a backfill, to active"
            }
            Self::Makespan => {
                "a run from due to done: `run_after`, or the request of a backfill, to its end"
            }
            Self::Lateness => "a run's end after its deadline; 0 if it was in time",
            Self::Drain => {
                "from a shrink of a pool until no more slots are in use than it has, 0 if there never were; a shrink of a pool that still drains prolongs that"
            }
        }
    }
}

impl Statistic {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Mean,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::Max,
    ];

    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "max",
        }
    }
}

impl EntityKind {
    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Pool => "pool",
            Self::Resource => "resource",
            Self::Dag => "dag",
            Self::Task => "task",
        }
    }
}

impl Indicator {
    const PLAIN: [Self; 26] = [
        Started,
        Succeeded,
        Failed,
        Retried,
        Requeued,
        Unfinished,
        StillWaiting,
        LongestOpenWait,
        Throughput,
        Utilisation,
        SlotHoursOffered,
        SlotHoursUsed,
        Resizes,
        DirectionChanges,
        QueueMean,
        QueueMax,
        TimeFull,
        MissedDeadlines,
        ConcurrencyMean,
        ConcurrencyMax,
        Slowdown,
        CallsWaiting,
        Refused,
        TimeToClear,
        TimeOverBudget,
        Cost,
    ];

    /// Every indicator there is, in the order of reports.
    pub fn all() -> impl Iterator<Item = Self> {
        let spans = SpanKind::ALL
            .into_iter()
            .flat_map(|kind| Statistic::ALL.map(|statistic| Span(kind, statistic)));
        let scheduling = SchedulingWaitCause::ALL
            .into_iter()
            .map(SchedulingWaitedFor);
        let waits = WaitCause::ALL.into_iter().map(WaitedFor);
        let run_waits = RunWaitCause::ALL.into_iter().map(RunWaitedFor);
        let plain = Self::PLAIN.into_iter();
        let instances = scheduling.chain(waits);
        plain.chain(instances).chain(run_waits).chain(spans)
    }

    /// Whether it can be asked of such a thing.
    pub const fn applies_to(self, kind: EntityKind) -> bool {
        match self {
            Utilisation | QueueMean | QueueMax | TimeFull | Span(SpanKind::Drain, _) => {
                matches!(kind, EntityKind::Pool)
            }
            SlotHoursOffered | SlotHoursUsed | Resizes | DirectionChanges | Cost => {
                matches!(kind, EntityKind::Site | EntityKind::Pool)
            }
            TimeToClear | TimeOverBudget => matches!(kind, EntityKind::Site),
            ConcurrencyMean | ConcurrencyMax | Slowdown | CallsWaiting | Refused => {
                matches!(kind, EntityKind::Resource)
            }
            Throughput => true,
            MissedDeadlines
            | RunWaitedFor(_)
            | Span(SpanKind::RunWait | SpanKind::Makespan | SpanKind::Lateness, _) => {
                matches!(kind, EntityKind::Dag)
            }
            _ => !matches!(kind, EntityKind::Resource),
        }
    }

    /// What it says, in one line without a full stop.
    pub const fn meaning(self) -> &'static str {
        match self {
            Started => "tries or runs that began",
            Succeeded => "tries or runs that ended well",
            Failed => "tries or runs that ended badly, for good",
            Retried => "failed tries that were to be repeated",
            Requeued => {
                "how often queued instances were put back: after waiting too long for their executor, or (Airflow 2) by their worker, which found the pool overfull"
            }
            Unfinished => "instances or runs that had not ended at the horizon",
            StillWaiting => "instances that waited for their pool at the horizon",
            LongestOpenWait => "the longest time that one of those had waited so far",
            Throughput => {
                "instances or runs that ended well, per hour; of a resource, instances in the pools in front of it"
            }
            Utilisation => {
                "slot-hours used over slot-hours offered; none if the pool was unlimited or closed"
            }
            SlotHoursOffered => {
                "the integral of the pool's size, of the site of all limited pools that a task asks for; none if there was no limit"
            }
            SlotHoursUsed => {
                "the integral of the slots in use, of the site in the same pools and the unlimited ones"
            }
            Resizes => "how often the pool's size was changed, by a policy or by hand",
            DirectionChanges => {
                "how often a resize went against the one before it: a pool that grows and shrinks and grows has two"
            }
            QueueMean => "slots that scheduled instances wait for, time-weighted",
            QueueMax => "the most slots that scheduled instances waited for",
            TimeFull => "the share of time without an open slot",
            SchedulingWaitedFor(cause) => cause.meaning(),
            WaitedFor(cause) => cause.meaning(),
            RunWaitedFor(cause) => cause.meaning(),
            MissedDeadlines => {
                "the share of runs that missed their deadline, among those that ended or should have"
            }
            ConcurrencyMean => "task instances at work on a resource, time-weighted",
            ConcurrencyMax => "the most task instances that were at work on a resource at a time",
            Slowdown => {
                "how many times as long work on a resource took as alone: time at work over work done"
            }
            CallsWaiting => {
                "task instances whose calls to a resource wait for tokens, time-weighted"
            }
            Refused => "tries that failed because a resource refused a call",
            TimeToClear => {
                "from the start until all runs are done and no more come, with `horizon: until_done`; none if that never came"
            }
            TimeOverBudget => {
                "the share of time in which the pools of `budget` offered more slots than it has; none without a `budget`"
            }
            Cost => {
                "what slot-hours, waits, resizes and, of the site, missed deadlines cost; none without `costs`"
            }
            Span(kind, _) => kind.meaning(),
        }
    }

    /// Its unit; shares run from 0 to 1.
    pub const fn unit(self) -> &'static str {
        match self {
            Span(..)
            | LongestOpenWait
            | TimeToClear
            | SchedulingWaitedFor(_)
            | WaitedFor(_)
            | RunWaitedFor(_) => "s",
            Throughput => "1/h",
            Utilisation | TimeFull | TimeOverBudget | MissedDeadlines => "share",
            Cost => "currency",
            SlotHoursOffered | SlotHoursUsed => "slot-hours",
            QueueMean | QueueMax => "slots",
            ConcurrencyMean | ConcurrencyMax | CallsWaiting => "tasks",
            Slowdown => "times",
            Started | Succeeded | Failed | Retried | Requeued | Refused | Unfinished
            | StillWaiting | Resizes | DirectionChanges => "count",
        }
    }

    /// Which way is better, all else being equal.
    pub const fn better(self) -> Better {
        match self {
            Succeeded | Throughput => Better::Higher,
            Started
            | Utilisation
            | SlotHoursUsed
            | ConcurrencyMean
            | ConcurrencyMax
            | Span(SpanKind::Duration, _) => Better::Neither,
            _ => Better::Lower,
        }
    }

    const fn stem(self) -> &'static str {
        match self {
            Started => "started",
            Succeeded => "succeeded",
            Failed => "failed",
            Retried => "retried",
            Requeued => "requeued",
            Unfinished => "unfinished",
            StillWaiting => "still_waiting",
            LongestOpenWait => "longest_open_wait",
            Throughput => "throughput",
            Utilisation => "utilisation",
            SlotHoursOffered => "slot_hours_offered",
            SlotHoursUsed => "slot_hours_used",
            QueueMean => "queue_mean",
            QueueMax => "queue_max",
            TimeFull => "time_full",
            MissedDeadlines => "missed_deadlines",
            ConcurrencyMean => "concurrency_mean",
            ConcurrencyMax => "concurrency_max",
            Slowdown => "slowdown",
            CallsWaiting => "calls_waiting",
            Refused => "refused",
            TimeToClear => "time_to_clear",
            Resizes => "resizes",
            DirectionChanges => "direction_changes",
            TimeOverBudget => "time_over_budget",
            Cost => "cost",
            SchedulingWaitedFor(_) => "scheduling_waited_for",
            WaitedFor(_) => "waited_for",
            RunWaitedFor(_) => "run_waited_for",
            Span(kind, _) => kind.name(),
        }
    }
}

impl fmt::Display for Indicator {
    /// Its name, as objectives and results write it: `pool_wait_p95`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span(_, statistic) => write!(f, "{}_{}", self.stem(), statistic.name()),
            SchedulingWaitedFor(cause) => write!(f, "{}_{}", self.stem(), cause.name()),
            WaitedFor(cause) => write!(f, "{}_{}", self.stem(), cause.name()),
            RunWaitedFor(cause) => write!(f, "{}_{}", self.stem(), cause.name()),
            _ => f.write_str(self.stem()),
        }
    }
}

/// A name that is not in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no indicator `{0}`")]
pub struct UnknownIndicator(String);

impl FromStr for Indicator {
    type Err = UnknownIndicator;

    fn from_str(name: &str) -> Result<Self, UnknownIndicator> {
        Self::all()
            .find(|indicator| indicator.to_string() == name)
            .ok_or_else(|| UnknownIndicator(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for indicator in Indicator::all() {
            assert_eq!(indicator.to_string().parse(), Ok(indicator));
        }
        assert_eq!(
            "pool_wait_p95".parse(),
            Ok(Span(SpanKind::PoolWait, Statistic::P95))
        );
        assert!("pool_wait".parse::<Indicator>().is_err());
    }
}

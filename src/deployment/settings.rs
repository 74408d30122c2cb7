//! The options of `airflow.cfg` that matter for scheduling, and the scheduler's clock.

use super::Rules;
use crate::time::SimDuration;

/// Options by their names in `airflow.cfg`, with the defaults of Airflow 3; version 2 has the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirflowSettings {
    /// What the scheduler does by its version.
    pub rules: Rules,
    /// `[core] parallelism`: executor slots in use at a time, over all executors of one scheduler. In Airflow 2, 0 is no
    /// bound.
    pub parallelism: u32,
    /// `[scheduler] max_tis_per_query`: page size of the critical section; 0 is no limit of its own.
    pub max_tis_per_query: u32,
    /// `[scheduler] max_dagruns_to_create_per_loop`.
    pub max_dagruns_to_create_per_loop: u32,
    /// `[scheduler] max_dagruns_per_loop_to_schedule`: runs examined, and queued runs considered, in a loop.
    pub max_dagruns_per_loop_to_schedule: u32,
    /// `[triggerer] capacity`, over all triggerers: triggers that run at a time.
    pub triggerer_capacity: u32,
    /// `[scheduler] task_queued_timeout`: what waits in an executor for longer is put back to scheduled.
    pub task_queued_timeout: SimDuration,
    /// `[scheduler] task_queued_timeout_check_interval`: how often that is looked for.
    pub task_queued_timeout_check_interval: SimDuration,
    /// `[scheduler] task_instance_heartbeat_timeout`: a running instance that is silent for longer is failed.
    pub task_instance_heartbeat_timeout: SimDuration,
    /// `[scheduler] schedule_after_task_execution`: whether the worker that ends a task promotes the tasks after it, where
    /// the version can.
    pub schedule_after_task_execution: bool,
    /// How many schedulers run side by side, each with `parallelism` of its own.
    pub schedulers: u32,
}

impl AirflowSettings {
    /// Whether there is a mini-scheduler: the worker that ends a task promotes the tasks after it.
    pub fn has_mini_scheduler(&self) -> bool {
        self.rules.has_mini_scheduler && self.schedule_after_task_execution
    }
}

impl Default for AirflowSettings {
    fn default() -> Self {
        Self {
            rules: Rules::AIRFLOW_3,
            parallelism: 32,
            max_tis_per_query: 16,
            max_dagruns_to_create_per_loop: 10,
            max_dagruns_per_loop_to_schedule: 20,
            triggerer_capacity: 1_000,
            task_queued_timeout: SimDuration::from_seconds(600),
            task_queued_timeout_check_interval: SimDuration::from_seconds(120),
            task_instance_heartbeat_timeout: SimDuration::from_seconds(300),
            schedule_after_task_execution: true,
            schedulers: 1,
        }
    }
}

/// How the scheduler decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchedulerMode {
    /// The scheduler loop of Airflow with its page, limits and delays.
    Airflow(LoopPace),
    /// What queueing theory assumes: no latency, no page, strict priority and then first come, first served.
    Ideal {
        /// Whether a wide task that does not fit holds back those behind it.
        head_of_line: bool,
    },
}

/// When the next loop begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopPace {
    /// At a fixed period, whatever the loop did.
    Every(SimDuration),
    /// `busy` after a loop that queued a task, else after `busy + idle`.
    Paced {
        /// What one loop takes.
        busy: SimDuration,
        /// What it takes besides for every instance that it promotes to scheduled, and for every one of the pages
        /// of its critical section.
        per_task: SimDuration,
        /// `[scheduler] scheduler_idle_sleep_time`.
        idle: SimDuration,
        /// Whether the scheduler's timers shorten its sleeps.
        timers: Timers,
    },
}

/// The scheduler's timers: whatever they do, a sleep ends when one is due, and so they set the phase of idle loops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timers {
    /// As the real scheduler's.
    Exact,
    /// None: phases differ from the real ones by less than a sleep.
    #[default]
    None,
}

impl Default for SchedulerMode {
    fn default() -> Self {
        Self::Airflow(LoopPace::default())
    }
}

impl Default for LoopPace {
    fn default() -> Self {
        Self::Paced {
            busy: SimDuration::from_micros(200_000),
            per_task: SimDuration::ZERO,
            idle: SimDuration::from_seconds(1),
            timers: Timers::default(),
        }
    }
}

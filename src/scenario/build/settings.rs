//! Options of `airflow.cfg`, the scheduler's clock, and pools.

use super::Builder;
use crate::deployment::{
    AirflowSettings, DEFAULT_POOL, LoopPace, Pool, Rules, SchedulerMode, Timers,
};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{LoopSyntax, SchedulerSyntax, TimersSyntax};
use crate::time::SimDuration;

/// The longest name of a pool, a DAG or a task that Airflow's database holds.
const LONGEST_NAME: usize = 250;

/// More schedulers than this are a mistake.
const MAX_SCHEDULERS: u32 = 32;

/// A `parallelism` as the version means it: 0 may be no bound.
pub(super) fn unbounded(parallelism: u32, rules: &Rules) -> u32 {
    match parallelism {
        0 if rules.zero_parallelism_is_unbounded => u32::MAX,
        bound => bound,
    }
}

impl Builder<'_> {
    pub(super) fn settings(&mut self) {
        let given = &self.syntax.airflow;
        let default = AirflowSettings::default();
        let or = |given: &Option<Located<u32>>, default| {
            given.as_ref().map_or(default, |value| value.value)
        };
        let mut span = |given: &Option<Located<SimDuration>>, default, what: &str| {
            given
                .as_ref()
                .map_or(default, |span| self.positive(span, what))
        };
        let timeout = span(
            &given.task_queued_timeout,
            default.task_queued_timeout,
            "the timeout",
        );
        let interval = span(
            &given.task_queued_timeout_check_interval,
            default.task_queued_timeout_check_interval,
            "the interval",
        );
        let rules = self.rules();
        self.deployment.airflow = AirflowSettings {
            rules,
            schedule_after_task_execution: given
                .schedule_after_task_execution
                .as_ref()
                .is_none_or(|given| given.value),
            parallelism: unbounded(or(&given.parallelism, default.parallelism), &rules),
            max_tis_per_query: given.max_tis_per_query.unwrap_or(default.max_tis_per_query),
            max_dagruns_to_create_per_loop: or(
                &given.max_dagruns_to_create_per_loop,
                default.max_dagruns_to_create_per_loop,
            ),
            max_dagruns_per_loop_to_schedule: or(
                &given.max_dagruns_per_loop_to_schedule,
                default.max_dagruns_per_loop_to_schedule,
            ),
            task_instance_heartbeat_timeout: given
                .task_instance_heartbeat_timeout
                .unwrap_or(default.task_instance_heartbeat_timeout),
            triggerer_capacity: or(&given.triggerer_capacity, default.triggerer_capacity),
            task_queued_timeout: timeout,
            task_queued_timeout_check_interval: interval,
            schedulers: self.schedulers(),
        };
        self.deployment.scheduler = self.scheduler();
    }

    /// The rules of the version asked for.
    fn rules(&mut self) -> Rules {
        let Some(SchedulerSyntax::Airflow(airflow)) = &self.syntax.scheduler else {
            return Rules::AIRFLOW_3;
        };
        let Some(version) = &airflow.version else {
            return Rules::AIRFLOW_3;
        };
        Rules::of_version(&version.value).unwrap_or_else(|| {
            let message = format!("the rules of Airflow `{}` are not known", version.value);
            self.report(
                Diagnostic::error("scheduler::version", message)
                    .label(version.span, "")
                    .help("write `version: \"2\"` or `version: \"3\"`, which is the default"),
            );
            Rules::AIRFLOW_3
        })
    }

    fn schedulers(&mut self) -> u32 {
        let Some(SchedulerSyntax::Airflow(airflow)) = &self.syntax.scheduler else {
            return 1;
        };
        let Some(schedulers) = &airflow.schedulers else {
            return 1;
        };
        if (1..=MAX_SCHEDULERS).contains(&schedulers.value) {
            return schedulers.value;
        }
        let message = format!(
            "a site has 1 to {MAX_SCHEDULERS} schedulers, not {}",
            schedulers.value
        );
        self.report(Diagnostic::error("scheduler::count", message).label(schedulers.span, ""));
        1
    }

    fn scheduler(&mut self) -> SchedulerMode {
        match &self.syntax.scheduler {
            None => SchedulerMode::default(),
            Some(SchedulerSyntax::Ideal(ideal)) => SchedulerMode::Ideal {
                head_of_line: ideal.head_of_line,
            },
            Some(SchedulerSyntax::Airflow(airflow)) => {
                let pace = airflow.pace.as_ref().map(|pace| self.pace(pace));
                SchedulerMode::Airflow(pace.unwrap_or_default())
            }
        }
    }

    fn pace(&mut self, pace: &Located<LoopSyntax>) -> LoopPace {
        if let Some(every) = &pace.every {
            if pace.busy.is_some()
                || pace.per_task.is_some()
                || pace.idle.is_some()
                || pace.timers.is_some()
            {
                self.report(
                    Diagnostic::error("scheduler::two_paces", "the loop has two paces")
                        .label(pace.span, "")
                        .help("give `every` alone, or `busy`, `per_task`, `idle` and `timers`"),
                );
            }
            return LoopPace::Every(self.positive(every, "the loop's period"));
        }
        let busy = SimDuration::from_micros(200_000);
        let busy = pace
            .busy
            .as_ref()
            .map_or(busy, |busy| self.positive(busy, "the time of a loop"));
        let idle = pace
            .idle
            .as_ref()
            .map_or(SimDuration::from_seconds(1), |idle| idle.value);
        let timers = match pace.timers.unwrap_or_default() {
            TimersSyntax::Exact => Timers::Exact,
            TimersSyntax::None => Timers::None,
        };
        LoopPace::Paced {
            busy,
            per_task: pace.per_task.unwrap_or_default(),
            idle,
            timers,
        }
    }

    /// A span that must be more than nothing, or simulated time would stand still.
    pub(super) fn positive(&mut self, span: &Located<SimDuration>, what: &str) -> SimDuration {
        if span.value > SimDuration::ZERO {
            return span.value;
        }
        self.report(
            Diagnostic::error(
                "duration::zero",
                format!("{what} must be more than nothing"),
            )
            .label(span.span, ""),
        );
        SimDuration::from_seconds(1)
    }

    pub(super) fn pools(&mut self) {
        let syntax = self.syntax;
        if !syntax.pools.contains_key(DEFAULT_POOL) {
            let mut pool = Pool::default_pool();
            pool.slots = syntax
                .airflow
                .default_pool_task_slot_count
                .unwrap_or(pool.slots);
            self.deployment.pools.push(pool);
        }
        for (name, pool) in &syntax.pools {
            self.name(name, "pool");
            self.deployment.pools.push(Pool {
                name: name.value.clone(),
                slots: pool.slots,
                description: pool.description.clone(),
                include_deferred: pool.include_deferred,
            });
        }
    }

    /// Reports a name that Airflow's database could not hold.
    pub(super) fn name(&mut self, name: &Located<String>, kind: &str) {
        let length = name.chars().count();
        if length == 0 || length > LONGEST_NAME {
            self.report(
                Diagnostic::error(
                    "name::length",
                    format!(
                        "the name of a {kind} has 1 to {LONGEST_NAME} characters, this one {length}"
                    ),
                )
                .label(name.span, ""),
            );
        }
    }
}

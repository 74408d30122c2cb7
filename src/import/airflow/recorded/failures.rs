//! Earlier tries of Airflow 2 before 2.10, which keeps of them only when they failed.
//!
//! The table `task_fail` has a row for every try that failed, also for the last one, which is among the task instances, too.

use indexmap::IndexSet;

use super::HistoryReader;
use super::run_places::Named;
use crate::deployment::TaskInstanceState;
use crate::import::airflow::ImportError;
use crate::import::airflow::exclusions::Exclusion;
use crate::import::airflow::schema::Version;
use crate::import::airflow::source::Source;
use crate::time::SimTime;
use crate::trace::{RecordedRunName, RecordedTry};

/// Failures, until their task instances are met.
#[derive(Debug, Default)]
pub(super) struct Failures {
    tasks: IndexSet<String>,
    failures: Vec<Failure>,
}

/// A try that failed, by its task instance and then its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Failure {
    instance: Instance,
    started_at: SimTime,
    ended_at: SimTime,
    is_met: bool,
}

/// Run, task and map index.
type Instance = (usize, usize, i32);

impl Failures {
    fn add(&mut self, run: usize, task: &str, map_index: i32, times: (SimTime, SimTime)) {
        let task = self.tasks.insert_full(task.to_owned()).0;
        self.failures.push(Failure {
            instance: (run, task, map_index),
            started_at: times.0,
            ended_at: times.1,
            is_met: false,
        });
    }

    /// The tries before this one that failed. Neither is known when they were queued, nor what they were called: the last
    /// one has the number before that of this try, and so on.
    pub(super) fn before(&mut self, attempt: &RecordedTry) -> Vec<RecordedTry> {
        let Some(task) = self.tasks.get_index_of(attempt.task_id.as_str()) else {
            return Vec::new();
        };
        let instance = (attempt.run, task, attempt.map_index);
        let begin = self.failures.partition_point(|one| one.instance < instance);
        let own = self.failures[begin..].iter_mut();
        let mut earlier = Vec::new();
        for failure in own.take_while(|one| one.instance == instance) {
            failure.is_met = true;
            if Some(failure.started_at) != attempt.started_at {
                earlier.push(*failure);
            }
        }
        let count = earlier.len() as u32;
        let tries = (0..).zip(earlier).map(|(at, failure)| RecordedTry {
            try_number: attempt.try_number.saturating_sub(count - at),
            state: TaskInstanceState::Failed,
            is_earlier: true,
            scheduled_at: None,
            queued_at: None,
            started_at: Some(failure.started_at),
            ended_at: Some(failure.ended_at),
            ..attempt.clone()
        });
        tries.collect()
    }

    /// When those ended whose task instance was not met.
    pub(super) fn lost(&self) -> impl Iterator<Item = SimTime> {
        let lost = self.failures.iter().filter(|one| !one.is_met);
        lost.map(|one| one.ended_at)
    }
}

impl HistoryReader<'_> {
    /// Reads the failures where a site has nothing better.
    pub(super) fn read_failures(&mut self, source: &mut dyn Source) -> Result<(), ImportError> {
        let table = "task_fail";
        let has_better = self.schema.has_table("task_instance_history");
        // Before 2.2 failures had no run.
        let has_runs = self.schema.has(table, "run_id");
        if self.schema.version != Version::Two || has_better || !has_runs {
            return Ok(());
        }
        let wanted = [
            "dag_id",
            "run_id",
            "task_id",
            "map_index",
            "start_date",
            "end_date",
        ];
        let table = (table, &wanted[..]);
        self.each_row(source, table, &["id"], |reader, columns, row| {
            let get = |column| columns.field(row, column);
            let text = |column| get(column).text().unwrap_or_default();
            let (dag_id, run_id, task) = (text("dag_id"), text("run_id"), text("task_id"));
            let name = || format!("{dag_id} / {run_id} / {task}, a failure");
            let run = RecordedRunName { dag_id, run_id };
            let Named::Imported(run) = reader.find_run(run, &name) else {
                return Ok(());
            };
            let [started, ended] =
                ["start_date", "end_date"].map(|column| reader.moment(get(column), &name));
            let map_index = get("map_index").integer().unwrap_or(-1) as i32;
            match started.zip(ended) {
                Some((start, end)) if start <= end => {
                    reader.failures.add(run, task, map_index, (start, end));
                }
                Some(_) => reader.exclusions.add(Exclusion::TryEndsBeforeStart, name),
                None => reader.exclusions.add(Exclusion::TryWithoutTimes, name),
            }
            Ok(())
        })?;
        self.failures.failures.sort_unstable();
        Ok(())
    }
}

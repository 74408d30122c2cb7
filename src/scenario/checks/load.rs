//! Offered load: more work than slots means waits that grow for as long as one looks.
//!
//! The load of a pool, in slots, is the sum over its tasks of
//! runs a second x mapped instances x tries x slots x (start delay + duration) x size of a run,
//! all in the mean, by Little's law (Little, 1961); a try that fails is repeated, so a task with failure rate f and r
//! retries has 1 + f + ... + f^r = (1 - f^(r+1)) / (1 - f) tries in the mean.

use super::{Subject, WrittenDag};
use crate::deployment::{
    AssetCondition, Dag, Executor, ExecutorKind, Schedule, SchedulerMode, SensorMode, SensorWait,
    Task, TaskKind,
};
use crate::ids::PoolId;
use crate::scenario::diagnostic::Diagnostic;

pub(super) fn warnings(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let mut slots = vec![0.0; deployment.pools.len()];
    let mut by_executor = vec![0.0; deployment.executors.len()];
    let rates = subject.run_rates();
    for dag in subject.dags() {
        let rate = rates[dag.id.index()] * f64::from(dag.copies);
        for (_, task) in deployment.tasks_of(dag.id) {
            if task.kind == TaskKind::Empty {
                continue;
            }
            let load = rate * subject.work_of(&dag, task);
            slots[task.pool.index()] += load * f64::from(task.pool_slots);
            by_executor[task.executor] += load;
        }
    }
    for (id, (pool, asked)) in deployment.pools.iter().zip(slots).enumerate() {
        let stays = !subject.is_changed_by_events(PoolId::new(id));
        if pool.slots > 0 && asked >= pool.slots as f64 && stays {
            let message = format!(
                "pool `{}` will never be stable: {asked:.1} slots are asked for in the mean, it has {}",
                pool.name, pool.slots
            );
            let mut problem = Diagnostic::warning("pool::overload", message);
            if let Some((name, _)) = subject.syntax.pools.get_key_value(pool.name.as_str()) {
                problem = problem.label(name.span, "");
            }
            found.push(problem.help("waits grow until `max_active_runs` holds back runs: give it more slots, or less work"));
        }
    }
    // The `ideal` scheduler knows no limit but pools.
    if matches!(deployment.scheduler, SchedulerMode::Airflow(_)) {
        workers(subject, &by_executor, found);
        parallelism(subject, &by_executor, found);
    }
}

/// More instances than `parallelism` allows, as far as it counts them.
fn parallelism(subject: &Subject<'_>, by_executor: &[f64], found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    let tracked = |(executor, load): (&Executor, &f64)| match executor.kind {
        ExecutorKind::Local => 0.0,
        _ => *load,
    };
    let executors = deployment.executors.iter();
    let instances: f64 = executors.zip(by_executor).map(tracked).sum();
    let airflow = &deployment.airflow;
    let parallelism = airflow.parallelism.saturating_mul(airflow.schedulers);
    let is_bound = parallelism > 0 || !airflow.rules.zero_parallelism_is_unbounded;
    if is_bound && instances >= f64::from(parallelism) {
        let message = format!(
            "`parallelism` will never suffice: {instances:.1} task instances run in the mean, it allows {parallelism}"
        );
        let mut problem = Diagnostic::warning("parallelism::overload", message);
        if let Some(parallelism) = &subject.syntax.airflow.parallelism {
            problem = problem.label(parallelism.span, "");
        }
        found.push(problem.help("raise `airflow.parallelism`, whose default is 32"));
    }
}

/// Executors whose workers, all queues taken together, get more than they can run.
fn workers(subject: &Subject<'_>, by_executor: &[f64], found: &mut Vec<Diagnostic>) {
    let deployment = &subject.scenario.deployment;
    for (executor, &load) in deployment.executors.iter().zip(by_executor) {
        let slots = match &executor.kind {
            ExecutorKind::Tracked | ExecutorKind::Kubernetes { .. } => continue,
            ExecutorKind::Local => executor
                .parallelism
                .saturating_mul(deployment.airflow.schedulers),
            ExecutorKind::Celery(groups) => groups
                .iter()
                .fold(0, |sum: u32, group| sum.saturating_add(group.slots())),
        };
        if load >= f64::from(slots) {
            let message = format!(
                "the workers of executor `{}` will never suffice: {load:.1} task instances run in the mean, they run {slots}",
                executor.name
            );
            let mut problem = Diagnostic::warning("executor::overload", message);
            if let Some((name, _)) = subject
                .syntax
                .executors
                .get_key_value(executor.name.as_str())
            {
                problem = problem.label(name.span, "");
            } else if let Some(alone) = &subject.syntax.executor {
                problem = problem.label(alone.span, "");
            }
            found.push(problem.help(
                "what waits for a worker holds its pool slots; after `task_queued_timeout` it is sent again, and fails at the third time",
            ));
        }
    }
}

impl Subject<'_> {
    /// Seconds that the instances of a task in one run are at work, or on their way to it, in the mean.
    pub(super) fn work_of(&self, dag: &WrittenDag<'_>, task: &Task) -> f64 {
        let deployment = &self.scenario.deployment;
        let built = &deployment.dags[dag.id.index()];
        let size = built
            .run_size
            .as_ref()
            .map_or(1.0, crate::random::Distribution::mean);
        let delay = deployment.executors[task.executor].start_delay.mean();
        let one_try = delay + task.duration.mean() * size + kept_waiting(task);
        let instances = deployment.mean_instances(task);
        instances * tries(task) * one_try
    }

    /// By DAG, runs a second. What assets set off comes as often as they are written: any of several as often as all
    /// together, all of them as often as the rarest; chains of assets are followed for eight links.
    pub(super) fn run_rates(&self) -> Vec<f64> {
        let deployment = &self.scenario.deployment;
        let own = |dag: &Dag| self.runs_per_second(dag);
        let mut rates: Vec<f64> = deployment.dags.iter().map(own).collect();
        for _ in 0..if deployment.assets.is_empty() { 0 } else { 8 } {
            let mut written = vec![0.0; deployment.assets.len()];
            for task in &deployment.tasks {
                for asset in &task.outlets {
                    written[asset.index()] +=
                        rates[task.dag.index()] * deployment.mean_instances(task);
                }
            }
            for (rate, dag) in rates.iter_mut().zip(&deployment.dags) {
                if let Schedule::Assets(condition) = &dag.schedule {
                    *rate = how_often(condition, &written);
                }
            }
        }
        rates
    }

    /// Runs of a DAG a second: of a timetable in the long run, of arrivals over the simulated time. A DAG that ends
    /// has none.
    fn runs_per_second(&self, dag: &Dag) -> f64 {
        if dag.end_date.is_some() {
            return 0.0;
        }
        match &dag.schedule {
            Schedule::Manual | Schedule::Assets(_) => 0.0,
            Schedule::Timetable(timetable) => timetable
                .mean_gap()
                .map_or(0.0, |gap| 1.0 / gap.as_seconds()),
            Schedule::Arrivals(process) => {
                let start = self.scenario.start;
                process.mean_rate(start, start + self.scenario.horizon)
            }
        }
    }
}

fn how_often(condition: &AssetCondition, written: &[f64]) -> f64 {
    let rates = |parts: &[AssetCondition]| -> Vec<f64> {
        parts.iter().map(|part| how_often(part, written)).collect()
    };
    match condition {
        AssetCondition::Asset(asset) => written[asset.index()],
        AssetCondition::Any(parts) => rates(parts).iter().sum(),
        AssetCondition::All(parts) => rates(parts).into_iter().fold(f64::INFINITY, f64::min),
    }
}

/// Tries of an instance in the mean.
pub(super) fn tries(task: &Task) -> f64 {
    let all = f64::from(task.retry.retries) + 1.0;
    if task.failure_rate < 1.0 {
        (1.0 - libm::pow(task.failure_rate, all)) / (1.0 - task.failure_rate)
    } else {
        all
    }
}

/// Seconds that a try keeps its worker beyond its duration: a sensor that pokes waits there. One that goes away between
/// pokes, and a deferred task, hold next to nothing.
fn kept_waiting(task: &Task) -> f64 {
    match &task.kind {
        TaskKind::Sensor(sensor) if sensor.mode == SensorMode::Poke => {
            match &sensor.wait {
                SensorWait::Time(wait) => wait.mean().min(sensor.timeout.as_seconds()),
                // That depends on the other task; it may be there already.
                SensorWait::Task(_) => 0.0,
            }
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{NoFiles, read};

    /// The first warning about a scenario of one pool of `slots` and one task.
    fn warned(slots: u32, task: &str) -> Option<String> {
        let text = format!(
            "horizon: 1d\npools: {{p: {slots}}}\ndags: {{d: {{schedule: {{poisson: {{rate: 60 per hour}}}}, \
             tasks: {{t: {{pool: p, {task}}}}}}}}}\n"
        );
        let checked = read(&text, &NoFiles).unwrap();
        checked
            .warnings
            .list
            .first()
            .map(|warning| warning.message.clone())
    }

    #[test]
    fn load_is_rate_times_width_times_instances_times_duration() {
        // One run a minute, 3 instances of 2 slots for half a minute each: 3 slots.
        let task = "map: 3, pool_slots: 2, duration: {constant: 30s}";
        assert!(warned(3, task).unwrap().contains("3.0 slots"));
        assert_eq!(warned(4, task), None);
    }

    #[test]
    fn runs_that_assets_set_off_count() {
        let listens = |condition: &str| {
            let text = format!(
                "horizon: 1d\npools: {{p: 1}}\ndefaults: {{task: {{duration: {{constant: 1s}}}}}}\n\
                 dags:\n  a: {{schedule: {{every: 1m}}, tasks: {{t: {{outlets: x, map: 2}}}}}}\n  \
                 b: {{schedule: {{every: 2m}}, tasks: {{t: {{outlets: y}}}}}}\n  \
                 c: {{schedule: {{assets: {condition}}}, tasks: {{t: {{pool: p, duration: {{constant: 2m}}}}}}}}\n"
            );
            let checked = read(&text, &NoFiles).unwrap();
            checked.warnings.list[0].message.clone()
        };
        assert!(listens("x").contains("4.0 slots"), "two writings a minute");
        assert!(listens("{any: [x, y]}").contains("5.0 slots"));
        assert!(listens("{all: [x, y]}").contains("1.0 slots"));
    }

    #[test]
    fn failed_tries_are_repeated() {
        // Half of all tries fail and one is repeated: 1.5 tries of a minute each.
        let task = "failure_rate: 0.5, retries: 1, duration: {constant: 1m}";
        assert!(warned(1, task).unwrap().contains("1.5 slots"));
        assert_eq!(warned(2, task), None);
        let hopeless = "failure_rate: 1, retries: 3, duration: {constant: 1m}";
        assert!(warned(4, hopeless).unwrap().contains("4.0 slots"));
    }
}

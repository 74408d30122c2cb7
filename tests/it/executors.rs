//! How executors let tasks wait, each as a tiny story: local processes, Celery queues, pods, and what is stuck in
//! queued. A loop begins every second unless a story says otherwise.

use crate::sites::{EVERY_SECOND, START, add_dag, at, executor, simulation, site, trace};
use slotwise::deployment::{
    Autoscale, Dag, Deployment, Executor, ExecutorKind, LoopPace, ScaleIn, Schedule, SchedulerMode,
    Task, Timers, Timetable, WorkerGroup,
};
use slotwise::ids::DagId;
use slotwise::random::Distribution;
use slotwise::time::SimDuration;
use slotwise::trace::{FullTrace, TaskInstanceRecord};

pub(crate) fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).unwrap()
}

/// One run of `default_pool` tasks, due at the start, each with a name, its length, its weight and its queue.
pub(crate) fn one_run(executor: Executor, tasks: &[(&str, f64, i64, usize)]) -> Deployment {
    let mut site = site(EVERY_SECOND, &[]);
    site.executors = vec![executor];
    site.queues = ["default", "heavy"].map(String::from).to_vec();
    let task = |&(name, seconds, weight, queue): &(&str, f64, i64, usize)| Task {
        duration: constant(seconds),
        priority_weight: weight,
        queue,
        ..Task::named(name, DagId::default())
    };
    add_dag(
        &mut site,
        once("story", 0.0),
        tasks.iter().map(task).collect(),
    );
    site
}

pub(crate) fn once(dag_id: &str, from: f64) -> Dag {
    Dag {
        schedule: Schedule::Timetable(Timetable::once()),
        start_date: at(from),
        max_active_tasks: 100,
        ..Dag::named(dag_id)
    }
}

pub(crate) fn celery(groups: &[(u32, &[usize])]) -> Executor {
    let group = |&(slots, queues): &(u32, &[usize])| WorkerGroup {
        workers: 1,
        worker_concurrency: slots,
        worker_prefetch_multiplier: 1,
        queues: queues.to_vec(),
        autoscale: None,
    };
    Executor {
        kind: ExecutorKind::Celery(groups.iter().map(group).collect()),
        ..executor(100)
    }
}

/// The rows by when they were queued, then started: name, queued, started, ended, state.
pub(crate) fn told(site: &Deployment, trace: &FullTrace) -> Vec<String> {
    let mut rows: Vec<&TaskInstanceRecord> = trace.task_instances.iter().collect();
    rows.sort_by_key(|row| (row.queued_at, row.started_at, row.task));
    let second = |at: Option<_>| {
        at.map_or("-".to_owned(), |at| {
            ((at - START) as SimDuration).as_seconds().to_string()
        })
    };
    rows.iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                site.tasks[row.task.index()].task_id,
                second(row.queued_at),
                second(row.started_at),
                second(row.ended_at),
                row.state
            )
        })
        .collect()
}

#[test]
fn a_local_executor_queues_beyond_its_processes() {
    let local = Executor {
        kind: ExecutorKind::Local,
        start_delay: constant(0.5),
        ..executor(2)
    };
    let tasks = [
        ("a", 10.0, 5, 0),
        ("b", 20.0, 4, 0),
        ("c", 5.0, 3, 0),
        ("d", 5.0, 2, 0),
    ];
    let site = one_run(local, &tasks);
    // Two a loop, although both processes are busy; the process of `a` begins with `c` when `a` ends.
    let expected = [
        "a 0 0.5 10.5 success",
        "b 0 0.5 20.5 success",
        "c 1 11 16 success",
        "d 1 16.5 21.5 success",
    ];
    assert_eq!(told(&site, &trace(&site, 60.0)), expected);
}

#[test]
fn a_celery_queue_keeps_the_order_of_the_scheduler() {
    // One group serves both queues, the other only the heavy one.
    let celery = celery(&[(1, &[0, 1]), (1, &[1])]);
    let tasks = [
        ("long", 30.0, 9, 1),
        ("longer", 40.0, 8, 1),
        ("light", 5.0, 7, 0),
        ("heavy", 5.0, 6, 1),
    ];
    let mut site = one_run(celery, &tasks);
    let urgent = Task {
        priority_weight: 1_000,
        duration: constant(1.0),
        ..Task::named("urgent", DagId::default())
    };
    add_dag(&mut site, once("urgent", 10.0), vec![urgent]);
    // The group of `long` takes what has waited longest in its queues, and the urgent task comes last.
    let expected = [
        "long 0 0 30 success",
        "light 0 30 35 success",
        "longer 0 0 40 success",
        "heavy 0 35 40 success",
        "urgent 10 40 41 success",
    ];
    let mut told = told(&site, &trace(&site, 60.0));
    told.sort_by_key(|row| row.split(' ').nth(3).map(|end| end.parse::<u32>().unwrap()));
    assert_eq!(told, expected);
}

#[test]
fn autoscaled_workers_start_up_and_end_what_they_run() {
    let mut celery = celery(&[(2, &[0])]);
    let seconds = SimDuration::from_seconds;
    if let ExecutorKind::Celery(groups) = &mut celery.kind {
        groups[0].workers = 0;
        groups[0].autoscale = Some(Autoscale {
            min_workers: 0,
            max_workers: 2,
            polling_interval: seconds(10),
            cool_down: seconds(20),
            start_up: seconds(30),
            scale_in: ScaleIn::Graceful,
        });
    }
    let tasks = [
        ("a", 60.0, 5, 0),
        ("b", 5.0, 4, 0),
        ("c", 200.0, 3, 0),
        ("d", 5.0, 2, 0),
        ("e", 5.0, 1, 0),
    ];
    let mut site = one_run(celery, &tasks);
    let three = ["x", "y", "z"].map(|name| Task {
        duration: constant(5.0),
        ..Task::named(name, DagId::default())
    });
    add_dag(&mut site, once("later", 150.0), three.to_vec());
    // Five are queued at 0 s and seen at 10 s: two workers of two processes serve from 40 s on. They were last wanted
    // at 40 s, so the second one leaves at 70 s and only ends `c`: at 150 s there are two free processes, not three.
    let expected = [
        "a 0 40 100 success",
        "b 0 40 45 success",
        "c 0 40 240 success",
        "d 0 40 45 success",
        "e 0 45 50 success",
        "x 150 150 155 success",
        "y 150 150 155 success",
        "z 150 155 160 success",
    ];
    assert_eq!(told(&site, &trace(&site, 400.0)), expected);
}

#[test]
fn pods_are_made_so_many_a_loop_and_begin_their_delay_there() {
    let kubernetes = Executor {
        kind: ExecutorKind::Kubernetes { pods_per_loop: 2 },
        start_delay: constant(10.25),
        ..executor(4)
    };
    let tasks = ["a", "b", "c", "d", "e"].map(|name| (name, 5.0, 1, 0));
    let site = one_run(kubernetes, &tasks);
    // Slots count from the moment of queueing: `e` waits until a loop has learnt of an end.
    let expected = [
        "a 0 10.25 15.25 success",
        "b 0 10.25 15.25 success",
        "c 0 11.25 16.25 success",
        "d 0 11.25 16.25 success",
        "e 17 27.25 32.25 success",
    ];
    assert_eq!(told(&site, &trace(&site, 60.0)), expected);
}

#[test]
fn what_waits_too_long_is_sent_again_and_then_fails() {
    let tasks = [("hog", 5_000.0, 2, 0), ("stuck", 1.0, 1, 0)];
    let mut site = one_run(celery(&[(1, &[0])]), &tasks);
    site.tasks[1].retry.retries = 5;
    let trace = trace(&site, 6_000.0);
    // The timer comes every 120 s, and looks for what has waited more than 600 s, strictly.
    let expected = [
        "stuck 0 - 720 scheduled",
        "hog 0 0 5000 success",
        "stuck 721 - 1440 scheduled",
        "stuck 1441 2160 2160 failed",
    ];
    assert_eq!(told(&site, &trace), expected);
}

/// A start that takes 700 s, so that the scheduler takes it back at 720 s at the latest; here it looks every 10 s.
fn slow_start(slots: i64) -> Deployment {
    let slow = Executor {
        start_delay: constant(700.0),
        ..celery(&[(1, &[0])])
    };
    let mut site = one_run(slow, &[("slow", 5.0, 1, 0)]);
    site.pools[0].slots = slots;
    site.airflow.task_queued_timeout_check_interval = SimDuration::from_seconds(10);
    site
}

#[test]
fn a_start_under_way_counts_if_the_instance_is_queued_again_by_then() {
    let site = slow_start(1);
    let expected = ["slow 0 - 610 scheduled", "slow 611 700 705 success"];
    assert_eq!(told(&site, &trace(&site, 3_000.0)), expected);
}

#[test]
fn a_start_under_way_is_refused_if_the_instance_waits_for_its_pool() {
    let mut site = slow_start(1);
    // The only slot goes to a heavier task of another executor as soon as it is free.
    site.executors.push(executor(100));
    let rival = Task {
        priority_weight: 9,
        executor: 1,
        duration: constant(1_000.0),
        ..Task::named("rival", DagId::default())
    };
    add_dag(&mut site, once("rival", 5.0), vec![rival]);
    let expected = [
        "slow 0 - 610 scheduled",
        "rival 611 611 1611 success",
        // The worker was refused at 700 s and is free; this is the second requeue, and the start counts again.
        "slow 1611 - 2220 scheduled",
        "slow 2221 2311 2316 success",
    ];
    assert_eq!(told(&site, &trace(&site, 4_000.0)), expected);
}

#[test]
fn each_scheduler_has_a_parallelism_of_its_own() {
    let most_at_once = |schedulers| {
        let mut site = one_run(executor(100), &["a"; 9].map(|name| (name, 100.0, 1, 0)));
        for (at, task) in site.tasks.iter_mut().enumerate() {
            task.task_id = format!("task_{at}");
        }
        site.airflow.parallelism = 3;
        site.airflow.schedulers = schedulers;
        let trace = trace(&site, 50.0);
        let started = trace.task_instances.iter();
        started.filter(|row| row.started_at.is_some()).count()
    };
    assert_eq!([1, 2, 3].map(most_at_once), [3, 6, 9]);
}

#[test]
fn a_loop_takes_longer_the_more_it_handles() {
    let mut site = one_run(executor(100), &["a"; 6].map(|name| (name, 100.0, 1, 0)));
    for (at, task) in site.tasks.iter_mut().enumerate() {
        task.task_id = format!("task_{at}");
    }
    site.pools[0].slots = 4;
    let ms = |ms: i64| SimDuration::from_micros(ms * 1_000);
    site.scheduler = SchedulerMode::Airflow(LoopPace::Paced {
        busy: ms(100),
        per_task: ms(10),
        idle: ms(1_000),
        timers: Timers::None,
    });
    let mut simulation = simulation(&site, None, 1, FullTrace::default());
    simulation.run_every_loop();
    simulation.run_until(at(3.0));
    let loops = simulation.finish().loops;
    let moments: Vec<_> = loops
        .iter()
        .map(|row| (row.at - START).as_micros() / 1_000)
        .collect();
    // The first one promotes six and has four on its page; then the pool is full, and nothing is looked at.
    assert_eq!(moments, [0, 200, 1_300, 2_400]);
}

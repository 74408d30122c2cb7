//! Calibration against a truth that is known: histories whose durations slotwise has drawn itself.

use slotwise::calibrate::{
    Basis, Calibration, DurationSamples, Family, Like, Rules, Samples, TaskCalibration, durations,
    fit, site,
};
use slotwise::deployment::{DagRunState, TaskInstanceState};
use slotwise::random::{Distribution, Purpose, Stream, StreamKey};
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{History, RecordedRun, RecordedTry};

/// Families with shapes that tasks have, all of mean 100 s.
fn truths() -> Vec<(Family, Distribution)> {
    let given = [
        (
            Family::Lognormal,
            "lognormal",
            [("mean", 100.0), ("cv", 0.6)],
        ),
        (Family::Gamma, "gamma", [("mean", 100.0), ("shape", 2.5)]),
        (
            Family::Weibull,
            "weibull",
            [("mean", 100.0), ("shape", 1.7)],
        ),
        (Family::Normal, "normal", [("mean", 100.0), ("sd", 25.0)]),
        (Family::Uniform, "uniform", [("low", 60.0), ("high", 140.0)]),
    ];
    let mut truths: Vec<_> = given
        .into_iter()
        .map(|(family, name, parameters)| {
            (
                family,
                Distribution::from_parameters(name, &parameters).unwrap(),
            )
        })
        .collect();
    let erlang = [("mean", 100.0), ("phases", 3.0)];
    let erlang = Distribution::from_parameters("erlang", &erlang).unwrap();
    truths.push((
        Family::Exponential,
        Distribution::exponential(100.0).unwrap(),
    ));
    truths.push((Family::Erlang, erlang));
    let pareto = [("mean", 100.0), ("shape", 4.0)];
    let pareto = Distribution::from_parameters("pareto", &pareto).unwrap();
    truths.push((Family::Pareto, pareto));
    truths
}

fn stream(sample: u64) -> Stream {
    StreamKey::root(7, sample).stream(Purpose::Duration)
}

/// So many draws; with an end, those that would last longer are only known to have reached it.
fn samples(truth: &Distribution, n: usize, sample: u64, end: f64) -> Samples {
    let mut stream = stream(sample);
    let drawn: Vec<f64> = (0..n).map(|_| truth.sample(&mut stream)).collect();
    let (ended, longer): (Vec<f64>, Vec<f64>) = drawn.into_iter().partition(|&x| x < end);
    Samples::new(ended, vec![end; longer.len()])
}

const DAY: i64 = 86_400_000_000;

/// A history of one run an hour, whose tasks each have a law; durations of a run are multiplied by a draw from `run_size`.
fn history(
    tasks: &[(&str, Distribution)],
    runs: usize,
    run_size: Option<&Distribution>,
) -> History {
    let mut history = History::default();
    for run in 0..runs {
        let at = SimTime::from_micros(20_000 * DAY + run as i64 * DAY / 24);
        let mut stream = stream(run as u64);
        let size = run_size.map_or(1.0, |size| size.sample(&mut stream));
        history.runs.push(RecordedRun {
            dag_id: "etl".into(),
            run_id: format!("run {run}"),
            run_type: "scheduled".into(),
            logical_date: Some(at),
            run_after: at,
            queued_at: Some(at),
            started_at: Some(at),
            ended_at: None,
            state: DagRunState::Success,
        });
        for (task_id, truth) in tasks {
            let queued = at + SimDuration::from_seconds(5);
            let delay = 1.0 + stream.next_open();
            let started = queued + SimDuration::from_seconds_f64(delay);
            let seconds = truth.sample(&mut stream) * size;
            history.tries.push(RecordedTry {
                run,
                task_id: (*task_id).into(),
                map_index: -1,
                try_number: 1,
                state: TaskInstanceState::Success,
                is_earlier: false,
                scheduled_at: Some(at),
                queued_at: Some(queued),
                started_at: Some(started),
                ended_at: Some(started + SimDuration::from_seconds_f64(seconds)),
                pool: "default_pool".into(),
                pool_slots: 1,
                priority_weight: 1,
            });
        }
    }
    history
}

fn task<'a>(calibration: &'a Calibration, task_id: &str) -> &'a TaskCalibration {
    let mut tasks = calibration.tasks.iter();
    tasks.find(|task| task.task_id == task_id).unwrap()
}

fn accepts(task: &TaskCalibration, family: Family) -> bool {
    let candidates = &task.duration.as_ref().unwrap().candidates;
    candidates
        .iter()
        .any(|found| found.family == family && found.accepted)
}

#[test]
fn the_family_that_was_drawn_from_is_accepted_and_its_mean_found() {
    let rules = Rules::default();
    for (number, (family, truth)) in truths().into_iter().enumerate() {
        for n in [100, 400] {
            let values = samples(&truth, n, number as u64 + 100, f64::INFINITY);
            let found = fit(&values, &rules, StreamKey::root(1, 0)).unwrap();
            let own = found.candidates.iter().find(|one| one.family == family);
            let own = own.unwrap();
            assert!(own.accepted, "{family:?} {n}: {own:?}");
            // Four standard errors of the mean.
            let tolerance = 4.0 * (truth.variance() / n as f64).sqrt() / truth.mean();
            let error = found.mean() / truth.mean() - 1.0;
            assert!(error.abs() < tolerance, "{family:?} {n}: {}", found.law);
        }
    }
}

#[test]
fn a_tail_without_a_variance_is_no_law_of_a_scenario() {
    let truth = Distribution::from_parameters("pareto", &[("shape", 1.5), ("scale", 60.0)]);
    let values = samples(&truth.unwrap(), 400, 1, f64::INFINITY);
    let found = fit(&values, &Rules::default(), StreamKey::root(1, 0)).unwrap();
    let mut families = found.candidates.iter().map(|one| one.family);
    assert!(families.all(|family| family != Family::Pareto));
    let drawn = found.law.distribution().unwrap();
    assert!(drawn.variance().is_finite(), "{}", found.law);
}

#[test]
fn what_was_cut_off_does_not_shorten_the_mean() {
    let (_, truth) = truths().swap_remove(1);
    let end = truth.quantile(0.8);
    let values = samples(&truth, 1_000, 3, end);
    assert!(values.censored().len() > 150);
    let found = fit(&values, &Rules::default(), StreamKey::root(1, 0)).unwrap();
    assert!(
        (found.mean() / truth.mean() - 1.0).abs() < 0.05,
        "{}",
        found.law
    );
    assert!(
        found
            .candidates
            .iter()
            .any(|one| one.family == Family::Gamma && one.accepted)
    );
}

#[test]
fn two_kinds_of_work_are_no_family_and_keep_their_shape() {
    let [quick, slow] = [10.0, 100.0].map(|mean| Distribution::lognormal(mean, 0.1 * mean));
    let truth = Distribution::mixture(vec![(1.0, quick.unwrap()), (1.0, slow.unwrap())]).unwrap();
    let values = samples(&truth, 500, 1, f64::INFINITY);
    let found = fit(&values, &Rules::default(), StreamKey::root(1, 0)).unwrap();
    assert_eq!(found.basis, Basis::NothingElse);
    let drawn = found.law.distribution().unwrap();
    for p in [0.1, 0.4, 0.6, 0.9, 0.99] {
        assert!(
            (drawn.quantile(p) / truth.quantile(p) - 1.0).abs() < 0.1,
            "{p}"
        );
    }
    // Nothing is known but what was recorded, so that is what it is held to.
    let recorded = values.observed().iter().sum::<f64>() / 500.0;
    assert!(
        (drawn.mean() / recorded - 1.0).abs() < 0.01,
        "{} {recorded}",
        drawn.mean()
    );
}

#[test]
fn what_runs_have_in_common_is_told_apart_from_what_tasks_vary() {
    let tasks: Vec<(String, Distribution)> = truths()
        .into_iter()
        .filter(|(family, _)| [Family::Lognormal, Family::Gamma, Family::Weibull].contains(family))
        .map(|(family, truth)| (family.name().to_owned(), truth))
        .collect();
    let tasks: Vec<(&str, Distribution)> = tasks
        .iter()
        .map(|(name, truth)| (name.as_str(), truth.clone()))
        .collect();
    let run_size = Distribution::lognormal(1.0, 0.4).unwrap();
    let found = site(&history(&tasks, 600, Some(&run_size)), &Rules::default());
    let (dag, factor) = &found.run_sizes[0];
    assert_eq!(dag, "etl");
    let wanted = libm::log1p(0.4 * 0.4);
    assert!(
        (factor.log_variance / wanted - 1.0).abs() < 0.2,
        "{factor:?}"
    );
    assert!((factor.law().distribution().unwrap().mean() - 1.0).abs() < 1e-12);
    for (name, truth) in &tasks {
        let law = task(&found, name).duration.as_ref().unwrap().law.clone();
        let law = law.distribution().unwrap();
        assert!(
            (law.mean() / truth.mean() - 1.0).abs() < 0.07,
            "{name} {}",
            law.mean()
        );
        let [cv, wanted] = [&law, truth].map(|law| law.variance().sqrt() / law.mean());
        // What was drawn varies by 0.6 to 0.65 alone and by 0.75 and more with the factor.
        assert!((cv / wanted - 1.0).abs() < 0.12, "{name} {cv} {wanted}");
    }
    // Without a factor none is found.
    let found = site(&history(&tasks, 600, None), &Rules::default());
    assert_eq!(found.run_sizes, []);
    assert!(accepts(task(&found, "gamma"), Family::Gamma));
}

#[test]
fn few_values_borrow_their_spread() {
    let truth = |mean: f64| Distribution::from_parameters("gamma", &[("mean", mean), ("cv", 0.5)]);
    let tasks: Vec<(String, Distribution)> = (0..12)
        .map(|i| (format!("task {i}"), truth(50.0 + f64::from(i)).unwrap()))
        .collect();
    let tasks: Vec<(&str, Distribution)> = tasks
        .iter()
        .map(|(name, truth)| (name.as_str(), truth.clone()))
        .collect();
    let found = site(&history(&tasks, 8, None), &Rules::default());
    for task in &found.tasks {
        let duration = task.duration.as_ref().unwrap();
        assert_eq!(duration.basis, Basis::Borrowed(Like::DagAndPool));
        let law = duration.law.distribution().unwrap();
        let cv = law.variance().sqrt() / law.mean();
        assert!(
            (cv - 0.5).abs() < 0.15,
            "{}: {}",
            task.task_id,
            duration.law
        );
        let own = task.values.iter().sum::<f64>() / task.values.len() as f64;
        assert!((law.mean() / own - 1.0).abs() < 1e-4);
    }
}

#[test]
fn work_borrows_from_work_and_pokes_from_pokes() {
    let root = StreamKey::root(1, 0);
    let named = |task_id: &str, is_sensor, seconds: f64, n: usize| {
        let spread = Distribution::lognormal(seconds, 0.3 * seconds).unwrap();
        let mut stream = stream(n as u64);
        DurationSamples {
            dag_id: "etl".into(),
            task_id: task_id.into(),
            pool: "default_pool".into(),
            is_sensor,
            succeeded: (0..n)
                .map(|run| (run, spread.sample(&mut stream)))
                .collect(),
            ..DurationSamples::default()
        }
    };
    let tasks = [
        named("load", false, 100.0, 60),
        named("export", false, 300.0, 60),
        named("poke", true, 2.0, 60),
        named("never seen", false, 1.0, 0),
        named("never poked", true, 1.0, 0),
    ];
    let found = durations(&tasks, &Rules::default(), root).1;
    let own = |at: usize| found[at].succeeded.as_ref().unwrap();
    // The mean of the means of both, and the one of the only sensor.
    let work = f64::midpoint(own(0).mean(), own(1).mean());
    for (at, mean) in [(3, work), (4, own(2).mean())] {
        assert_eq!(
            (own(at).n, own(at).basis),
            (0, Basis::Borrowed(Like::DagAndPool))
        );
        let error = own(at).mean() / mean - 1.0;
        assert!(error.abs() < 0.02, "{} {mean}", own(at).law);
    }
    // Alone, nobody lends.
    let alone = durations(&tasks[3..4], &Rules::default(), root).1;
    assert_eq!(alone[0].succeeded, None);
}

#[test]
fn the_delay_of_a_start_is_fitted_and_threads_change_nothing() {
    let tasks = [("load", Distribution::lognormal(60.0, 30.0).unwrap())];
    let history = history(&tasks, 300, None);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| site(&history, &Rules::default()))
    };
    let found = on(1);
    assert_eq!(found, on(3));
    let delay = found.start_delay.fit.unwrap();
    assert_eq!(delay.law.family(), "uniform");
    assert!((delay.mean() - 1.5).abs() < 0.05, "{}", delay.law);
}

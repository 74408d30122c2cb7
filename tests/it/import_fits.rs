//! What an import derives of durations and waits, and how it tells on what that rests.
#![cfg(feature = "sqlite")]

use std::fs;

use slotwise::deployment::TaskInstanceState;
use slotwise::report::document::Document;

use crate::import_airflow::{Site, scenario};

#[test]
fn what_tasks_draw_from_is_fitted_and_tells_on_what_it_rests() {
    let site = Site::of_airflow_3();
    let history = site.import(&[]);
    let text = fs::read_to_string(site.out().join("scenario.yaml")).unwrap();
    let scenario = scenario(&site);
    for task in &scenario.deployment.tasks {
        let dag = &scenario.deployment.dags[task.dag.index()].dag_id;
        let ended = history.tries.iter().filter(|attempt| {
            attempt.task_id == task.task_id
                && attempt.state == TaskInstanceState::Success
                && attempt.queued_at.is_some()
                && history.runs[attempt.run].dag_id == *dag
        });
        let seconds: Vec<f64> = ended
            .filter_map(|attempt| Some((attempt.ended_at? - attempt.started_at?).as_seconds()))
            .collect();
        let n = seconds.len();
        if n < 10 {
            continue;
        }
        let recorded = seconds.iter().sum::<f64>() / n as f64;
        let block = text.split(&format!("      {}: #", task.task_id)).nth(1);
        let line = block
            .and_then(|block| block.lines().find(|line| line.contains(" duration: ")))
            .unwrap();
        assert!(line.contains(&format!("# n {n}, mean ")), "{line}");
        let mean = line.split(", mean ").nth(1).and_then(|after| {
            let number: String = after.chars().take_while(|c| *c != 's').collect();
            number.parse::<f64>().ok()
        });
        let error = mean.unwrap() / recorded - 1.0;
        assert!(error.abs() < 0.05, "{line}: recorded {recorded}");
        let is_few = n < 20;
        assert_eq!(line.contains("BORROWED the spread"), is_few, "{line}");
        assert_eq!(line.contains("; accepted: "), !is_few, "{line}");
    }
    // Not one family for all: these have hundreds of values, which leave no other one of two parameters.
    for (task, family) in [
        ("extract_orders", "lognormal"),
        ("validate_orders", "gamma"),
    ] {
        let block = text.split(&format!("      {task}: #")).nth(1).unwrap();
        let law = block.split("duration: {").nth(1).unwrap();
        assert!(law.starts_with(family), "{task}: {law}");
    }
    let delay = text.split("start_delay: {uniform: {low: ").nth(1).unwrap();
    let ends: Vec<f64> = delay
        .split(['s', '}'])
        .take(2)
        .map(|end| end.trim_start_matches(", high: ").parse().unwrap())
        .collect();
    assert!((ends[0] - 2.0).abs() < 0.01 && (ends[1] - 9.0).abs() < 0.01);
    // Of a sensor is known between which of its pokes the wait was over: here they are 130 s apart.
    let sensor = text
        .lines()
        .find(|line| line.contains("sensor: {"))
        .unwrap();
    assert!(sensor.contains("# wait: n 112, mean 55"), "{sensor}");
    assert!(sensor.contains("; 496 pokes in vain"), "{sensor}");
}

#[test]
fn what_changes_with_time_is_told_beside_the_task_and_in_the_manifest() {
    let site = Site::of_airflow_3();
    site.import(&[]);
    let text = fs::read_to_string(site.out().join("scenario.yaml")).unwrap();
    let orders = text.split("      extract_orders: #").nth(1).unwrap();
    let orders = orders.split("\n      transform").next().unwrap();
    let told = "# HOUR OF THE DAY (UTC), not in the law: 1.60 times the mean at 13:00, 0.64 times the mean at 19:00 (p < 0.001)";
    assert!(orders.contains(told), "{orders}");
    let manifest = fs::read_to_string(site.out().join("import.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let effects = manifest["time_effects"].as_array().unwrap();
    let orders = effects
        .iter()
        .find(|effect| effect["task"] == "extract_orders")
        .unwrap();
    let hours = orders["hours_utc"]["groups"].as_array().unwrap();
    let longest = hours
        .iter()
        .find(|group| group["hour"] == 13)
        .and_then(|group| group["share_of_mean"].as_f64());
    assert!((longest.unwrap() - 1.60).abs() < 0.005, "{hours:?}");
    assert!(orders["drift"].is_null() && orders["weekdays_utc"].is_null());
    assert_eq!(
        effects.len(),
        text.matches("not in the law").count(),
        "as often here as there"
    );
}

#[test]
fn the_calibration_names_the_families_and_what_it_cannot_know() {
    let site = Site::of_airflow_3();
    site.import(&[]);
    let read = |name: &str| fs::read_to_string(site.out().join("calibration").join(name)).unwrap();
    let table = read("calibration.csv");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|one| one == name).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 42);
    let row = |task: &str| {
        let is_it = |row: &&csv::StringRecord| &row[column("task_id")] == task;
        rows.iter().find(is_it).unwrap()
    };
    for (task, n, family) in [
        ("load_orders", "448", "lognormal"),
        ("validate_orders", "448", "gamma"),
        ("wait_for_drop", "112", "uniform"),
    ] {
        let row = row(task);
        assert_eq!([&row[column("n")], &row[column("family")]], [n, family]);
        let p: f64 = row[column("anderson_darling_p")].parse().unwrap();
        assert!(p >= 0.01, "{task}: {p}");
    }
    assert_eq!(&row("ledger")[column("borrowed")], "true");
    let report = Document::from_json(&read("report.json")).unwrap();
    let answers: Vec<&str> = report.answers().collect();
    assert_eq!(
        answers[0],
        "Of 42 tasks that executors had, 22 have durations of a family that is accepted; \
         20 have fewer than 20 values and borrow the spread of like tasks."
    );
    // The worst fit comes first everywhere.
    let worst = format!("`{}.{}`", &rows[0][0], &rows[0][1]);
    assert!(answers[1].contains(&worst), "{answers:?}");
    assert!(read("report.md").contains("What could not be known"));
    assert!(
        read("report.html").contains("<svg")
            && read("duration_quantiles.svg").contains("load_orders")
    );
}

#[test]
fn an_import_without_a_calibration_has_all_the_rest() {
    let site = Site::of_airflow_3();
    site.import(&["--no-calibration"]);
    assert!(!site.out().join("calibration").exists());
    assert!(site.out().join("scenario.yaml").exists());
}

#[test]
fn a_sensor_that_was_deferred_is_told_by_its_times() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    // Resumed five minutes after they began, as Airflow records it: the last queueing lies behind the start.
    site.execute(
        "DELETE FROM task_reschedule;
         UPDATE task_instance SET start_date = strftime('%Y-%m-%d %H:%M:%f000', queued_dttm, '-300 seconds')
             WHERE task_id = 'wait_for_drop' AND state = 'success'",
    );
    site.import(&["--no-calibration"]);
    let text = fs::read_to_string(site.out().join("scenario.yaml")).unwrap();
    let block = text.split("      wait_for_drop: #").nth(1).unwrap();
    let kind = block.lines().find(|line| line.contains("kind: ")).unwrap();
    assert!(
        kind.contains(
            "kind: { deferrable: { wait: {constant: {value: 300s}} } } # deferred and resumed"
        ),
        "{kind}"
    );
    scenario(&site);
}

//! DAGs as the serializers of Airflow 3.3.2 and 2.11.2 wrote them, and what is read of them.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::*;
use crate::import::airflow::site::SiteMap;

/// One DAG with a bit of everything, as a version has serialized it.
fn serialized(version: &str) -> String {
    let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = package.join(format!("tests/data/{version}/serialized_dag.json"));
    std::fs::read_to_string(file).unwrap()
}

fn dag(version: &str) -> SiteDag {
    let mut dag = SiteDag::default();
    read(&serialized(version), &mut dag).unwrap();
    dag
}

const BOTH: [&str; 2] = ["airflow", "airflow2"];

fn seconds(seconds: i64) -> SiteValue {
    SiteValue::Span(SimDuration::from_seconds(seconds))
}

#[test]
fn a_dag_has_its_schedule_and_its_limits() {
    for (version, name) in [("airflow", "refunds"), ("airflow2", "s3://lake/refunds")] {
        let dag = dag(version);
        let one = |name: &str| SiteAssets::One(name.to_owned());
        let prefix = name.trim_end_matches("refunds");
        let [orders, report] = ["orders", "report"].map(|name| one(&format!("{prefix}{name}")));
        let either = SiteAssets::Any(vec![one(name), report.clone()]);
        assert_eq!(
            dag.schedule,
            SiteSchedule::Assets(SiteAssets::All(vec![orders, either]))
        );
        assert_eq!(dag.start_date, SimTime::parse("2025-03-01T00:00:00Z").ok());
        assert_eq!(dag.catchup, Some(false));
        assert_eq!(
            dag.dagrun_timeout,
            Some(SimDuration::from_seconds(6 * 3_600))
        );
        assert_eq!(dag.timezone.as_deref(), Some("UTC"));
        assert_eq!(dag.tasks.len(), 19);
        assert_eq!(dag.tasks["left"].outlets, [format!("{prefix}report")]);
    }
}

#[test]
fn tasks_have_what_is_declared_and_nothing_else() {
    for version in BOTH {
        let dag = dag(version);
        let field = |task: &str, field: &str| dag.tasks[task].field(field).cloned();
        assert!(dag.tasks["begin"].is_empty && dag.tasks["choose"].is_branch());
        assert!(dag.tasks["stop"].is_short_circuit());
        assert_eq!(dag.tasks["choose"].downstream, ["left", "right"]);
        assert_eq!(
            field("choose", "pool"),
            Some(SiteValue::Name("small".into()))
        );
        assert_eq!(field("choose", "retries"), None, "0 is the default");
        assert_eq!(
            field("right", "retries"),
            Some(SiteValue::Number(2)),
            "of default_args"
        );
        assert_eq!(field("right", "retry_delay"), Some(seconds(90)));
        assert_eq!(field("right", "max_retry_delay"), Some(seconds(1_800)));
        // Airflow 2 knows the factor 2 alone.
        let factor = if version == "airflow" { 3.0 } else { 2.0 };
        assert_eq!(
            field("right", "retry_exponential_backoff"),
            Some(SiteValue::Real(factor))
        );
        assert_eq!(
            field("right", "max_active_tis_per_dag"),
            Some(SiteValue::Number(3))
        );
        assert_eq!(
            field("right", "max_active_tis_per_dagrun"),
            Some(SiteValue::Number(2))
        );
        let left = ["pool_slots", "priority_weight"].map(|name| field("left", name));
        assert_eq!(left, [2, 5].map(|number| Some(SiteValue::Number(number))));
        assert_eq!(
            field("left", "weight_rule"),
            Some(SiteValue::Name("absolute".into()))
        );
        assert_eq!(field("left", "execution_timeout"), Some(seconds(600)));
        assert_eq!(field("up", "is_setup"), Some(SiteValue::True));
        assert_eq!(field("down", "is_teardown"), Some(SiteValue::True));
        assert_eq!(
            field("down", "on_failure_fail_dagrun"),
            Some(SiteValue::True)
        );
        assert_eq!(field("last", "depends_on_past"), Some(SiteValue::True));
        assert_eq!(field("last", "wait_for_downstream"), Some(SiteValue::True));
        let rule = SiteValue::Name("none_failed_min_one_success".into());
        assert_eq!(field("last", "trigger_rule"), Some(rule));
    }
}

#[test]
fn sensors_are_told_by_how_they_wait() {
    for version in BOTH {
        let dag = dag(version);
        let is_rescheduled = |task: &str| Some(dag.tasks[task].sensor.as_ref()?.is_rescheduled);
        assert_eq!(is_rescheduled("file"), Some(true));
        // That it is deferred is not serialized; its times show it.
        assert_eq!(is_rescheduled("deferred"), Some(false));
        assert_eq!(is_rescheduled("left"), None);
    }
}

#[test]
fn what_tasks_and_groups_are_mapped_over_is_known() {
    for version in BOTH {
        let dag = dag(version);
        for (task, map) in [
            ("add", Some(SiteMap::Over("numbers".into()))),
            ("literal", Some(SiteMap::Length(4))),
            ("cross", Some(SiteMap::Length(6))),
            ("bash_mapped", Some(SiteMap::Length(2))),
            ("pairs", Some(SiteMap::Length(3))),
            ("left", None),
        ] {
            assert_eq!(dag.tasks[task].map, map, "{version}: {task}");
        }
        // What a mapped task is scheduled by is kept apart.
        let pool = |task: &str| dag.tasks[task].name("pool", "default_pool");
        assert_eq!(
            [pool("literal"), pool("bash_mapped")],
            ["small", "database"]
        );
        assert_eq!(
            dag.tasks["bash_mapped"].field("retries"),
            Some(&SiteValue::Number(5))
        );
        assert_eq!(dag.groups.len(), 1);
        assert_eq!(dag.groups["each"], SiteMap::Length(3));
        let group = |task: &str| dag.tasks[task].group.as_deref();
        assert_eq!(group("each.first"), Some("each"));
        assert_eq!(group("each.inner.second"), Some("each"), "the outermost");
        assert_eq!(group("plain.in_plain"), None, "it is not mapped");
    }
}

#[test]
fn what_a_task_leaves_out_the_client_defaults_may_say() {
    let text = r#"{"__version": 3, "client_defaults": {"tasks": {"retries": 4, "pool": "shared", "retry_delay": 60.0}}, "dag": {
        "timetable": {"__type": "airflow.timetables.trigger.CronTriggerTimetable",
            "__var": {"expression": "0 5 * * *", "timezone": "Europe/Berlin"}},
        "tasks": [
            {"__type": "operator", "__var": {"task_id": "plain", "task_type": "BashOperator"}},
            {"__type": "operator", "__var": {"task_id": "own", "task_type": "BashOperator", "retries": 1}}]}}"#;
    let mut dag = SiteDag::default();
    read(text, &mut dag).unwrap();
    let retries = |task: &str| dag.tasks[task].field("retries").cloned();
    assert_eq!(retries("plain"), Some(SiteValue::Number(4)));
    assert_eq!(retries("own"), Some(SiteValue::Number(1)));
    assert_eq!(dag.tasks["own"].name("pool", "default_pool"), "shared");
    assert_eq!(dag.tasks["own"].field("retry_delay"), Some(&seconds(60)));
    assert_eq!(dag.schedule, SiteSchedule::Cron("0 5 * * *".into(), false));
    assert_eq!(dag.timezone.as_deref(), Some("Europe/Berlin"));
}

#[test]
fn a_compressed_dag_is_read_from_bytes_and_from_digits() {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(serialized("airflow").as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let digits = format!("\\x{}", digits.concat());
    for compressed in [Field::Bytes(&bytes), Field::Text(&digits)] {
        assert_eq!(text(Field::Null, compressed), Ok(serialized("airflow")));
    }
    assert_eq!(
        text(Field::Text("{}"), Field::Bytes(&bytes)),
        Ok("{}".into())
    );
    let broken = text(Field::Null, Field::Bytes(&bytes[..bytes.len() / 2])).unwrap_err();
    assert!(broken.starts_with("it cannot be decompressed"), "{broken}");
    assert_eq!(text(Field::Null, Field::Null), Err("it is empty".into()));
    assert_eq!(
        text(Field::Null, Field::Text("\\x0g")),
        Err("no bytes".into())
    );
}

#[test]
fn what_is_no_serialized_dag_is_told() {
    let told = |text: &str| read(text, &mut SiteDag::default()).unwrap_err();
    assert!(told("{").contains("EOF"));
    assert_eq!(told("{}"), "it has no `dag`");
    assert_eq!(told(r#"{"dag": {}}"#), "it has no `tasks`");
    assert_eq!(told(r#"{"dag": {"tasks": [1]}}"#), "a task is no object");
    assert_eq!(told(r#"{"dag": {"tasks": [{}]}}"#), "a task has no name");
}

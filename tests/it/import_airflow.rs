//! Metadata databases of real sites are imported: what is read of them, and what is told of broken ones.
#![cfg(feature = "sqlite")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::ZlibEncoder;
use slotwise::deployment::TaskInstanceState;
use slotwise::experiment::{Replication, summarise};
use slotwise::metrics::measure;
use slotwise::time::{SimDuration, SimTime};
use slotwise::trace::{History, RecordedFile};
use tempfile::TempDir;

/// A folder with one of the committed databases in it.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    pub(crate) fn new(recorded: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = File::open(package.join("tests/data").join(recorded)).unwrap();
        let mut database = File::create(folder.path().join("airflow.db")).unwrap();
        io::copy(&mut GzDecoder::new(file), &mut database).unwrap();
        Self { folder }
    }

    pub(crate) fn of_airflow_3() -> Self {
        Self::new("airflow/metadata-3x.db.gz")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("airflow.db")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(["import", "airflow", "--db"])
            .arg(format!("sqlite:{}", self.database().display()))
            .arg("--out")
            .arg(self.out())
            .args(arguments)
            .output()
            .unwrap()
    }

    pub(crate) fn import(&self, arguments: &[&str]) -> History {
        let output = self.run(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        self.history()
    }

    pub(crate) fn history(&self) -> History {
        let folder = self.out().join("history");
        let [runs, tries, pokes] =
            RecordedFile::ALL.map(|file| fs::read(folder.join(file.name())).unwrap());
        History::read(&runs, &tries, &pokes).unwrap()
    }
}

impl Site {
    /// All files of the import with their texts.
    fn files(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.out()).unwrap().display().to_string();
                    found.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

fn moment(text: &str) -> SimTime {
    SimTime::parse(text).unwrap()
}

#[test]
fn the_history_of_a_site_of_airflow_3_is_read_whole() {
    let site = Site::of_airflow_3();
    let before = fs::read(site.database()).unwrap();
    let history = site.import(&[]);
    assert_eq!(history.runs.len(), 909);
    assert_eq!(history.tries.len(), 3521 + 81);
    assert_eq!(history.pokes.len(), 496);
    let earlier = history.tries.iter().filter(|attempt| attempt.is_earlier);
    assert_eq!(earlier.count(), 81);

    let run = &history.runs[1];
    assert_eq!(run.dag_id, "partner_exports");
    assert_eq!(run.run_after, moment("2025-03-03T00:00:00Z"));
    assert_eq!(run.ended_at, Some(moment("2025-03-03T00:12:36Z")));
    let sensor = history
        .tries
        .iter()
        .position(|attempt| attempt.run == 1 && attempt.task_id == "wait_for_drop")
        .unwrap();
    let attempt = &history.tries[sensor];
    assert_eq!(attempt.state, TaskInstanceState::Success);
    assert_eq!(attempt.scheduled_at, Some(moment("2025-03-03T00:02:12Z")));
    assert_eq!(attempt.queued_at, Some(moment("2025-03-03T00:02:38Z")));
    assert_eq!(attempt.started_at, Some(moment("2025-03-03T00:02:44.602Z")));
    assert_eq!((attempt.pool.as_str(), attempt.pool_slots), ("api_pool", 1));
    let pokes: Vec<_> = history
        .pokes
        .iter()
        .filter(|poke| poke.of == sensor)
        .collect();
    assert_eq!(pokes.len(), 1);
    assert_eq!(pokes[0].next_at, moment("2025-03-03T00:02:10.581Z"));
    assert_eq!(pokes[0].started_at, None, "Airflow 3 does not keep it");

    assert_eq!(
        fs::read(site.database()).unwrap(),
        before,
        "nothing is written"
    );
    let beside = fs::read_dir(site.folder.path()).unwrap().count();
    assert_eq!(beside, 2, "nothing is left beside the database");
}

#[test]
fn the_history_of_a_site_of_airflow_2_is_read_whole() {
    let site = Site::new("airflow2/metadata-2x.db.gz");
    let history = site.import(&[]);
    assert_eq!(history.runs.len(), 160);
    assert_eq!(history.tries.len(), 620 + 19);
    assert_eq!(history.pokes.len(), 89);
    let first = &history.runs[0];
    assert_eq!(first.logical_date, Some(moment("2025-03-02T02:00:00Z")));
    assert_eq!(first.run_after, moment("2025-03-03T02:00:00Z"));
    assert!(
        history
            .tries
            .iter()
            .all(|attempt| attempt.scheduled_at.is_none())
    );
    let begun = history
        .pokes
        .iter()
        .all(|poke| poke.started_at < Some(poke.ended_at));
    assert!(begun, "Airflow 2 keeps when pokes began");
}

#[test]
fn a_part_of_a_site_is_imported() {
    let site = Site::of_airflow_3();
    let history = site.import(&[
        "--since",
        "2025-03-04T00:00:00Z",
        "--until",
        "2025-03-05T00:00:00Z",
        "--dags",
        "partner_*",
        "--dags",
        "api_sync",
    ]);
    assert_eq!(history.runs.len(), 12 + 8);
    let tasks = history.tries.iter().filter(|attempt| !attempt.is_earlier);
    assert_eq!(tasks.count(), 20 * 4);
    let day = moment("2025-03-04T00:00:00Z")..moment("2025-03-05T00:00:00Z");
    assert!(history.runs.iter().all(|run| day.contains(&run.run_after)));
}

#[test]
fn an_import_is_never_overwritten() {
    let site = Site::of_airflow_3();
    site.import(&[]);
    let again = site.run(&[]);
    assert_eq!(again.status.code(), Some(2));
    let told = String::from_utf8_lossy(&again.stderr);
    assert!(told.contains("has an import already"), "{told}");
}

/// What the library reads of an imported scenario.
pub(crate) fn scenario(site: &Site) -> slotwise::scenario::Scenario {
    let text = fs::read_to_string(site.out().join("scenario.yaml")).unwrap();
    let checked = slotwise::scenario::read(&text, &slotwise::scenario::NoFiles);
    let checked = checked.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    assert!(checked.warnings.list.is_empty(), "{}", checked.warnings);
    checked.value
}

#[test]
fn the_scenario_has_the_structure_and_the_limits_of_the_site() {
    let site = Site::of_airflow_3();
    site.import(&[]);
    let scenario = scenario(&site);
    assert_eq!(scenario.start, moment("2025-03-03T00:00:00Z"));
    assert_eq!(scenario.horizon, SimDuration::from_seconds(14 * 86_400));
    let deployment = &scenario.deployment;
    let pools = deployment
        .pools
        .iter()
        .map(|pool| (pool.name.as_str(), pool.slots));
    let known = [
        ("api_pool", 2),
        ("compute_pool", 4),
        ("database_pool", 3),
        ("default_pool", 128),
    ];
    assert_eq!(pools.collect::<Vec<_>>(), known);
    assert_eq!((deployment.dags.len(), deployment.tasks.len()), (8, 44));
    let task = |name: &str| {
        deployment
            .tasks
            .iter()
            .find(|task| task.task_id == name)
            .unwrap()
    };
    assert_eq!(task("train").pool_slots, 4);
    assert_eq!(task("fetch_crm").retry.retries, 3);
    assert_eq!(task("aggregate").upstream.len(), 3);
    assert!(task("aggregate").depends_on_past);
    let warehouse = deployment
        .dags
        .iter()
        .find(|dag| dag.dag_id == "daily_warehouse")
        .unwrap();
    assert_eq!(
        (warehouse.max_active_runs, warehouse.max_active_tasks),
        (1, 8)
    );
    let pools = fs::read_to_string(site.out().join("pools.json")).unwrap();
    let (pools, rejected) = slotwise::deployment::PoolsFile::parse(&pools).unwrap();
    assert!(rejected.is_empty());
    assert_eq!(pools.get("database_pool").unwrap().slots, 3);
}

#[test]
fn the_scenario_runs_as_busy_as_the_site() {
    for recorded in ["airflow/metadata-3x.db.gz", "airflow2/metadata-2x.db.gz"] {
        let site = Site::new(recorded);
        let history = site.import(&[]);
        let scenario = scenario(&site);
        let metrics = [0, 1, 2, 3].map(|number| {
            let replication = Replication {
                scenario: &scenario,
                policy: None,
                number,
            };
            measure(&summarise(&replication).unwrap(), &scenario.deployment)
        });
        let span = scenario.horizon.as_seconds();
        for (at, pool) in metrics[0].pools.iter().enumerate() {
            // The time during which recorded tries held slots, less the last poke of a sensor that is all that is kept.
            let busy = history
                .tries
                .iter()
                .filter(|attempt| attempt.pool == pool.pool);
            let busy: f64 = busy
                .filter_map(|attempt| {
                    let held = attempt.ended_at? - attempt.queued_at?;
                    Some(held.as_seconds() * f64::from(attempt.pool_slots))
                })
                .sum();
            let recorded = busy / span;
            let hours: f64 = metrics.iter().map(|of| of.pools[at].slot_hours_used).sum();
            let simulated = hours / 4.0 * 3_600.0 / span;
            assert!(
                (simulated - recorded).abs() <= 0.12 * recorded + 0.02,
                "{}: {simulated} slots in use, {recorded} were recorded",
                pool.pool
            );
        }
    }
}

#[test]
fn compressed_dags_are_read_as_the_others() {
    let plain = Site::of_airflow_3();
    plain.import(&[]);
    let compressed = Site::of_airflow_3();
    let database = rusqlite::Connection::open(compressed.database()).unwrap();
    let mut rows = database
        .prepare("SELECT rowid, data FROM serialized_dag")
        .unwrap();
    let rows: Vec<(i64, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (row, text) in rows {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let sql = "UPDATE serialized_dag SET data = NULL, data_compressed = ?1 WHERE rowid = ?2";
        database
            .execute(sql, (encoder.finish().unwrap(), row))
            .unwrap();
    }
    compressed.import(&[]);
    assert_eq!(compressed.files(), plain.files());
}

#[test]
fn nothing_that_the_site_has_named_is_left_when_it_is_anonymized() {
    let site = Site::of_airflow_3();
    let history = site.import(&["--anonymize"]);
    let plain = Site::of_airflow_3();
    let named = plain.import(&[]);
    assert_eq!(history.runs.len(), named.runs.len());
    let files = site.files();
    let mut secrets: Vec<&str> = named
        .tries
        .iter()
        .map(|attempt| attempt.task_id.as_str())
        .collect();
    secrets.extend(named.runs.iter().map(|run| run.dag_id.as_str()));
    secrets.extend([
        "scheduled__",
        "api_pool",
        "partner and vendor",
        "SQLExecuteQuery",
    ]);
    secrets.sort_unstable();
    secrets.dedup();
    // These two words are ours, too.
    secrets.retain(|name| !["start", "score", "rates", "train"].contains(name));
    assert!(secrets.len() > 40);
    for (file, text) in &files {
        for name in &secrets {
            assert!(!text.contains(name), "`{name}` in {file}");
        }
    }
    // The same thing has the same name everywhere, and all times are as they were.
    let dag_of = |history: &History, at: usize| history.runs[history.tries[at].run].dag_id.clone();
    for (at, (other, attempt)) in history.tries.iter().zip(&named.tries).enumerate() {
        assert_eq!(other.started_at, attempt.started_at);
        let is_first =
            (dag_of(&named, at), &attempt.task_id) == (dag_of(&named, 0), &named.tries[0].task_id);
        let is_first_there = (dag_of(&history, at), &other.task_id)
            == (dag_of(&history, 0), &history.tries[0].task_id);
        assert_eq!(is_first, is_first_there);
    }
    scenario(&site);
}

//! The same sites on a real PostgreSQL server: what is imported is what the SQLite files give, no password is told, and
//! a connection that is lost leaves nothing behind.
#![cfg(all(feature = "sqlite", feature = "postgres", unix))]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use postgres::Client;
use rusqlite::types::ValueRef;

use crate::import_airflow::Site;
use crate::postgres_server::{PASSWORD, Server};

/// The tables of the definitions beside the recorded databases, those that are named by foreign keys before those that name
/// them; each version has some of them.
const TABLES: [&str; 16] = [
    "alembic_version",
    "log_template",
    "team",
    "dag_bundle",
    "slot_pool",
    "dag",
    "dag_version",
    "serialized_dag",
    "backfill",
    "trigger",
    "callback",
    "dag_run",
    "task_instance",
    "task_instance_history",
    "task_reschedule",
    "task_fail",
];

/// Creates the tables as Airflow's migrations do, with their constraints, and copies all rows of the SQLite file.
fn load(client: &mut Client, site: &Site, version: &str) {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let definitions = package
        .join("tests/data")
        .join(version)
        .join("postgresql.sql");
    client
        .batch_execute(&fs::read_to_string(definitions).unwrap())
        .unwrap();
    // Moments of Airflow are in UTC.
    client
        .batch_execute("SET TIME ZONE 'UTC'; SET datestyle = 'ISO'")
        .unwrap();
    let sqlite = rusqlite::Connection::open(site.database()).unwrap();
    let there = "SELECT count(*) FROM sqlite_master WHERE name = ?1";
    let is_there = |table: &&&str| sqlite.query_row(there, [**table], |row| row.get(0)) == Ok(1);
    for table in TABLES.iter().filter(is_there) {
        let mut statement = sqlite
            .prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))
            .unwrap();
        let names: Vec<String> = statement
            .column_names()
            .iter()
            .map(|name| format!("\"{name}\""))
            .collect();
        let sql = format!("COPY {table} ({}) FROM STDIN", names.join(", "));
        let mut copy = client.copy_in(&sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let fields = (0..names.len()).map(|at| match row.get_ref(at).unwrap() {
                // What SQLite keeps with its fraction is an integer on PostgreSQL.
                ValueRef::Real(seconds) if *table == "task_reschedule" => {
                    seconds.round().to_string()
                }
                value => escaped(value),
            });
            writeln!(copy, "{}", fields.collect::<Vec<_>>().join("\t")).unwrap();
        }
        copy.finish().unwrap();
    }
}

/// A value in the text format of `COPY`.
fn escaped(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "\\N".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).unwrap().replace('\\', "\\\\");
            text.replace('\n', "\\n")
                .replace('\t', "\\t")
                .replace('\r', "\\r")
        }
        ValueRef::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("\\\\x{}", digits.collect::<String>())
        }
    }
}

/// An import whose environment has nothing of PostgreSQL but what is given.
fn command(url: &str, out: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slotwise"));
    for name in [
        "PGHOST",
        "PGPORT",
        "PGUSER",
        "PGDATABASE",
        "PGPASSWORD",
        "PGSSLMODE",
        "PGSSLROOTCERT",
        "PGOPTIONS",
    ] {
        command.env_remove(name);
    }
    command
        .env("PGPASSFILE", "/dev/null")
        .envs(environment.iter().copied());
    command
        .args(["import", "airflow", "--db", url, "--out"])
        .arg(out);
    command
}

fn run(url: &str, out: &Path, environment: &[(&str, &str)]) -> Output {
    command(url, out, environment).output().unwrap()
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(below, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_site_on_postgresql_is_the_same_site() {
    let Some(server) = Server::start() else {
        return;
    };
    for (version, recorded) in [
        ("airflow", "metadata-3x.db.gz"),
        ("airflow2", "metadata-2x.db.gz"),
    ] {
        let site = Site::new(&format!("{version}/{recorded}"));
        let mut client = server.create(version);
        load(&mut client, &site, version);
        // One who may read, and nothing else.
        let role = format!("reader_of_{version}");
        client
            .batch_execute(&format!(
                "CREATE ROLE {role} LOGIN PASSWORD 'only reads'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
            ))
            .unwrap();
        site.import(&[]);
        let out = site.folder().join("from_postgresql");
        let url = format!("postgresql://{role}@localhost:{}/{version}", server.port());
        let output = run(&url, &out, &[("PGPASSWORD", "only reads")]);
        assert!(output.status.success(), "{}", told(&output));
        let (expected, found) = (files(&site.out()), files(&out));
        assert!(expected.keys().eq(found.keys()), "{:?}", found.keys());
        for (path, text) in &expected {
            let lines = |text: &[u8]| -> Vec<String> {
                let text = String::from_utf8_lossy(text);
                let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
                // The server keeps no order in which rows were written, so tries come by their primary key.
                if path.ends_with("task_instances.csv") {
                    lines[1..].sort_unstable();
                }
                lines
            };
            let (text, found) = (lines(text), lines(&found[path]));
            let different = text.iter().zip(&found).find(|(a, b)| a != b);
            assert!(
                text == found,
                "{version}: {}: {different:?}",
                path.display()
            );
        }
        assert!(expected.len() >= 5, "{:?}", expected.keys());
    }
}

/// A server with the site of Airflow 2, which is the smaller one.
fn small_site() -> Option<(Server, Site)> {
    let server = Server::start()?;
    let site = Site::new("airflow2/metadata-2x.db.gz");
    load(&mut server.create("airflow"), &site, "airflow2");
    Some((server, site))
}

/// What is told of an import that fails; it leaves nothing behind and tells no password.
fn failure(url: &str, out: &Path, environment: &[(&str, &str)]) -> String {
    let output = run(url, out, environment);
    let told = told(&output);
    assert!(!output.status.success(), "{url}: {told}");
    for secret in [PASSWORD, ESCAPED, "wr0ng"] {
        assert!(!told.contains(secret), "{url}: {told}");
    }
    assert!(!out.exists(), "{url}: something is left");
    told
}

/// The password as it is written in an address.
const ESCAPED: &str = "s3cret%2Fand%3Along";

#[test]
fn passwords_come_from_the_address_the_environment_or_a_file() {
    let Some((server, site)) = small_site() else {
        return;
    };
    let port = server.port();
    let pass_file = site.folder().join("pgpass");
    let password = PASSWORD.replace(':', "\\:");
    fs::write(
        &pass_file,
        format!("localhost:{port}:*:airflow:{password}\n"),
    )
    .unwrap();
    let mode = |mode| fs::set_permissions(&pass_file, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o600);
    let from_file = ("PGPASSFILE", pass_file.to_str().unwrap());
    let url = format!("postgresql://airflow@localhost:{port}/airflow");
    let folder = server.folder().display();
    let socket = format!("postgresql:///airflow?host={folder}&port={port}");
    for (at, (url, environment)) in [
        (
            url.replace("airflow@", &format!("airflow:{ESCAPED}@")),
            vec![],
        ),
        (
            url.replace("postgresql:", "postgresql+psycopg2:"),
            vec![("PGPASSWORD", PASSWORD)],
        ),
        (format!("{url}?password={ESCAPED}"), vec![]),
        (url.clone(), vec![from_file]),
        (socket, vec![from_file, ("PGUSER", "airflow")]),
    ]
    .into_iter()
    .enumerate()
    {
        let out = site.folder().join(format!("site-{at}"));
        let output = run(&url, &out, &environment);
        assert!(output.status.success(), "{url}: {}", told(&output));
        assert!(!told(&output).contains(PASSWORD), "{}", told(&output));
        for (path, text) in files(&out) {
            let text = String::from_utf8_lossy(&text);
            let is_told = text.contains(PASSWORD) || text.contains(ESCAPED);
            assert!(!is_told, "{}", path.display());
        }
    }
    mode(0o644);
    let told = failure(&url, &site.folder().join("none"), &[from_file]);
    assert!(told.contains("can be read by others"), "{told}");
}

#[test]
fn a_wrong_password_is_not_told_either() {
    let Some((server, site)) = small_site() else {
        return;
    };
    let out = site.folder().join("none");
    let place = format!("localhost:{}/airflow", server.port());
    let told = failure(
        &format!("postgresql://airflow@{place}"),
        &out,
        &[("PGPASSWORD", "wr0ng")],
    );
    assert!(told.contains(&place), "{told}");
    assert!(told.contains("password authentication failed"), "{told}");
    let told = failure(&format!("postgresql://airflow:wr0ng@{place}"), &out, &[]);
    assert!(told.contains("password authentication failed"), "{told}");
    // One whose signs are not escaped is taken for another part of the address.
    for broken in [
        "postgresql://airflow:wr0ng",
        "postgresql://airflow:1@wr0ng@[x/airflow",
        "postgresql://x/y?password=1&wr0ng",
    ] {
        failure(broken, &out, &[]);
    }
}

#[test]
fn a_server_is_believed_as_far_as_sslmode_says() {
    let Some((server, site)) = small_site() else {
        return;
    };
    server
        .client("airflow")
        .batch_execute("CREATE ROLE tls_only LOGIN PASSWORD 'short'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO tls_only")
        .unwrap();
    let authority = server.folder().join("authority.pem").display().to_string();
    let out = site.folder().join("none");
    let try_it = |host: &str, options: &str| {
        let url = format!(
            "postgresql://tls_only:short@{host}:{}/airflow?{options}",
            server.port()
        );
        let output = run(&url, &out, &[]);
        if output.status.success() {
            fs::remove_dir_all(&out).unwrap();
            Ok(())
        } else {
            Err(told(&output))
        }
    };
    // From now on this user is let in over TLS alone.
    server.allow("hostssl all all all scram-sha-256\nhostnossl all airflow all scram-sha-256\n");
    let refused = try_it("localhost", "sslmode=disable").unwrap_err();
    assert!(refused.contains("no encryption"), "{refused}");
    for options in ["", "sslmode=prefer", "sslmode=require"] {
        assert_eq!(try_it("127.0.0.1", options), Ok(()), "{options}");
    }
    let with = |mode: &str| format!("sslmode={mode}&sslrootcert={authority}");
    for mode in ["require", "verify-ca"] {
        assert_eq!(try_it("127.0.0.1", &with(mode)), Ok(()), "{mode}");
    }
    assert_eq!(try_it("localhost", &with("verify-full")), Ok(()));
    let other_name = try_it("127.0.0.1", &with("verify-full")).unwrap_err();
    assert!(other_name.contains("not valid for name"), "{other_name}");
    for mode in ["verify-ca", "verify-full"] {
        let stranger = try_it("localhost", &format!("sslmode={mode}")).unwrap_err();
        assert!(stranger.contains("certificate"), "{stranger}");
    }
}

#[test]
fn a_connection_that_is_lost_leaves_nothing_behind() {
    let Some((server, site)) = small_site() else {
        return;
    };
    let mut client = server.client("airflow");
    let url = format!("postgresql://airflow@localhost:{}/airflow", server.port());
    let out = site.folder().join("none");
    // A migration holds the table, and does not let go.
    let mut migration = client.transaction().unwrap();
    migration.batch_execute("LOCK TABLE task_instance").unwrap();
    let told_of = failure(&url, &out, &[("PGPASSWORD", PASSWORD)]);
    assert!(
        told_of.contains("table `task_instance`") && told_of.contains("lock timeout"),
        "{told_of}"
    );
    drop(migration);
    // Rows come slowly enough for something to happen between them.
    client
        .batch_execute(
            "ALTER TABLE task_instance RENAME TO instances; \
             CREATE VIEW task_instance AS SELECT * FROM instances WHERE pg_sleep(0.05) IS NOT NULL",
        )
        .unwrap();
    for stops_server in [false, true] {
        let import = command(&url, &out, &[("PGPASSWORD", PASSWORD)])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let is_reading = "SELECT pid FROM pg_stat_activity WHERE application_name = 'slotwise' \
             AND query LIKE '%\"task_instance\"%' AND wait_event = 'PgSleep'";
        let reader: i32 = loop {
            match client.query_opt(is_reading, &[]).unwrap() {
                Some(row) => break row.get(0),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        if stops_server {
            server.stop();
        } else {
            client
                .execute("SELECT pg_terminate_backend($1)", &[&reader])
                .unwrap();
        }
        let output = import.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", told(&output));
        assert!(
            told(&output).contains("table `task_instance`"),
            "{}",
            told(&output)
        );
        assert!(!out.exists(), "something is left");
    }
    let nobody = failure(&url, &out, &[("PGPASSWORD", PASSWORD)]);
    assert!(nobody.contains("error connecting to server"), "{nobody}");
}

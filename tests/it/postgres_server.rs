//! A PostgreSQL server of a test's own, gone when the test is over.
//!
//! Where no server is installed, tests say so and do nothing, unless `SLOTWISE_POSTGRES=required` asks for it, as
//! `.ci/run` does.
#![cfg(all(feature = "postgres", unix))]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use postgres::{Client, Config, NoTls};
use tempfile::TempDir;

/// The password of its only user, `airflow`.
pub(crate) const PASSWORD: &str = "s3cret/and:long";

/// A server that runs.
pub(crate) struct Server {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    process: Child,
}

impl Server {
    /// Starts a server; none if none is installed. It speaks TLS with a certificate for `localhost`.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().unwrap();
        make_certificates(folder.path());
        fs::write(folder.path().join("password"), PASSWORD).unwrap();
        if is_root() {
            // The server refuses to run as root, and its folder must be its own.
            let mut chown = Command::new("chown");
            let owner = chown.args(["-R", "nobody"]).arg(folder.path()).status();
            assert!(owner.unwrap().success());
        }
        make_cluster(&programs, folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Self {
            process: spawn(&programs, folder.path(), port),
            folder,
            programs,
            port,
        };
        server.await_ready();
        Some(server)
    }

    fn await_ready(&self) {
        for _ in 0..600 {
            if self.config("postgres").connect(NoTls).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        panic!("the server does not answer: {log}");
    }

    fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(self.port)
            .user("airflow")
            .password(PASSWORD)
            .dbname(database);
        config
    }

    /// A client with all rights.
    pub(crate) fn client(&self, database: &str) -> Client {
        self.config(database).connect(NoTls).unwrap()
    }

    /// A new database.
    pub(crate) fn create(&self, database: &str) -> Client {
        let sql = format!("CREATE DATABASE {database}");
        self.client("postgres").batch_execute(&sql).unwrap();
        self.client(database)
    }

    /// Lets in who may come by these lines of `pg_hba.conf`, the first that fits.
    pub(crate) fn allow(&self, lines: &str) {
        let file = self.folder.path().join("data/pg_hba.conf");
        fs::write(file, lines).unwrap();
        let reload = "SELECT pg_reload_conf(), pg_sleep(1)";
        self.client("postgres").batch_execute(reload).unwrap();
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its folder, in which its socket is, too.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it at once, as a crash would.
    pub(crate) fn stop(&self) {
        let stopped = as_somebody(&self.programs.join("pg_ctl"))
            .args(["stop", "--mode=immediate", "-D"])
            .arg(self.folder.path().join("data"))
            .current_dir(self.folder.path())
            .output();
        assert!(stopped.unwrap().status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|over| over.is_none()) {
            self.stop();
        }
        let _ = self.process.wait();
    }
}

/// Where the newest server is installed.
#[expect(
    clippy::print_stdout,
    reason = "whoever reads the log must see what was not tested"
)]
fn programs() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| {
        let mut names = ["initdb", "postgres", "pg_ctl"].iter();
        names.all(|name| folder.join(name).is_file())
    };
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let installed = installed.map(|version| version.unwrap().path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = installed.filter(has_all).max();
    let found = newest.or_else(|| std::env::split_paths(&path).find(has_all));
    if found.is_none() {
        let required = std::env::var("SLOTWISE_POSTGRES").is_ok_and(|how| how == "required");
        assert!(!required, "PostgreSQL is required and was not found");
        println!("no PostgreSQL server found: nothing was tried");
    }
    found
}

/// The folder of a server, with one user.
fn make_cluster(programs: &Path, folder: &Path) {
    let made = as_somebody(&programs.join("initdb"))
        .args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--username=airflow", "--auth=scram-sha-256"])
        .args(["--pwfile=password", "--pgdata=data"])
        .current_dir(folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{told}");
}

/// A server whose way of writing moments is another than Airflow's.
fn spawn(programs: &Path, folder: &Path, port: u16) -> Child {
    let own = |name: &str| folder.join(name).display().to_string();
    let mut server = as_somebody(&programs.join("postgres"));
    for setting in [
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", own("server.pem")),
        format!("ssl_key_file={}", own("server.key")),
        "timezone=America/New_York".to_owned(),
        "datestyle=SQL, DMY".to_owned(),
    ] {
        server.args(["-c", &setting]);
    }
    server
        .args(["-D", "data", "-F", "-h", "127.0.0.1"])
        .args(["-p", &port.to_string(), "-k"])
        .arg(folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("log")).unwrap())
        .spawn()
        .unwrap()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// A program that is not run as root, and is asked to quit when the test is gone.
pub(crate) fn as_somebody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    }
    command.arg(program);
    command
}

/// An authority (`authority.pem`), and a certificate that it has given to `localhost`.
fn make_certificates(folder: &Path) {
    for arguments in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out request.pem",
        "x509 -req -days 2 -in request.pem -copy_extensions copy -CA authority.pem -CAkey authority.key -out server.pem",
    ] {
        let made = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
}

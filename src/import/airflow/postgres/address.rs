//! Where a server is and who asks: the address, filled up from the environment as every PostgreSQL program does.

use std::env;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use postgres::Config;
use postgres::config::{Host, SslMode};

use super::super::source::SourceError;
use super::password;
use super::tls::Tls;

/// What must be known to connect. It is not printed: it holds a password.
pub struct Address {
    config: Config,
    tls: Tls,
    shown: String,
}

/// The environment in which a program runs: the value of a variable, if it is set.
pub(super) type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// How long an answer to the first knock is waited for, unless the address has its own `connect_timeout`.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// What is shown of an address in which a password may be anywhere.
const HIDDEN: &str = "postgresql://...";

impl Address {
    /// Reads an address `postgresql://USER@HOST:PORT/DATABASE?OPTIONS`, as in `sql_alchemy_conn`, where a driver may
    /// stand behind a `+`.
    ///
    /// What it leaves open is taken from `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGPASSWORD`, `PGSSLMODE`,
    /// `PGSSLROOTCERT` and `PGOPTIONS`, and the password from `PGPASSFILE` or `~/.pgpass`
    /// (<https://www.postgresql.org/docs/current/libpq-envars.html>).
    ///
    /// # Errors
    /// It is no such address; the words tell nothing of it that may be a password.
    pub fn read(url: &str) -> Result<Self, SourceError> {
        Self::read_in(url, &|name| {
            env::var(name).ok().filter(|value| !value.is_empty())
        })
    }

    fn read_in(url: &str, environment: Environment<'_>) -> Result<Self, SourceError> {
        let mut own = Own::default();
        let url = own.take_out_of(url);
        let config = Config::from_str(&url).map_err(|error| no_address(&error))?;
        let mut address = Self {
            shown: shown(&url),
            config,
            tls: Tls::Prefer,
        };
        address.fill_up(environment)?;
        let mode = own.sslmode.or_else(|| environment("PGSSLMODE"));
        let roots = own.sslrootcert.or_else(|| environment("PGSSLROOTCERT"));
        address.choose_tls(
            mode.as_deref().unwrap_or("prefer"),
            roots.map(PathBuf::from),
        )?;
        Ok(address)
    }

    fn fill_up(&mut self, environment: Environment<'_>) -> Result<(), SourceError> {
        let config = &mut self.config;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host(environment("PGHOST").as_deref().unwrap_or("localhost"));
        }
        if let (true, Some(port)) = (config.get_ports().is_empty(), environment("PGPORT")) {
            let port = port.parse();
            config.port(port.map_err(|_| SourceError("`PGPORT` is no port".into()))?);
        }
        if config.get_user().is_none() {
            let user = ["PGUSER", "USER", "LOGNAME"]
                .into_iter()
                .find_map(environment);
            config.user(user.as_deref().unwrap_or("postgres"));
        }
        if let (None, Some(name)) = (config.get_dbname(), environment("PGDATABASE")) {
            config.dbname(&name);
        }
        if let (None, Some(options)) = (config.get_options(), environment("PGOPTIONS")) {
            config.options(&options);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("slotwise");
        }
        if config.get_password().is_none() {
            let password = match environment("PGPASSWORD") {
                Some(password) => Some(password),
                None => password::from_file(config, environment)?,
            };
            config.password(password.unwrap_or_default());
        }
        Ok(())
    }

    fn choose_tls(&mut self, mode: &str, roots: Option<PathBuf>) -> Result<(), SourceError> {
        let (on_the_wire, tls) = match mode {
            "disable" => (SslMode::Disable, Tls::Prefer),
            "allow" | "prefer" => (SslMode::Prefer, Tls::Prefer),
            // With a file of authorities it is as strict as `verify-ca`, as in other programs.
            "require" if roots.is_none() => (SslMode::Require, Tls::Prefer),
            "require" | "verify-ca" => (SslMode::Require, Tls::VerifyAuthority(roots)),
            "verify-full" => (SslMode::Require, Tls::VerifyName(roots)),
            _ => {
                return Err(SourceError(
                    "`sslmode` is one of disable, allow, prefer, require, verify-ca, verify-full"
                        .into(),
                ));
            }
        };
        // Nobody listens on the wire of a socket in the file system, and it has no name that could be verified.
        let is_local = self
            .config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)))
            && self.config.get_hostaddrs().is_empty();
        self.config.ssl_mode(if is_local {
            SslMode::Disable
        } else {
            on_the_wire
        });
        self.tls = tls;
        Ok(())
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The address without its password and its options.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Options of an address that the client does not know.
#[derive(Default)]
struct Own {
    sslmode: Option<String>,
    sslrootcert: Option<String>,
}

impl Own {
    /// Keeps them, and gives back the address without them and without a driver.
    fn take_out_of(&mut self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap_or((url, ""));
        let scheme = scheme.split('+').next().unwrap_or_default();
        // A question mark before the last `@` belongs to a password.
        let host = rest.rfind('@').map_or(0, |at| at + 1);
        let Some(options) = rest[host..].find('?').map(|at| host + at) else {
            return format!("{scheme}://{rest}");
        };
        let kept = rest[options + 1..].split('&').filter(|option| {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let place = match key {
                "sslmode" => &mut self.sslmode,
                "sslrootcert" => &mut self.sslrootcert,
                _ => return true,
            };
            *place = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
            false
        });
        let kept = kept.collect::<Vec<_>>().join("&");
        format!("{scheme}://{}?{kept}", &rest[..options])
    }
}

/// Where and who, if that can be told from what may be a password.
fn shown(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    let path = rest[authority.len()..]
        .split('?')
        .next()
        .unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_plain = |text: &str, also: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    };
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let is_clear = rest.matches('@').count() == authority.matches('@').count()
        && authority.matches('@').count() <= 1
        && is_plain(host, ".-_:,%[]")
        && (host.ends_with(']')
            || host.contains(',')
            || port.parse::<u16>().is_ok() == host.contains(':'))
        && is_plain(path, "/.-_%");
    if is_clear {
        format!("postgresql://{host}{path}")
    } else {
        HIDDEN.to_owned()
    }
}

/// What the client says of an option with a known name and a wrong value; of all else only that it is wrong, because a
/// password that lacks its escapes may be taken for the name of an option.
fn no_address(error: &postgres::Error) -> SourceError {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let cause = cause.filter(|cause| cause.starts_with("invalid value for option"));
    SourceError(format!(
        "no address of the form postgresql://USER@HOST:PORT/DATABASE, or one with an unknown option; in passwords `@`, \
         `/`, `?`, `&` and `%` are written as `%40`, `%2F`, `%3F`, `%26` and `%25`{}",
        cause.map_or(String::new(), |cause| format!(" ({cause})"))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, environment: &[(&str, &str)]) -> Result<Address, SourceError> {
        Address::read_in(url, &|name| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_address_may_be_that_of_the_configuration_of_airflow() {
        let url = "postgresql+psycopg2://air:p%40ss@db.example:6432/airflow?sslmode=verify-full&connect_timeout=3";
        let address = read(url, &[]).unwrap();
        let config = address.config();
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example".into())]);
        assert_eq!(
            (config.get_ports(), config.get_dbname()),
            (&[6432][..], Some("airflow"))
        );
        assert_eq!(
            (config.get_user(), config.get_password()),
            (Some("air"), Some(&b"p@ss"[..]))
        );
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert!(matches!(address.tls(), Tls::VerifyName(None)));
        assert_eq!(address.shown(), "postgresql://db.example:6432/airflow");
    }

    #[test]
    fn what_an_address_leaves_open_comes_from_the_environment() {
        let environment = [
            ("PGHOST", "db.example"),
            ("PGPORT", "6432"),
            ("PGUSER", "air"),
            ("PGDATABASE", "metadata"),
            ("PGPASSWORD", "secret"),
            ("PGSSLMODE", "require"),
            ("PGSSLROOTCERT", "ca.pem"),
        ];
        let address = read("postgresql://", &environment).unwrap();
        let config = address.config();
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example".into())]);
        assert_eq!(
            (config.get_ports(), config.get_dbname()),
            (&[6432][..], Some("metadata"))
        );
        assert_eq!(
            (config.get_user(), config.get_password()),
            (Some("air"), Some(&b"secret"[..]))
        );
        let roots = PathBuf::from("ca.pem");
        assert!(matches!(address.tls(), Tls::VerifyAuthority(Some(found)) if *found == roots));
        let own = read("postgresql://me:own@here/it?sslmode=disable", &environment).unwrap();
        let config = own.config();
        assert_eq!(
            (config.get_user(), config.get_password()),
            (Some("me"), Some(&b"own"[..]))
        );
        assert_eq!(
            (config.get_dbname(), config.get_ssl_mode()),
            (Some("it"), SslMode::Disable)
        );
    }

    #[test]
    fn a_socket_in_the_file_system_needs_no_tls() {
        for url in [
            "postgresql:///airflow?host=/run/postgresql",
            "postgresql://%2Frun%2Fpostgresql/airflow",
        ] {
            let address = read(url, &[("PGSSLMODE", "verify-full")]).unwrap();
            assert_eq!(
                address.config().get_hosts(),
                [Host::Unix("/run/postgresql".into())]
            );
            assert_eq!(address.config().get_ssl_mode(), SslMode::Disable);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgresql://u:SECRET@host/db",
            "postgresql://u:SE@SECRET@host/db",
            "postgresql://u:SE/SECRET@host/db",
            "postgresql://u:SE?SECRET@host/db",
            "postgresql://u:1?SECRET=2&SECRET@host/db",
            "postgresql://u:SECRET",
            "postgresql://u:SECRET/db",
            "postgresql://host/db?password=SECRET",
            "postgresql://host/db?password=x@SECRET",
            "postgresql://host/db?password=x&SECRET=x",
            "postgresql://host/db?password=x&SECRET",
            "postgresql://u:SECRET@host/db?sslmode=SECRET",
            "postgresql://u:SECRET@host:x/db",
            "postgresql://u:SECRET@[host/db",
            "postgresql:SECRET",
            "SECRET",
        ] {
            let told = match read(url, &[]) {
                Ok(address) => address.shown().to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(!told.contains("SECRET"), "{url}: {told}");
            assert!(!shown(url).contains("SECRET"), "{url}");
        }
    }
}

//! The password file that all PostgreSQL programs share
//! (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::fs;
use std::path::{Path, PathBuf};

use postgres::Config;
use postgres::config::Host;

use super::super::source::SourceError;
use super::address::Environment;

/// The password for a server in `PGPASSFILE` or `~/.pgpass`; none if there is no such file, or no line for it.
pub(super) fn from_file(
    config: &Config,
    environment: Environment<'_>,
) -> Result<Option<String>, SourceError> {
    let home = || Some(Path::new(&environment("HOME")?).join(".pgpass"));
    let Some(path) = environment("PGPASSFILE").map(PathBuf::from).or_else(home) else {
        return Ok(None);
    };
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(None);
    };
    if is_open_to_others(&path) {
        return Err(SourceError(format!(
            "the password file `{0}` can be read by others: `chmod 600 {0}`",
            path.display()
        )));
    }
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config
        .get_ports()
        .first()
        .copied()
        .unwrap_or(5432)
        .to_string();
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    Ok(find(&text, [&host, &port, database, user]))
}

/// The password of the first line whose four fields are these, or `*`.
fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let fits = |(field, wanted): (&String, &str)| field == "*" || field == wanted;
            let is_it = fields.len() >= 5 && fields.iter().zip(wanted).all(fits);
            is_it.then(|| fields[4..].join(":"))
        })
}

/// The fields of a line; `\` takes its meaning from a `:` or another `\`.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        if c == ':' {
            fields.push(String::new());
            continue;
        }
        let literal = if c == '\\' {
            characters.next()
        } else {
            Some(c)
        };
        if let Some(field) = fields.last_mut() {
            field.extend(literal);
        }
    }
    fields
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# host:port:database:user:password\n\
                    db:5432:airflow:other:no\n\
                    db:*:airflow:air:a\\:b\\\\c\n\
                    *:*:*:*:last";
        assert_eq!(
            find(text, ["db", "6432", "airflow", "air"]),
            Some("a:b\\c".into())
        );
        assert_eq!(
            find(text, ["db", "5432", "airflow", "me"]),
            Some("last".into())
        );
        assert_eq!(
            find("db:5432:airflow:air", ["db", "5432", "airflow", "air"]),
            None
        );
    }
}

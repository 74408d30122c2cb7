//! `slotwise pools`: what `airflow pools` does, on a pools file.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::{Output, print, say};
use super::{Failure, files};
use crate::airflow::{PoolChange, PoolStatus, Pools};
use crate::deployment::{Pool, PoolsFile, RejectedPool};

/// The arguments of `slotwise pools`.
#[derive(Debug, clap::Args)]
pub struct PoolsArgs {
    /// The pools file, in the format of `airflow pools export`.
    #[arg(long, global = true, value_name = "PATH", default_value = "pools.json")]
    pub file: PathBuf,
    /// What to do with it.
    #[command(subcommand)]
    pub action: PoolsAction,
}

/// What can be done with a pools file.
#[derive(Debug, clap::Subcommand)]
pub enum PoolsAction {
    /// Lists all pools.
    List {
        /// The form of the list.
        #[arg(short, long, value_enum, default_value_t)]
        output: Output,
    },
    /// Shows one pool.
    Get {
        /// Its name.
        name: String,
        /// The form of the answer.
        #[arg(short, long, value_enum, default_value_t)]
        output: Output,
    },
    /// Creates a pool, or updates the one of that name; the file is begun if there is none.
    #[command(visible_alias = "set")]
    Create {
        /// Its name, at most 256 characters.
        name: String,
        /// Its size: -1 is unlimited, 0 closes it.
        #[arg(allow_negative_numbers = true)]
        slots: i64,
        /// What it is for.
        description: String,
        /// Whether deferred tasks keep their slots; without it an existing pool keeps its rule, and a new one says no.
        #[arg(long, require_equals = true, num_args = 0..=1, default_missing_value = "true")]
        include_deferred: Option<bool>,
    },
    /// Deletes a pool; `default_pool` always stays.
    Delete {
        /// Its name.
        name: String,
    },
    /// Takes over the pools of another file; the file is begun if there is none.
    Import {
        /// The file to read, in the format of `airflow pools export`.
        from: PathBuf,
    },
    /// Writes all pools to another file, byte for byte as Airflow does.
    Export {
        /// The file to write.
        to: PathBuf,
    },
}

/// Does what was asked for.
///
/// # Errors
/// A file cannot be read or written, a pool is refused, or an import is incomplete.
pub(crate) fn run(args: PoolsArgs) -> Result<(), Failure> {
    let path = args.file.as_path();
    match args.action {
        PoolsAction::List { output } => show(output, open(path)?.list_pools()),
        PoolsAction::Get { name, output } => {
            show(output, vec![open(path)?.get_pool_status(&name)?])
        }
        PoolsAction::Create {
            name,
            slots,
            description,
            include_deferred,
        } => {
            let mut pools = open_or_begin(path)?;
            let change = match include_deferred {
                None => pools.create_pool(&name, slots, &description),
                Some(include_deferred) => pools.put_pool(Pool {
                    name: name.clone(),
                    slots,
                    description: Some(description),
                    include_deferred,
                }),
            }?;
            save(path, &pools)?;
            print(&format!("Pool {name} {}\n", done(change)))
        }
        PoolsAction::Delete { name } => {
            let mut pools = open(path)?;
            pools.delete_pool(&name)?;
            save(path, &pools)?;
            print(&format!("Pool {name} deleted\n"))
        }
        PoolsAction::Import { from } => import(path, &from),
        PoolsAction::Export { to } => {
            let pools = open(path)?;
            save(&to, &pools)?;
            let (count, to) = (pools.pools().len(), to.display());
            // The result is in the file, which may be `/dev/stdout`.
            say(&format!("Exported {count} pool(s) to {to}"));
            Ok(())
        }
    }
}

fn show(output: Output, pools: Vec<PoolStatus>) -> Result<(), Failure> {
    let columns = ["pool", "slots", "description", "include_deferred"];
    let row = |pool: PoolStatus| {
        [
            json!(pool.name),
            json!(pool.slots),
            json!(pool.description),
            json!(pool.include_deferred),
        ]
    };
    print(&output.lay_out(columns, pools.into_iter().map(row).collect()))
}

/// Imports what is complete and then says what was not, as Airflow does.
fn import(path: &Path, from: &Path) -> Result<(), Failure> {
    let (imported, rejected) = parse(from, &files::read(from)?)?;
    let mut pools = open_or_begin(path)?;
    let count = imported.pools().len();
    pools.import(imported);
    save(path, &pools)?;
    print(&format!(
        "Imported {count} pool(s) from {}\n",
        from.display()
    ))?;
    refuse(from, &rejected, Failure::Partial)
}

/// A pools file that is there, and of which every entry is a pool.
pub(crate) fn open(path: &Path) -> Result<PoolsFile, Failure> {
    whole(path, &files::read(path)?)
}

fn open_or_begin(path: &Path) -> Result<PoolsFile, Failure> {
    match files::read_if_there(path)? {
        Some(text) => whole(path, &text),
        None => Ok(PoolsFile::default()),
    }
}

/// A file that is going to be written again must be understood to the last entry, or entries would be lost.
fn whole(path: &Path, text: &str) -> Result<PoolsFile, Failure> {
    let (pools, rejected) = parse(path, text)?;
    refuse(path, &rejected, Failure::Invalid)?;
    Ok(pools)
}

fn parse(path: &Path, text: &str) -> Result<(PoolsFile, Vec<RejectedPool>), Failure> {
    PoolsFile::parse(text)
        .map_err(|error| Failure::Invalid(format!("`{}` is {error}", path.display())))
}

fn refuse(
    path: &Path,
    rejected: &[RejectedPool],
    failure: fn(String) -> Failure,
) -> Result<(), Failure> {
    if rejected.is_empty() {
        return Ok(());
    }
    let entry = |pool: &RejectedPool| format!("`{}` ({})", pool.name, pool.reason);
    let entries: Vec<_> = rejected.iter().map(entry).collect();
    let (path, entries) = (path.display(), entries.join(", "));
    Err(failure(format!("not a pool in `{path}`: {entries}")))
}

fn save(path: &Path, pools: &PoolsFile) -> Result<(), Failure> {
    files::write(path, &pools.to_string())
}

const fn done(change: PoolChange) -> &'static str {
    match change {
        PoolChange::Created => "created",
        PoolChange::Updated => "updated",
    }
}

//! `slotwise import airflow`: the metadata database of a site becomes a folder with its scenario and its history.

use std::path::{Path, PathBuf};

use super::super::output::say;
use super::super::{Failure, files};
use super::calibration;
use crate::import::airflow::{
    CsvSource, Figures, Imported, Selection, Source, SourceError, import,
};
use crate::time::SimTime;
use crate::trace::RecordedFile;

/// The folder of the history, below the folder of an import.
pub(crate) const HISTORY: &str = "history";

/// The scenario, in the folder of an import.
pub(crate) const SCENARIO: &str = "scenario.yaml";

/// The arguments of `slotwise import airflow`.
#[derive(Debug, clap::Args)]
pub struct AirflowArgs {
    /// The metadata database: `sqlite:PATH`, or `postgresql://USER@HOST:PORT/DATABASE`. Nothing is written to it.
    #[arg(long, value_name = "URL", required_unless_present = "csv")]
    pub db: Option<String>,
    /// A folder with its tables as CSV files, `dag_run.csv` and so on, the names of the columns in their first lines.
    #[arg(long, value_name = "DIR", conflicts_with = "db")]
    pub csv: Option<PathBuf>,
    /// Only runs that were due from this moment on, such as `2026-03-02T00:00:00Z`.
    #[arg(long, value_name = "MOMENT", value_parser = SimTime::parse)]
    pub since: Option<SimTime>,
    /// Only runs that were due before this moment.
    #[arg(long, value_name = "MOMENT", value_parser = SimTime::parse)]
    pub until: Option<SimTime>,
    /// Only DAGs of this name, in which `*` stands for any text; may be given several times.
    #[arg(long, value_name = "PATTERN")]
    pub dags: Vec<String>,
    /// Gives DAGs, tasks, pools, assets and runs other names, the same name for the same thing.
    #[arg(long)]
    pub anonymize: bool,
    /// Writes no report on how durations were fitted.
    #[arg(long)]
    pub no_calibration: bool,
    /// The folder to write; one that has an import already is never overwritten.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Reads the site while its history is written; the files appear when all of them are whole.
pub(crate) fn run(args: &AirflowArgs) -> Result<(), Failure> {
    let history = args.out.join(HISTORY);
    // It is written last, so an import that failed can be done again.
    if args.out.join(SCENARIO).exists() {
        return Err(Failure::Invalid(format!(
            "`{}` has an import already: name another folder",
            args.out.display()
        )));
    }
    let window = args.since.zip(args.until);
    if window.is_some_and(|(since, until)| until <= since) {
        return Err(Failure::Invalid("`--until` must be after `--since`".into()));
    }
    let (place, mut source) = open(args)?;
    let selection = Selection {
        since: args.since,
        until: args.until,
        dags: args.dags.clone(),
        anonymize: args.anonymize,
    };
    let imported = with_folder(&history, || {
        let [mut runs, mut tries, mut pokes] = open_files(&history)?;
        let imported = import(
            source.as_mut(),
            &selection,
            [&mut runs, &mut tries, &mut pokes],
        );
        let imported = imported.map_err(|error| Failure::Outside(format!("{place}: {error}")))?;
        for file in [runs, tries, pokes] {
            file.finish()?;
        }
        Ok(imported)
    })?;
    let figures = imported.figures();
    if !args.no_calibration {
        let report = calibration::write(&args.out, &imported.calibration(&figures))?;
        say(&format!(
            "how durations were fitted: `{}`",
            report.display()
        ));
    }
    write_scenario(&args.out, &imported, &figures, &selection)?;
    tell(&imported);
    let shown = args.out.join(SCENARIO);
    let shown = shown.display();
    say(&format!("wrote `{shown}`; next: slotwise check {shown}"));
    Ok(())
}

fn open_files(folder: &Path) -> Result<[files::Unfinished; 3], Failure> {
    let [runs, tries, pokes] =
        RecordedFile::ALL.map(|file| files::Unfinished::new(&folder.join(file.name())));
    Ok([runs?, tries?, pokes?])
}

/// The scenario, the arrivals beside it, and the pools.
fn write_scenario(
    out: &Path,
    imported: &Imported,
    figures: &Figures,
    selection: &Selection,
) -> Result<(), Failure> {
    let scenario = imported.scenario(figures);
    for (name, text) in &scenario.files {
        let path = out.join(name);
        files::create_folder(path.parent().unwrap_or(out))?;
        files::write(&path, text)?;
    }
    files::write(
        &out.join("pools.json"),
        &imported.site.pools_file().to_string(),
    )?;
    let manifest = imported.manifest(selection, figures);
    files::write(&out.join("import.json"), &manifest)?;
    files::write(&out.join(SCENARIO), &scenario.text)
}

/// What was excluded, for a person.
fn tell(imported: &Imported) {
    for (exclusion, found) in imported.exclusions.iter() {
        let colon = if found.examples.is_empty() { "" } else { ": " };
        let (count, words) = (found.count, exclusion.words());
        let examples = found.examples.join("; ");
        say(&format!("{count} {words}{colon}{examples}"));
    }
}

/// Does what needs a folder; after an error the folders that were made for it are gone again.
fn with_folder<T>(folder: &Path, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let made: Vec<&Path> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .collect();
    files::create_folder(folder)?;
    let done = work();
    if done.is_err() {
        files::remove_empty(&made);
    }
    done
}

/// Where the tables are, as it is told, and the tables.
fn open(args: &AirflowArgs) -> Result<(String, Box<dyn Source>), Failure> {
    if let Some(folder) = &args.csv {
        let place = folder.display().to_string();
        let source = CsvSource::open(folder).map_err(|error| outside(&place, &error))?;
        return Ok((place, Box::new(source)));
    }
    let db = args.db.as_deref().unwrap_or_default();
    match db.split_once(':') {
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => {
            use crate::import::airflow::SqliteSource;
            let source =
                SqliteSource::open(Path::new(path)).map_err(|error| outside(db, &error))?;
            Ok((db.to_owned(), Box::new(source)))
        }
        #[cfg(feature = "postgres")]
        Some((scheme, _)) if scheme.starts_with("postgres") => {
            use crate::import::airflow::{Address, PostgresSource};
            let address =
                Address::read(db).map_err(|error| Failure::Invalid(format!("`--db`: {error}")))?;
            let place = address.shown().to_owned();
            let source =
                PostgresSource::connect(&address).map_err(|error| outside(&place, &error))?;
            Ok((place, Box::new(source)))
        }
        // What was given is not repeated: it may hold a password.
        _ => Err(Failure::Invalid(
            "`--db` takes `sqlite:PATH` or `postgresql://USER@HOST:PORT/DATABASE`; of other databases export the tables and \
             give `--csv FOLDER`"
                .into(),
        )),
    }
}

fn outside(place: &str, error: &SourceError) -> Failure {
    Failure::Outside(format!("{place}: {error}"))
}

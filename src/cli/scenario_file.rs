//! A scenario file on the command line: read with its settings, checked, and its problems shown.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;
use sha1::{Digest, Sha1};

use super::output::say;
use super::{Failure, files};
use crate::scenario::{self, Color, Diagnostics, Files, Knob, Points, ReadFile, Scenario, Setting};

/// Which scenario, and what is changed in it.
#[derive(Clone, Debug, clap::Args)]
pub struct ScenarioArgs {
    /// The scenario file (YAML or JSON).
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replaces a value, such as `--set pools.database_pool.slots=12`; may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,
}

/// A scenario that has been read, with all that is needed to read it again.
#[derive(Debug)]
pub(crate) struct ScenarioFile {
    pub(crate) scenario: Scenario,
    /// Its path, as it was given.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) settings: Vec<String>,
    pub(crate) inputs: Inputs,
}

impl ScenarioArgs {
    /// Reads the scenario; `more` settings come after those of the command line. Warnings go to stderr.
    pub(crate) fn read(&self, more: Vec<String>) -> Result<ScenarioFile, Failure> {
        let text = files::read(&self.file)?;
        let settings = self.settings.iter().cloned().chain(more).collect();
        let folder = self.file.parent().unwrap_or_else(|| "".as_ref());
        let inputs = Inputs {
            folder: Some(folder.to_path_buf()),
            read: Mutex::default(),
        };
        let name = self.file.display().to_string();
        let (file, warnings) = ScenarioFile::read(name, text, settings, inputs)?;
        if !warnings.list.is_empty() {
            say(warnings.render(color()).trim_end());
        }
        Ok(file)
    }
}

impl ScenarioFile {
    /// Reads a text with its settings; also what is doubtful about it.
    pub(crate) fn read(
        name: String,
        text: String,
        settings: Vec<String>,
        inputs: Inputs,
    ) -> Result<(Self, Diagnostics), Failure> {
        let checked = scenario::read_with(&text, &name, &parsed(&settings)?, &inputs);
        let checked = checked.map_err(|problems| diagnosed(&problems))?;
        let file = Self {
            scenario: checked.value,
            name,
            text,
            settings,
            inputs,
        };
        Ok((file, checked.warnings))
    }

    /// The points of its sweep, or with `is_swept` false the scenario itself as the only point.
    pub(crate) fn points(&self, is_swept: bool) -> Result<Points<'_>, Failure> {
        let settings = parsed(&self.settings)?;
        let read = if is_swept {
            Points::of_sweep
        } else {
            Points::single
        };
        let points = read(&self.text, &self.name, &settings, &self.inputs);
        points.map_err(|problems| diagnosed(&problems))
    }

    /// The scenario with the name and the text of its file.
    pub(crate) fn read_file(&self) -> ReadFile<'_> {
        ReadFile {
            name: &self.name,
            text: &self.text,
            scenario: &self.scenario,
        }
    }

    /// The knobs that could be turned.
    pub(crate) fn knobs(&self) -> Result<Vec<Knob>, Failure> {
        let found = scenario::knobs(&self.text, &parsed(&self.settings)?, &self.scenario);
        found.map_err(|problems| diagnosed(&problems))
    }

    /// The scenario with one more setting; warnings are not told again.
    pub(crate) fn with_setting(&self, setting: &str) -> Result<Scenario, Diagnostics> {
        let settings = self.settings.iter().map(String::as_str);
        // A setting without `=` has been refused when the file was read.
        let parsed: Vec<_> = settings
            .chain([setting])
            .filter_map(|one| parse_setting(one).ok())
            .collect();
        let read = scenario::read_with(&self.text, &self.name, &parsed, &self.inputs);
        read.map(|checked| checked.value)
    }
}

/// The failure that shows what is wrong.
pub(crate) fn diagnosed(problems: &Diagnostics) -> Failure {
    Failure::Diagnosed(problems.render(color()))
}

/// SHA-1 in hexadecimal, as `sha1sum` and git print it.
pub(crate) fn sha1(content: &str) -> String {
    let mut text = String::new();
    for byte in Sha1::digest(content) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn parsed(settings: &[String]) -> Result<Vec<Setting<'_>>, Failure> {
    settings.iter().map(|one| parse_setting(one)).collect()
}

fn parse_setting(setting: &str) -> Result<Setting<'_>, Failure> {
    let (path, value) = setting.split_once('=').ok_or_else(|| {
        Failure::Invalid(format!(
            "`--set {setting}` has no `=`: write `--set PATH=VALUE`"
        ))
    })?;
    Ok(Setting { path, value })
}

/// Colours where a person looks.
pub(crate) fn color() -> Color {
    if std::io::stderr().is_terminal() {
        Color::Ansi
    } else {
        Color::Plain
    }
}

/// The files beside the scenario. Each is read once, so that all points of a sweep see the same, and remembered for the
/// manifest.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// Where they are; none if there are no others than those that have been read.
    folder: Option<PathBuf>,
    read: Mutex<IndexMap<String, String>>,
}

impl Inputs {
    /// These files and no others.
    pub(crate) fn known(files: IndexMap<String, String>) -> Self {
        Self {
            folder: None,
            read: Mutex::new(files),
        }
    }

    /// The texts of the files that have been read, by name.
    pub(crate) fn texts(&self) -> IndexMap<String, String> {
        self.known_files().clone()
    }

    fn known_files(&self) -> std::sync::MutexGuard<'_, IndexMap<String, String>> {
        // A panic of another thread ends the process anyway.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Inputs {
    fn read(&self, relative: &str) -> Result<String, String> {
        let mut known = self.known_files();
        if let Some(text) = known.get(relative) {
            return Ok(text.clone());
        }
        let folder = self.folder.as_ref();
        let folder = folder.ok_or("it was not read when the plan was made")?;
        let text =
            std::fs::read_to_string(folder.join(relative)).map_err(|error| error.to_string())?;
        known.insert(relative.to_owned(), text.clone());
        Ok(text)
    }
}

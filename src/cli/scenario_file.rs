//! A scenario file on the command line: read with its settings, checked, and its problems shown.

use std::cell::RefCell;
use std::fmt::Write;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

use super::output::say;
use super::{Failure, files};
use crate::scenario::{self, Color, Diagnostics, Files, Knob, ReadFile, Scenario, Setting};

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
    /// The files beside the scenario that were read, with their SHA-1.
    pub(crate) inputs: Vec<(String, String)>,
}

impl ScenarioArgs {
    /// Reads the scenario; `more` settings come after those of the command line. Warnings go to stderr.
    pub(crate) fn read(&self, more: Vec<String>) -> Result<ScenarioFile, Failure> {
        let text = files::read(&self.file)?;
        let settings: Vec<String> = self.settings.iter().cloned().chain(more).collect();
        let parsed = settings
            .iter()
            .map(|setting| parse_setting(setting))
            .collect::<Result<Vec<_>, _>>()?;
        let beside = Beside::new(&self.file);
        let name = self.file.display().to_string();
        match scenario::read_with(&text, &name, &parsed, &beside) {
            Ok(checked) => {
                show(&checked.warnings);
                let inputs = beside.read.into_inner();
                Ok(ScenarioFile {
                    scenario: checked.value,
                    name,
                    text,
                    settings,
                    inputs,
                })
            }
            Err(problems) => Err(Failure::Diagnosed(problems.render(color()))),
        }
    }
}

impl ScenarioFile {
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
        let settings = self.settings.iter();
        let parsed = settings.map(|setting| parse_setting(setting));
        let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
        let found = scenario::knobs(&self.text, &parsed, &self.scenario);
        found.map_err(|problems| Failure::Diagnosed(problems.render(color())))
    }

    /// The scenario with one more setting, or the first problem of that; warnings are not told again.
    pub(crate) fn with_setting(&self, setting: &str) -> Result<Scenario, String> {
        let settings = self.settings.iter().map(String::as_str);
        let parsed = settings.chain([setting]).map(parse_setting);
        let parsed: Result<Vec<_>, _> = parsed.collect();
        let parsed = parsed.map_err(|failure| failure.to_string())?;
        let beside = Beside::new(Path::new(&self.name));
        let read = scenario::read_with(&self.text, &self.name, &parsed, &beside);
        read.map(|checked| checked.value).map_err(|problems| {
            let first = problems.list.into_iter().next();
            first.map_or_else(String::new, |problem| problem.message)
        })
    }
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

fn parse_setting(setting: &str) -> Result<Setting<'_>, Failure> {
    let (path, value) = setting.split_once('=').ok_or_else(|| {
        Failure::Invalid(format!(
            "`--set {setting}` has no `=`: write `--set PATH=VALUE`"
        ))
    })?;
    Ok(Setting { path, value })
}

fn show(warnings: &Diagnostics) {
    if !warnings.list.is_empty() {
        say(warnings.render(color()).trim_end());
    }
}

/// Colours where a person looks.
pub(crate) fn color() -> Color {
    if std::io::stderr().is_terminal() {
        Color::Ansi
    } else {
        Color::Plain
    }
}

/// The files in the folder of the scenario; what was read is remembered for the manifest.
struct Beside {
    folder: PathBuf,
    read: RefCell<Vec<(String, String)>>,
}

impl Beside {
    fn new(scenario: &Path) -> Self {
        let folder = scenario.parent().unwrap_or(Path::new("")).to_path_buf();
        Self {
            folder,
            read: RefCell::default(),
        }
    }
}

impl Files for Beside {
    fn read(&self, relative: &str) -> Result<String, String> {
        let text = std::fs::read_to_string(self.folder.join(relative))
            .map_err(|error| error.to_string())?;
        self.read
            .borrow_mut()
            .push((relative.to_owned(), sha1(&text)));
        Ok(text)
    }
}

//! `slotwise report`: makes a report again from the results on disk, or sets two results side by side.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;
use super::output::{print, say};
use super::results::RunFolder;
use crate::report::document::{Document, side_by_side};

/// The arguments of `slotwise report`.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// A folder of results, or two to set side by side.
    #[arg(value_name = "DIR", required = true, num_args = 1..=2)]
    pub folders: Vec<PathBuf>,
    /// Where the report goes: a folder, or `none`; the default is the folder of the results, for two `output/side_by_side`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Reads, prints the answer and writes the report in all its forms.
pub(crate) fn run(args: &ReportArgs) -> Result<(), Failure> {
    let documents = args.folders.iter().map(|folder| read(folder));
    let documents = documents.collect::<Result<Vec<_>, _>>()?;
    let mut text = String::new();
    let (document, usual) = match (documents.as_slice(), args.folders.as_slice()) {
        ([first, second], [a, b]) => {
            let [a, b] = names(a, b);
            for (name, one) in [(&a, first), (&b, second)] {
                tell(&mut text, &format!("{name}: {}", one.title), one);
            }
            let both = side_by_side([&a, &b], [first, second]);
            (both, PathBuf::from("output/side_by_side"))
        }
        ([only], [folder]) => {
            tell(&mut text, &only.title, only);
            (only.clone(), folder.clone())
        }
        _ => return Err(Failure::Invalid("one or two folders are needed".into())),
    };
    print(&text)?;
    if let Some(folder) = RunFolder::open(args.out.as_deref(), usual)? {
        folder.put_document(&document)?;
        say(&format!("the report is in `{}`", folder.path().display()));
    }
    Ok(())
}

/// What a terminal shows of a report: its answer.
fn tell(text: &mut String, heading: &str, document: &Document) {
    let gap = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{gap}{heading}");
    for sentence in document.answers() {
        let _ = writeln!(text, "{sentence}");
    }
}

fn read(folder: &Path) -> Result<Document, Failure> {
    let path = folder.join("report.json");
    let shown = path.display();
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::Invalid(format!(
            "cannot read `{shown}`: {error}; every command with `--out` writes one into its folder of results"
        ))
    })?;
    Document::from_json(&text).map_err(|error| Failure::Invalid(format!("`{shown}`: {error}")))
}

/// What two folders are called: their last parts, or their whole paths if those are the same.
fn names(a: &Path, b: &Path) -> [String; 2] {
    let last = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    match (last(a), last(b)) {
        (Some(a), Some(b)) if a != b => [a, b],
        _ => [a, b].map(|path| path.display().to_string()),
    }
}

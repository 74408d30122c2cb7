//! A report before it is a file: what is said, in order, with its charts and tables, and nothing of how it looks.
//!
//! It is `report.json` on disk, from which the page for a browser and the text in Markdown can be made again. Whoever adds
//! a kind of block raises no version; whoever changes the meaning of one raises [`Document::VERSION`].

mod html;
mod markdown;
mod side_by_side;
mod table;

pub use side_by_side::side_by_side;
pub use table::{Cell, Table};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A report from the top to the bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The version of this form; readers refuse those that they do not know.
    pub version: u32,
    /// The version of slotwise that made it.
    pub slotwise: String,
    /// What it is called.
    pub title: String,
    /// What the scenario is about, in its own words.
    pub about: Option<String>,
    /// What is said, in order. In texts that are not quoted from elsewhere, names stand between backquotes.
    pub blocks: Vec<Block>,
}

/// One thing that is said or shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// The answer: sentences of which the first matters most.
    Answer {
        /// The sentences.
        sentences: Vec<String>,
    },
    /// What is met and what is missed.
    Marked {
        /// The lines.
        lines: Vec<Mark>,
    },
    /// Begins a part.
    Section {
        /// What it asks or tells.
        heading: String,
    },
    /// A text.
    Paragraph {
        /// The text.
        text: String,
    },
    /// What can be done with the page in a browser.
    Hint {
        /// The text.
        text: String,
    },
    /// A chart.
    Figure {
        /// The name of its file without the extension.
        name: String,
        /// What it shows, for those who do not see it.
        words: String,
        /// The picture.
        svg: String,
    },
    /// A table.
    Table(Table),
    /// Pairs of a word and what it means here.
    Facts {
        /// The pairs.
        facts: Vec<(String, String)>,
    },
    /// A command to copy.
    Command {
        /// The command.
        text: String,
    },
    /// A text that is shown when asked for.
    Folded {
        /// What it is.
        heading: String,
        /// The text.
        text: String,
    },
    /// Values for the script of the page.
    Data {
        /// What the script calls them.
        id: String,
        /// The values.
        values: Value,
    },
}

/// A sentence, and whether it tells of success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// Whether what is wanted is so.
    pub met: bool,
    /// The sentence.
    pub sentence: String,
}

/// A document that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is not one.
    #[error("it is not a report of slotwise: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of another time.
    #[error("it is a report of version {0}, and this slotwise reads version {version}", version = Document::VERSION)]
    Version(u32),
    /// A table has a hole.
    #[error("a row of the table `{0}` has not a cell for each column")]
    Row(String),
}

impl Document {
    /// The version of the form that is written.
    pub const VERSION: u32 = 1;

    /// A document with that title, and what it is about below it.
    pub(super) fn new(title: &str, about: Option<&str>) -> Self {
        Self {
            version: Self::VERSION,
            slotwise: env!("CARGO_PKG_VERSION").to_owned(),
            title: title.to_owned(),
            about: about.map(str::to_owned),
            blocks: Vec::new(),
        }
    }

    /// Reads what [`Self::to_json`] has written.
    ///
    /// # Errors
    /// [`DocumentError`] if the text is something else, or of another version.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_str(text)?;
        if version != Self::VERSION {
            return Err(DocumentError::Version(version));
        }
        let document: Self = serde_json::from_str(text)?;
        let tables = document.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        });
        for table in tables {
            let is_whole = |row: &Vec<Cell>| !row.is_empty() && row.len() == table.columns.len();
            if !table.rows.iter().all(is_whole) {
                return Err(DocumentError::Row(table.caption.clone()));
            }
        }
        Ok(document)
    }

    /// The text of `report.json`.
    pub fn to_json(&self) -> String {
        // Nothing in a document has keys that are no texts, the only thing that could not be written.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// The JSON Schema of `report.json`.
    pub fn schema() -> String {
        let schema = schemars::schema_for!(Self);
        format!("{:#}\n", schema.as_value())
    }

    /// The charts, each with the name of its file without the extension.
    pub fn figures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Figure { name, svg, .. } => Some((name.as_str(), svg.as_str())),
            _ => None,
        })
    }

    /// The answers, which are all that a terminal shows of it.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        let sentences = self.blocks.iter().map(|block| match block {
            Block::Answer { sentences } => sentences.as_slice(),
            _ => &[],
        });
        sentences.flatten().map(String::as_str)
    }

    pub(super) fn section(&mut self, heading: &str) {
        let heading = heading.to_owned();
        self.blocks.push(Block::Section { heading });
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let text = text.to_owned();
        self.blocks.push(Block::Paragraph { text });
    }

    pub(super) fn answer(&mut self, sentences: &[String]) {
        let sentences = sentences.to_vec();
        self.blocks.push(Block::Answer { sentences });
    }

    pub(super) fn marked(&mut self, lines: impl Iterator<Item = (bool, String)>) {
        let lines = lines.map(|(met, sentence)| Mark { met, sentence });
        let lines = lines.collect();
        self.blocks.push(Block::Marked { lines });
    }

    pub(super) fn hint(&mut self, text: &str) {
        let text = text.to_owned();
        self.blocks.push(Block::Hint { text });
    }

    pub(super) fn folded(&mut self, heading: &str, text: &str) {
        let (heading, text) = (heading.to_owned(), text.to_owned());
        self.blocks.push(Block::Folded { heading, text });
    }

    /// A chart as it is in its file.
    pub(super) fn figure(&mut self, name: &str, svg: &[u8], words: &str) {
        self.blocks.push(Block::Figure {
            name: name.to_owned(),
            words: words.to_owned(),
            svg: String::from_utf8_lossy(svg).into_owned(),
        });
    }

    pub(super) fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    pub(super) fn facts(&mut self, facts: &[(&str, String)]) {
        let facts = facts
            .iter()
            .map(|(name, fact)| ((*name).to_owned(), fact.clone()));
        let facts = facts.collect();
        self.blocks.push(Block::Facts { facts });
    }

    pub(super) fn command(&mut self, text: &str) {
        let text = text.to_owned();
        self.blocks.push(Block::Command { text });
    }

    pub(super) fn data(&mut self, id: &str, values: Value) {
        let id = id.to_owned();
        self.blocks.push(Block::Data { id, values });
    }
}

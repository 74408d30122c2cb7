//! The file that `airflow pools export` writes and `airflow pools import` reads: text and pools, both ways.
//!
//! Written byte for byte as Airflow 3.3.2 does, which is Python's `json.dumps(pools, sort_keys=True, indent=4)`:
//! names in the order of their code points, everything but printable ASCII as `\uXXXX`, no line break at the end.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, ser::PrettyFormatter};

use super::pool::{LONGEST_POOL_NAME, Pool};

/// Pools by name, as Airflow exports them.
///
/// ```
/// use slotwise::deployment::PoolsFile;
///
/// let text = "{\n    \"api\": {\n        \"description\": null,\n        \"include_deferred\": false,\n        \"slots\": 4\n    }\n}";
/// let (pools, rejected) = PoolsFile::parse(text)?;
/// assert_eq!(pools.get("api").map(|pool| pool.slots), Some(4));
/// assert!(rejected.is_empty());
/// assert_eq!(pools.to_string(), text);
/// # Ok::<(), slotwise::deployment::PoolsFileError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolsFile {
    entries: BTreeMap<String, Entry>,
}

/// An entry that could not be read; the others can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedPool {
    /// The name it stands under.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The text is not a JSON object; the reason says where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a pools file: {0}")]
pub struct PoolsFileError(String);

/// The fields stand in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    // Named explicitly, or serde would take a missing description for a null one; Airflow refuses the former.
    #[serde(deserialize_with = "Option::deserialize")]
    description: Option<String>,
    #[serde(default)]
    include_deferred: bool,
    slots: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team_name: Option<String>,
}

impl PoolsFile {
    /// Reads the file: what Airflow would import, and the entries that it would report as failed. The number of
    /// slots is not checked, because Airflow does not do so here: an exported file may hold -7.
    ///
    /// # Errors
    /// The text is not a JSON object.
    pub fn parse(text: &str) -> Result<(Self, Vec<RejectedPool>), PoolsFileError> {
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| PoolsFileError(error.to_string()))?;
        let (mut file, mut rejected) = (Self::default(), Vec::new());
        for (name, value) in object {
            match Entry::read(&name, value) {
                Ok(entry) => _ = file.entries.insert(name, entry),
                Err(reason) => rejected.push(RejectedPool { name, reason }),
            }
        }
        Ok((file, rejected))
    }

    /// The pool of that name.
    pub fn get(&self, name: &str) -> Option<Pool> {
        self.entries.get(name).map(|entry| entry.pool(name))
    }

    /// All pools, in the order of the file.
    pub fn pools(&self) -> impl ExactSizeIterator<Item = Pool> {
        self.entries.iter().map(|(name, entry)| entry.pool(name))
    }

    /// Writes a pool whole; its team, which Airflow 3.2 and later may know, stays. Whether it is new.
    pub fn insert(&mut self, pool: Pool) -> bool {
        let before = self.entries.get(&pool.name);
        let is_new = before.is_none();
        let entry = Entry {
            description: pool.description,
            include_deferred: pool.include_deferred,
            slots: pool.slots,
            team_name: before.and_then(|entry| entry.team_name.clone()),
        };
        self.entries.insert(pool.name, entry);
        is_new
    }

    /// Takes over every pool of another file as it is there, the team too, as `airflow pools import` does.
    pub fn import(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Deletes a pool; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.entries.remove(name).is_some()
    }
}

impl Entry {
    fn read(name: &str, value: Value) -> Result<Self, String> {
        match name.chars().count() {
            0 => Err("its name is empty".into()),
            1..=LONGEST_POOL_NAME => serde_json::from_value(value).map_err(|e| e.to_string()),
            length => Err(format!(
                "its name has {length} characters, and {LONGEST_POOL_NAME} is the most"
            )),
        }
    }

    fn pool(&self, name: &str) -> Pool {
        Pool {
            name: name.into(),
            slots: self.slots,
            description: self.description.clone(),
            include_deferred: self.include_deferred,
        }
    }
}

impl fmt::Display for PoolsFile {
    /// The bytes of `airflow pools export`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        let indent = PrettyFormatter::with_indent(b"    ");
        let mut json = serde_json::Serializer::with_formatter(&mut bytes, indent);
        self.entries.serialize(&mut json).map_err(|_| fmt::Error)?;
        let text = String::from_utf8(bytes).map_err(|_| fmt::Error)?;
        // Outside its strings JSON is printable ASCII and line breaks, so that this touches strings only.
        text.chars().try_for_each(|c| write_ascii(f, c))
    }
}

/// Writes a character as Python does, which escapes the delete character too; serde has escaped the other controls.
fn write_ascii(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    use fmt::Write;
    if c.is_ascii() && c != '\x7f' {
        return f.write_char(c);
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units)
        .iter()
        .try_for_each(|unit| write!(f, "\\u{unit:04x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `airflow pools export` of Airflow 3.3.2 wrote.
    const EXPORTED: &str = include_str!("pools_file_exported.json");

    fn read(text: &str) -> PoolsFile {
        let (pools, rejected) = PoolsFile::parse(text).unwrap();
        assert_eq!(rejected, []);
        pools
    }

    #[test]
    fn an_export_of_airflow_is_written_back_byte_for_byte() {
        let pools = read(EXPORTED);
        assert_eq!(pools.to_string(), EXPORTED);
        assert_eq!(pools.get("zürich 🚀").unwrap().slots, -7);
        assert_eq!(pools.get("zürich 🚀").unwrap().description, None);
        assert!(pools.get("a/b \"q\" \\ \t\x7f").unwrap().include_deferred);
    }

    #[test]
    fn an_empty_file_is_an_empty_object() {
        assert_eq!(PoolsFile::default().to_string(), "{}");
        assert_eq!(read("{}"), PoolsFile::default());
    }

    #[test]
    fn incomplete_entries_are_rejected_and_the_others_read() {
        let text = r#"{"no slots": {"description": ""}, "no text": {"slots": 1}, "number": 5,
                       "": {"slots": 1, "description": ""}, "good": {"slots": 1, "description": null, "extra": 0}}"#;
        let (pools, rejected) = PoolsFile::parse(text).unwrap();
        assert_eq!(pools.pools().len(), 1);
        assert!(!pools.get("good").unwrap().include_deferred);
        let names: Vec<_> = rejected.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["no slots", "no text", "number", ""]);
        assert_eq!(rejected[1].reason, "missing field `description`");
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in ["", "[]", "{", "{\"a\": }"] {
            let error = PoolsFile::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("not a pools file: "), "{error}");
        }
    }

    #[test]
    fn a_team_stays_when_its_pool_changes_and_goes_when_an_import_says_so() {
        let team = r#"{"p": {"slots": 1, "description": "", "team_name": "ops"}}"#;
        let mut pools = read(team);
        let pool = Pool {
            slots: 2,
            ..pools.get("p").unwrap()
        };
        assert!(!pools.insert(pool));
        assert!(
            pools
                .to_string()
                .contains("\"slots\": 2,\n        \"team_name\": \"ops\"\n")
        );
        pools.import(read(r#"{"p": {"slots": 3, "description": ""}}"#));
        assert!(!pools.to_string().contains("team_name"));
    }
}

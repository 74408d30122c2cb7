//! Where a script stands: in a file of its own, or within the scenario, whose lines are then told.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A script and the text it stands in.
#[derive(Clone, PartialEq, Eq)]
pub struct ScriptSource {
    name: Arc<str>,
    /// What the name names: the file of the script, or of the scenario.
    text: Arc<str>,
    script: Arc<str>,
    /// The part of the text that is the script.
    part: Range<usize>,
    /// Where in the text each line of the script begins; empty if the script is written there in other letters.
    lines: Arc<[usize]>,
}

/// A stretch of bytes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptPlace {
    /// The name of the text, such as `my_policy.rhai`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// The bytes of it.
    pub bytes: Range<usize>,
}

impl ScriptSource {
    /// A script that is the whole text of a file.
    pub fn of_file(name: &str, text: &str) -> Self {
        let text: Arc<str> = text.into();
        let mut at = 0;
        let begin = |line: &str| {
            let begin = at;
            at += line.len();
            begin
        };
        Self {
            name: name.into(),
            script: Arc::clone(&text),
            part: 0..text.len(),
            lines: text.split_inclusive('\n').map(begin).collect(),
            text,
        }
    }

    /// A script within a larger text, of which it is the value at `part`: literal, indented as a block, or quoted. Where
    /// the value is not written as it is (it has escapes, or folded lines), all of it stands for each of its places.
    pub fn within(name: &str, text: &str, part: Range<usize>, script: &str) -> Self {
        let part = part.start.min(text.len())..part.end.min(text.len());
        Self {
            name: name.into(),
            lines: lines_within(text, &part, script).unwrap_or_default().into(),
            text: text.into(),
            script: script.into(),
            part,
        }
    }

    /// The script.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// The name of the text without its folder.
    pub(super) fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The word at a line and a column of the script, both counted from 1.
    pub(super) fn at(&self, line: usize, column: usize) -> ScriptPlace {
        let begin = line.checked_sub(1).and_then(|line| self.lines.get(line));
        let Some(&begin) = begin else {
            return self.end();
        };
        let rest = self.text.get(begin..).unwrap_or_default();
        let rest = rest.lines().next().unwrap_or_default();
        let skipped = rest.char_indices().nth(column.saturating_sub(1));
        let mut start = skipped.map_or(rest.len(), |(at, _)| at);
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
        // A name behind a point is what is meant by the place of the point.
        if rest[start..]
            .strip_prefix('.')
            .is_some_and(|name| name.starts_with(is_of_word))
        {
            start += 1;
        }
        let word: usize = rest[start..]
            .chars()
            .take_while(|&c| is_of_word(c))
            .map(char::len_utf8)
            .sum();
        let first = rest[start..].chars().next().map_or(0, char::len_utf8);
        self.bytes(begin + start..begin + start + word.max(first))
    }

    /// The last line of the script with something in it, or all of it.
    pub(super) fn end(&self) -> ScriptPlace {
        let written = |line: &str| !line.trim().is_empty();
        let last = self.script.lines().rev().position(written);
        let count = self.script.lines().count();
        let last = last.map(|from_end| count - 1 - from_end);
        let begin = last.and_then(|last| self.lines.get(last));
        let Some(&begin) = begin else {
            return self.bytes(self.part.clone());
        };
        let line = self.text.get(begin..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        self.bytes(begin + indent..begin + line.trim_end().len())
    }

    fn bytes(&self, bytes: Range<usize>) -> ScriptPlace {
        ScriptPlace {
            name: Arc::clone(&self.name),
            text: Arc::clone(&self.text),
            bytes,
        }
    }
}

/// Where each line of the script begins in the text; none if it is not written there as it is.
fn lines_within(text: &str, part: &Range<usize>, script: &str) -> Option<Vec<usize>> {
    let value = text.get(part.clone())?;
    if !script.trim_end().contains('\n')
        && let Some(at) = value.find(script.trim_end())
    {
        return Some(vec![part.start + at]);
    }
    // A block is indented; its place begins with its first letter, or with the `|` on the line before.
    let first = text[..part.start].rfind('\n').map_or(0, |at| at + 1);
    let second = text[part.start..].find('\n').map(|at| part.start + at + 1);
    let mut begins = [Some(first), second].into_iter().flatten();
    begins.find_map(|begin| lines_of_block(text, begin, script))
}

/// Where each line of a script begins in a block of the text; its empty first lines may stand before the block.
fn lines_of_block(text: &str, mut at: usize, script: &str) -> Option<Vec<usize>> {
    let is_empty = |line: &&str| line.trim().is_empty();
    let mut lines = vec![at; script.lines().take_while(is_empty).count()];
    for line in script.lines().skip_while(is_empty) {
        let whole = text.get(at..)?.split_inclusive('\n').next()?;
        let ended = whole.trim_end_matches(['\n', '\r']);
        let indent = ended.strip_suffix(line)?;
        if !indent.trim().is_empty() {
            return None;
        }
        lines.push(at + indent.len());
        at += whole.len();
    }
    Some(lines)
}

impl ScriptPlace {
    /// Its line in the text, counted from 1.
    pub fn line(&self) -> usize {
        let before = self.text.get(..self.bytes.start).unwrap_or_default();
        1 + before.matches('\n').count()
    }
}

impl fmt::Debug for ScriptSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptSource")
            .field("name", &self.name)
            .field("script", &self.script)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ScriptPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(place: &ScriptPlace) -> (&str, usize) {
        (&place.text[place.bytes.clone()], place.line())
    }

    #[test]
    fn a_file_is_its_own_text() {
        let source = ScriptSource::of_file("scripts/a.rhai", "let é = 1;\né + slts\n\n");
        assert_eq!(shown(&source.at(2, 5)), ("slts", 2));
        assert_eq!(shown(&source.at(2, 3)), ("+", 2));
        let named = ScriptSource::of_file("b.rhai", "load.slts");
        assert_eq!(shown(&named.at(1, 5)), ("slts", 1));
        assert_eq!(shown(&source.end()), ("é + slts", 2));
        assert_eq!(source.short_name(), "a.rhai");
        assert_eq!(source.at(2, 5).to_string(), "scripts/a.rhai:2");
    }

    #[test]
    fn a_block_is_found_behind_its_indent() {
        let text = "a:\n  text: |\n    let x = 1;\n\n      x + y\nb: 2\n";
        let start = text.find('|').unwrap();
        let script = "let x = 1;\n\n  x + y\n";
        for part in [start..start + 1, start + 6..text.len()] {
            let source = ScriptSource::within("s.yaml", text, part, script);
            assert_eq!(shown(&source.at(1, 5)), ("x", 3));
            assert_eq!(shown(&source.at(3, 7)), ("y", 5));
            assert_eq!(shown(&source.end()), ("x + y", 5));
        }
    }

    #[test]
    fn a_line_is_found_within_quotes_and_escapes_are_not_guessed() {
        let within = |text: &str, script| {
            let start = text.find('"').unwrap();
            ScriptSource::within("s.yaml", text, start..text.len(), script)
        };
        let plain = within("t: \"load.slts\"", "load.slts");
        assert_eq!(shown(&plain.at(1, 6)), ("slts", 1));
        let escaped = within(r#"t: "a\n+ b""#, "a\n+ b");
        assert_eq!(shown(&escaped.at(2, 3)), (r#""a\n+ b""#, 1));
    }

    #[test]
    fn places_outside_of_the_text_do_no_harm() {
        let source = ScriptSource::of_file("a.rhai", "");
        assert_eq!(shown(&source.at(7, 9)), ("", 1));
        let source = ScriptSource::within("s.yaml", "x", 5..9, "let");
        assert_eq!(shown(&source.at(1, 1)), ("", 1));
    }
}

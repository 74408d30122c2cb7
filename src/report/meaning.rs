//! What a value means to its reader, in colour. The words or the number say it, too, so nothing is lost where there is none.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color};

use crate::experiment::DifferenceVerdict;

/// Good news or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// As it should be.
    Good,
    /// Worth a second look.
    Doubtful,
    /// Not as it should be.
    Bad,
}

impl Meaning {
    /// Of what was asked for: whether it is so.
    pub const fn of(is_met: bool) -> Self {
        if is_met { Self::Good } else { Self::Bad }
    }

    /// Words of this meaning for a terminal. The ANSI codes around them are for the one who prints them to leave or to take out.
    pub fn words(self, text: &str) -> String {
        let color = match self {
            Self::Good => AnsiColor::Green,
            Self::Doubtful => AnsiColor::Yellow,
            Self::Bad => AnsiColor::Red,
        };
        let style = Style::new().fg_color(Some(color.into()));
        format!("{style}{text}{style:#}")
    }

    /// A cell of this meaning.
    pub(super) fn cell(self, text: impl ToString) -> Cell {
        Cell::new(text).fg(match self {
            Self::Good => Color::DarkGreen,
            Self::Doubtful => Color::DarkYellow,
            Self::Bad => Color::DarkRed,
        })
    }

    /// A cell that means so if that is the case, and nothing in particular else.
    pub(super) fn cell_if(self, is_so: bool, text: impl ToString) -> Cell {
        if is_so {
            self.cell(text)
        } else {
            Cell::new(text)
        }
    }
}

/// A cell of the text that a difference is told by.
pub(super) fn verdict_cell(verdict: DifferenceVerdict, text: impl ToString) -> Cell {
    match verdict {
        DifferenceVerdict::Better => Meaning::Good.cell(text),
        DifferenceVerdict::Worse => Meaning::Bad.cell(text),
        _ => Cell::new(text),
    }
}

/// A text as it looks in a file.
#[cfg(test)]
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::table;

    #[test]
    fn colours_are_around_the_words_and_cost_no_column() {
        let words = Meaning::Bad.words("NOT met");
        assert_eq!(words, "\u{1b}[31mNOT met\u{1b}[0m");
        let rows = [
            [Cell::new("first"), Meaning::Good.cell("met")],
            [Cell::new("second"), Cell::new("NOT met")],
        ];
        let coloured = table(80, ["policy", "objective"], rows.into_iter());
        assert!(coloured.contains("\u{1b}[38;5;2m"), "{coloured:?}");
        assert_eq!(
            plain(&coloured),
            "policy objective\n----------------\nfirst        met\nsecond   NOT met"
        );
    }
}

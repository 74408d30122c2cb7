//! A part of a plan, for one of several machines.

use std::fmt;
use std::str::FromStr;

/// The i-th of n parts: every n-th cell, from the i-th on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    of: u32,
    number: u32,
}

/// Why something is no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPart {
    /// The number is not one of those.
    #[error("there is no part {0} of {1}: parts are counted from 1")]
    Number(u32, u32),
    /// The text is not of that form.
    #[error("`{0}` is no part: write `i/n`, such as `3/7`")]
    Text(String),
}

impl Part {
    /// All of it.
    pub const WHOLE: Self = Self { of: 1, number: 1 };

    /// The part of that number, counted from 1, of so many.
    ///
    /// # Errors
    /// A number that is 0 or above `of`.
    pub const fn new(number: u32, of: u32) -> Result<Self, NoPart> {
        if number == 0 || number > of {
            return Err(NoPart::Number(number, of));
        }
        Ok(Self { of, number })
    }

    /// Its number, counted from 1.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many parts there are.
    pub const fn of(self) -> u32 {
        self.of
    }

    /// Its first cell.
    pub(super) fn first(self) -> u64 {
        u64::from(self.number - 1)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = NoPart;

    fn from_str(text: &str) -> Result<Self, NoPart> {
        let read = || {
            let (number, of) = text.split_once('/')?;
            Some((number.parse().ok()?, of.parse().ok()?))
        };
        let (number, of) = read().ok_or_else(|| NoPart::Text(text.into()))?;
        Self::new(number, of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let part: Part = "3/7".parse().unwrap();
        assert_eq!((part.number(), part.of()), (3, 7));
        assert_eq!(part.to_string(), "3/7");
        assert_eq!("1/1".parse(), Ok(Part::WHOLE));
    }

    #[test]
    fn what_is_no_part_is_refused() {
        let told = |text: &str| text.parse::<Part>().unwrap_err().to_string();
        assert_eq!(
            told("0/7"),
            "there is no part 0 of 7: parts are counted from 1"
        );
        assert_eq!(
            told("8/7"),
            "there is no part 8 of 7: parts are counted from 1"
        );
        assert_eq!(told("3"), "`3` is no part: write `i/n`, such as `3/7`");
        assert!(told("-1/7").contains("is no part"));
    }
}

//! `--part`: which part of a plan is ours, as given or as the environment of an array job tells.

use std::fmt;
use std::str::FromStr;

use crate::cli::Failure;
use crate::experiment::Part;

/// The argument of `--part`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartArg {
    /// `i/n`.
    Given(Part),
    /// `env`, or `env/n`: as the environment tells.
    Environment(Option<u32>),
}

impl FromStr for PartArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "env" {
            return Ok(Self::Environment(None));
        }
        if let Some(of) = text.strip_prefix("env/") {
            let of = of.parse().ok().filter(|&of| of > 0);
            let of = of.ok_or_else(|| format!("`{of:?}` is no number of parts"))?;
            return Ok(Self::Environment(Some(of)));
        }
        text.parse()
            .map(Self::Given)
            .map_err(|error: crate::experiment::NoPart| error.to_string())
    }
}

impl fmt::Display for PartArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(part) => part.fmt(f),
            Self::Environment(None) => f.write_str("env"),
            Self::Environment(Some(of)) => write!(f, "env/{of}"),
        }
    }
}

impl PartArg {
    /// The part that is meant.
    pub(crate) fn part(self) -> Result<Part, Failure> {
        self.part_in(|name| std::env::var(name).ok())
    }

    fn part_in(self, variable: impl Fn(&str) -> Option<String>) -> Result<Part, Failure> {
        let of = match self {
            Self::Given(part) => return Ok(part),
            Self::Environment(of) => of,
        };
        let number = |name| match variable(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                Failure::Invalid(format!("`{name}` is `{text}`, which is no whole number"))
            }),
        };
        // Slurm counts from wherever the user wants; Kubernetes from 0, and tells nobody how many there are.
        if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
            let first: u32 = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
            let last = number("SLURM_ARRAY_TASK_MAX")?;
            let count = number("SLURM_ARRAY_TASK_COUNT")?;
            let is_gapless = last.is_none_or(|last: u32| {
                count.is_none_or(|count| last.wrapping_sub(first).wrapping_add(1) == count)
            });
            if !is_gapless {
                let message = "the numbers of the Slurm array have gaps: number its tasks one after the other, or give `--part i/n`";
                return Err(Failure::Invalid(message.into()));
            }
            return numbered(id.wrapping_sub(first), of.or(count));
        }
        if let Some(index) = number("JOB_COMPLETION_INDEX")? {
            return numbered(index, of);
        }
        let message =
            "`--part env` needs `SLURM_ARRAY_TASK_ID` or `JOB_COMPLETION_INDEX` in the environment";
        Err(Failure::Invalid(message.into()))
    }
}

/// The part of that index, counted from 0.
fn numbered(index: u32, of: Option<u32>) -> Result<Part, Failure> {
    let message = "the environment does not tell how many parts there are: give `--part env/n`";
    let of = of.ok_or_else(|| Failure::Invalid(message.into()))?;
    let part = Part::new(index.saturating_add(1), of);
    part.map_err(|error| Failure::Invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `argument` means where these variables are set.
    fn part(argument: &str, variables: &[(&str, &str)]) -> String {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let argument: PartArg = argument.parse().unwrap();
        match argument.part_in(variable) {
            Ok(part) => part.to_string(),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn what_is_given_counts_whatever_the_environment_says() {
        assert_eq!(part("3/7", &[("SLURM_ARRAY_TASK_ID", "1")]), "3/7");
        assert!("7".parse::<PartArg>().is_err());
        assert!("env/0".parse::<PartArg>().is_err());
    }

    #[test]
    fn array_jobs_tell_their_part() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "12"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_MAX", "16"),
            ("SLURM_ARRAY_TASK_COUNT", "7"),
        ];
        assert_eq!(part("env", &slurm), "3/7");
        assert_eq!(part("env/9", &slurm), "3/9");
        assert_eq!(part("env/4", &[("JOB_COMPLETION_INDEX", "0")]), "1/4");
    }

    #[test]
    fn an_environment_that_says_too_little_is_refused() {
        assert!(part("env", &[]).contains("SLURM_ARRAY_TASK_ID"));
        let kubernetes = ("JOB_COMPLETION_INDEX", "4");
        assert!(part("env", &[kubernetes]).contains("give `--part env/n`"));
        assert_eq!(
            part("env/4", &[kubernetes]),
            "there is no part 5 of 4: parts are counted from 1"
        );
        let gaps = [
            ("SLURM_ARRAY_TASK_ID", "5"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "9"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert!(part("env", &gaps).contains("have gaps"));
        assert!(part("env", &[("SLURM_ARRAY_TASK_ID", "x")]).contains("no whole number"));
    }
}

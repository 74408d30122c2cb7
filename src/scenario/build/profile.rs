//! Rates that follow the hour and the day: factors by stretches of hours and of days become a rate for every hour of
//! the week.

use jiff::tz::{Offset, TimeZoneDatabase};

use super::Builder;
use crate::random::PointProcess;
use crate::random::arrivals::{HOURS_OF_A_WEEK, RateProfile};
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::document::Located;
use crate::scenario::near::quoted;
use crate::scenario::syntax::{Factors, ProfileSyntax};
use crate::time::{SimDuration, SimTime};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Builder<'_> {
    /// The profile on the clocks of `zone`, times `scale`.
    pub(super) fn profile(
        &mut self,
        syntax: &ProfileSyntax,
        zone: &str,
        scale: f64,
    ) -> PointProcess {
        let problems = self.found.len();
        let hours = match &syntax.hours {
            None => [1.0; 24],
            Some(hours) => {
                let factors = self.factors(hours, hours_of);
                if self.found.len() == problems {
                    self.refuse_gaps(&factors, hours.span);
                }
                factors.map(|factor| factor.unwrap_or(1.0))
            }
        };
        let days = match &syntax.days {
            None => [1.0; 7],
            Some(days) => {
                let factors = self.factors(days, days_of);
                factors.map(|factor| factor.unwrap_or(1.0))
            }
        };
        let rate = |hour: usize| syntax.rate.value.0 * scale * hours[hour % 24] * days[hour / 24];
        let offsets = offsets(
            zone,
            self.start(),
            self.start() + self.syntax.horizon.value.longest(),
        );
        let rates: [f64; HOURS_OF_A_WEEK] = std::array::from_fn(rate);
        let profile = RateProfile::new(rates, &offsets);
        if profile.is_none() && self.found.len() == problems {
            let factors = syntax.hours.as_ref().or(syntax.days.as_ref());
            self.report(invalid(
                "the factors of a profile must leave a rate that is above 0 and finite",
                factors.map_or(syntax.rate.span, |factors| factors.span),
            ));
        }
        profile.map_or(PointProcess::Poisson { rate: 0.0 }, PointProcess::Profile)
    }

    /// The factor of each part of a day or a week, if it has one.
    fn factors<const N: usize>(
        &mut self,
        given: &Factors,
        parts_of: fn(&str) -> Result<Vec<usize>, String>,
    ) -> [Option<f64>; N] {
        let mut factors = [None; N];
        let mut owners: [Option<&Located<String>>; N] = [None; N];
        for (stretch, factor) in given {
            if !(factor.value.is_finite() && factor.value >= 0.0) {
                let message = format!("the factor is {}, it must be 0 or more", factor.value);
                self.report(invalid(&message, factor.span));
            }
            let parts = match parts_of(stretch) {
                Ok(parts) => parts,
                Err(message) => {
                    self.report(invalid(&message, stretch.span));
                    continue;
                }
            };
            if let Some(other) = parts.iter().find_map(|&part| owners[part]) {
                let message = format!("`{}` and `{}` overlap", other.value, stretch.value);
                self.report(invalid(&message, stretch.span).label(other.span, "the other one"));
            }
            for part in parts {
                factors[part] = Some(factor.value);
                owners[part] = Some(stretch);
            }
        }
        factors
    }

    /// Whoever gives hours gives all of them: whether the others were to have the factor 0 or 1 is a guess.
    fn refuse_gaps(&mut self, hours: &[Option<f64>; 24], span: Span) {
        let mut gaps = Vec::new();
        let mut hour = 0;
        while hour < 24 {
            let length = hours[hour..].iter().take_while(|it| it.is_none()).count();
            if length > 0 {
                gaps.push(format!("{hour:02}-{:02}", hour + length));
            }
            hour += length.max(1);
        }
        if let Some(first) = gaps.first() {
            let message = format!(
                "`hours` leave out {}",
                quoted(gaps.iter().map(String::as_str))
            );
            let help = format!("add `\"{first}\": 1` for the plain rate there, or 0 for nothing");
            self.report(invalid(&message, span).help(help));
        }
    }
}

fn invalid(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error("profile::invalid", message).label(span, "")
}

/// The hours of `07-19`, from 07:00 to 19:00; of `22-06`, over midnight; of `12`, from 12:00 to 13:00.
fn hours_of(text: &str) -> Result<Vec<usize>, String> {
    let hour = |text: &str, last: usize| {
        let digits = text.trim();
        let is_number = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: Option<usize> = is_number.then(|| digits.parse().ok()).flatten();
        number.filter(|&number| number <= last)
    };
    let bounds = match text.split_once('-') {
        Some((from, to)) => hour(from, 23).zip(hour(to, 24)),
        None => hour(text, 23).map(|from| (from, from + 1)),
    };
    match bounds {
        Some((from, to)) if from < to => Ok((from..to).collect()),
        Some((from, to)) if from > to => Ok((from..24).chain(0..to).collect()),
        _ => Err(format!(
            "`{text}` is no stretch of hours such as `07-19`, `22-06` or `12`"
        )),
    }
}

/// The days of `mon-fri`; of `sat-mon`, over the end of the week; of `sun`.
fn days_of(text: &str) -> Result<Vec<usize>, String> {
    let day = |text: &str| {
        let name = text.trim().to_ascii_lowercase();
        DAYS.iter().position(|day| *day == name)
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (day(from), day(to)) {
        (Some(from), Some(to)) if from <= to => Ok((from..=to).collect()),
        (Some(from), Some(to)) => Ok((from..7).chain(0..=to).collect()),
        _ => Err(format!(
            "`{text}` is no day or stretch of days such as `mon-fri`; days are {}",
            quoted(DAYS)
        )),
    }
}

/// How far the clocks of a zone are ahead of UTC, each from its moment on.
fn offsets(zone: &str, from: SimTime, to: SimTime) -> Vec<(SimTime, SimDuration)> {
    let Ok(zone) = TimeZoneDatabase::bundled().get(zone) else {
        return Vec::new();
    };
    let ahead = |offset: Offset| SimDuration::from_seconds(offset.seconds().into());
    let (first, last) = (from.to_timestamp(), to.to_timestamp());
    let changes = zone.following(first);
    let changes = changes.take_while(|change| change.timestamp() <= last);
    let changes = changes.map(|change| {
        let moment = SimTime::from_micros(change.timestamp().as_microsecond());
        (moment, ahead(change.offset()))
    });
    std::iter::once((from, ahead(zone.to_offset(first))))
        .chain(changes)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_go_over_midnight_and_over_the_end_of_the_week() {
        assert_eq!(hours_of("07-09"), Ok(vec![7, 8]));
        assert_eq!(hours_of("22-2"), Ok(vec![22, 23, 0, 1]));
        assert_eq!(hours_of("12"), Ok(vec![12]));
        assert_eq!(hours_of("0-24").map(|hours| hours.len()), Ok(24));
        for text in ["", "7-7", "24", "7-25", "+7-9", "7:30-9", "x", "24-3"] {
            assert!(hours_of(text).is_err(), "{text}");
        }
        assert_eq!(days_of("Mon-fri"), Ok(vec![0, 1, 2, 3, 4]));
        assert_eq!(days_of("sat-mon"), Ok(vec![5, 6, 0]));
        assert!(days_of("monday").is_err());
    }

    #[test]
    fn offsets_change_with_the_clocks() {
        let at = |text| SimTime::parse(text).unwrap();
        let (from, to) = (at("2026-03-02T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        let hours = |hours: i64| SimDuration::from_seconds(hours * 3_600);
        assert_eq!(
            offsets("Europe/Berlin", from, to),
            [
                (from, hours(1)),
                (at("2026-03-29T01:00:00Z"), hours(2)),
                (at("2026-10-25T01:00:00Z"), hours(1)),
            ]
        );
        assert_eq!(offsets("UTC", from, to), [(from, hours(0))]);
    }
}

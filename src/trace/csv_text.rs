//! Values as text for comma-separated files, many millions of them: moments, spans and whole numbers are written digit by
//! digit into a buffer that is used again, exactly as `Display` writes them. The moments of a row lie close together: its
//! day is text already, and often the whole moment is.

use super::{RunIdForm, RunName};
use crate::deployment::Deployment;
use crate::time::{SimDuration, SimTime};

const MICROS_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Text under way: fields, each followed by a comma.
#[derive(Debug, Default)]
pub(super) struct CsvText {
    pub(super) bytes: Vec<u8>,
    /// The day written last.
    day: Day,
    /// The moment written last, for the next field is often the same.
    latest: Moment,
}

/// A day of the calendar, such as `2026-03-02`, and when it begins.
#[derive(Clone, Debug)]
struct Day {
    start: i64,
    text: String,
}

impl Default for Day {
    fn default() -> Self {
        Self {
            start: 0,
            text: "1970-01-01".into(),
        }
    }
}

/// A moment as a field, such as `2026-03-02T08:05:00.000000Z,`.
#[derive(Clone, Debug)]
struct Moment {
    at: SimTime,
    field: Vec<u8>,
}

impl Default for Moment {
    fn default() -> Self {
        Self {
            at: SimTime::from_micros(0),
            field: "1970-01-01T00:00:00.000000Z,".into(),
        }
    }
}

/// Two digits of each number below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

impl CsvText {
    /// A field that was made with [`quoted`].
    #[inline]
    pub(super) fn quoted(&mut self, field: &str) {
        self.bytes.extend_from_slice(field.as_bytes());
        self.bytes.push(b',');
    }

    /// A whole number.
    #[inline]
    pub(super) fn number(&mut self, number: i64) {
        if number < 0 {
            self.bytes.push(b'-');
        }
        self.digits(number.unsigned_abs());
        self.bytes.push(b',');
    }

    /// A span in seconds, with as many decimals as it has.
    #[inline]
    pub(super) fn seconds(&mut self, span: SimDuration) {
        let micros = span.as_micros();
        if micros == 0 {
            // Most causes have held for no time.
            self.bytes.extend_from_slice(b"0,");
            return;
        }
        if micros < 0 {
            self.bytes.push(b'-');
        }
        let micros = micros.unsigned_abs();
        self.digits(micros / MICROS_PER_SECOND);
        let fraction = micros % MICROS_PER_SECOND;
        if fraction > 0 {
            self.fraction(fraction);
            while self.bytes.last() == Some(&b'0') {
                self.bytes.pop();
            }
        }
        self.bytes.push(b',');
    }

    /// A moment, or nothing.
    #[inline]
    pub(super) fn moment(&mut self, at: Option<SimTime>) {
        let Some(at) = at else {
            self.bytes.push(b',');
            return;
        };
        if at == self.latest.at {
            self.bytes.extend_from_slice(&self.latest.field);
            return;
        }
        let begin = self.bytes.len();
        let fraction = self.date_and_time(at);
        self.fraction(fraction);
        self.bytes.extend_from_slice(b"Z,");
        self.latest.at = at;
        self.latest.field.clear();
        let field = &self.bytes[begin..];
        self.latest.field.extend_from_slice(field);
    }

    /// The id of a run, as [`RunName::run_id`] makes it.
    #[inline]
    pub(super) fn run_id(&mut self, run: &RunName, deployment: &Deployment) {
        let date = match run.form {
            RunIdForm::LogicalDate(date) => date,
            RunIdForm::Given(_) => {
                return self.quoted(&quoted(&run.run_id(deployment)));
            }
            RunIdForm::Dated | RunIdForm::Numbered(_) => run.run_after,
        };
        self.bytes.extend_from_slice(run.run_type.name().as_bytes());
        self.bytes.extend_from_slice(b"__");
        let fraction = self.date_and_time(date);
        if fraction > 0 {
            self.fraction(fraction);
        }
        self.bytes.extend_from_slice(b"+00:00");
        if let RunIdForm::Numbered(number) = run.form {
            self.bytes.push(b'_');
            self.bytes
                .extend_from_slice(format!("{number:08}").as_bytes());
        }
        self.bytes.push(b',');
    }

    /// Ends a row in place of the last comma.
    #[inline]
    pub(super) fn end_row(&mut self) {
        self.bytes.pop();
        self.bytes.push(b'\n');
    }

    /// A moment up to its second; gives the microseconds beyond.
    fn date_and_time(&mut self, at: SimTime) -> u64 {
        let mut micros = at.as_micros().wrapping_sub(self.day.start) as u64;
        if micros >= MICROS_PER_DAY as u64 {
            micros = self.turn_to_day_of(at);
        }
        let seconds = micros / MICROS_PER_SECOND;
        let [h1, h2] = pair(seconds / 3_600);
        let [m1, m2] = pair(seconds / 60 % 60);
        let [s1, s2] = pair(seconds % 60);
        self.bytes.extend_from_slice(self.day.text.as_bytes());
        let time = [b'T', h1, h2, b':', m1, m2, b':', s1, s2];
        self.bytes.extend_from_slice(&time);
        micros % MICROS_PER_SECOND
    }

    /// Takes up another day; gives the microseconds since it began.
    #[cold]
    fn turn_to_day_of(&mut self, at: SimTime) -> u64 {
        // As the time-zone library has it: no moment is beyond its reach.
        let micros = at.to_timestamp().as_microsecond();
        let of_day = micros.rem_euclid(MICROS_PER_DAY);
        self.day.start = micros - of_day;
        self.day.text = at.to_string();
        let date = self.day.text.find('T').unwrap_or_default();
        self.day.text.truncate(date);
        of_day as u64
    }

    /// Six decimals.
    fn fraction(&mut self, micros: u64) {
        let pairs = [micros / 10_000, micros / 100 % 100, micros % 100].map(pair);
        self.bytes.push(b'.');
        self.bytes.extend_from_slice(pairs.as_flattened());
    }

    #[inline]
    fn digits(&mut self, mut number: u64) {
        if number < 10 {
            self.bytes.push(b'0' + number as u8);
            return;
        }
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] += (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[first..]);
    }
}

#[inline]
fn pair(number: u64) -> [u8; 2] {
    PAIRS[number as usize]
}

/// A field as it stands in the file: in quotes if it holds a comma, a quote or a line break.
pub(super) fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::RunType;
    use crate::trace::synthetic::deployment;
    use proptest::prelude::*;

    fn written(write: impl Fn(&mut CsvText)) -> String {
        let mut text = CsvText::default();
        // The second time the days are known already.
        write(&mut text);
        write(&mut text);
        let bytes = std::mem::take(&mut text.bytes);
        let both = String::from_utf8(bytes).unwrap();
        let (once, again) = both.split_at(both.len() / 2);
        assert_eq!(once, again);
        once.strip_suffix(',').unwrap().to_owned()
    }

    proptest! {
        #[test]
        fn values_read_as_displayed(
            micros in prop_oneof![0i64..253_402_300_799_999_999, (0i64..253_402_300_799).prop_map(|s| s * 1_000_000)],
            span in prop_oneof![-999_999_999_999_999i64..1_000_000_000_000_000, (-99i64..99).prop_map(|s| s * 10_000)],
            number in any::<i64>(),
            tail in any::<u32>(),
        ) {
            let (at, span) = (SimTime::from_micros(micros), SimDuration::from_micros(span));
            prop_assert_eq!(written(|text| text.moment(Some(at))), at.to_string());
            prop_assert_eq!(written(|text| text.seconds(span)), span.as_seconds().to_string());
            prop_assert_eq!(written(|text| text.number(number)), number.to_string());
            let site = deployment();
            for form in [RunIdForm::Dated, RunIdForm::LogicalDate(at), RunIdForm::Numbered(tail)] {
                let run_after = SimTime::from_micros(micros / 2);
                let run = RunName { form, ..RunName::dated(RunType::Manual, run_after) };
                prop_assert_eq!(written(|text| text.run_id(&run, &site)), run.run_id(&site));
            }
        }
    }

    #[test]
    fn fields_are_quoted_as_by_the_csv_writer() {
        for field in [
            "plain",
            "with space",
            "a,b",
            "say \"no\"",
            "line\nbreak",
            "r\r",
        ] {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record([field, "next"]).unwrap();
            let line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            assert_eq!(line, format!("{},next\n", quoted(field)));
        }
    }
}

//! Values as text for comma-separated files, many millions of them: moments, spans and whole numbers are written pair of digits
//! by pair into a buffer that is used again, exactly as `Display` writes them. The moments of a row lie close together: its
//! day is text already, and often the whole moment is.

use std::io::Write as _;

use super::{RunIdForm, RunName};
use crate::deployment::Deployment;
use crate::time::{SimDuration, SimTime};

const MICROS_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_DAY: u64 = 86_400_000_000;

/// Text under way: fields, each followed by a comma.
#[derive(Debug, Default)]
pub(super) struct CsvText {
    pub(super) bytes: Vec<u8>,
    /// The moment written last, for the next field is often the same.
    latest: Moment,
}

/// A moment in text such as `2026-03-02T08:05:00.000000Z`, of which all parts have lengths that the compiler knows.
#[derive(Debug)]
struct Moment {
    at: SimTime,
    /// When its day begins, in microseconds.
    day: i64,
    date: [u8; 10],
    /// `T08:05:0` and `0.000000`, in words of which the first letter is the lowest byte: what is stored in small pieces is slow
    /// to load in large ones.
    time: [u64; 2],
}

impl Default for Moment {
    fn default() -> Self {
        Self {
            at: SimTime::from_micros(0),
            day: 0,
            date: *b"1970-01-01",
            time: [*b"T00:00:0", *b"0.000000"].map(u64::from_le_bytes),
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
        if span == SimDuration::ZERO {
            // Most causes have held for no time.
            self.bytes.extend_from_slice(b"0,");
        } else {
            self.some_seconds(span.as_micros());
        }
    }

    /// The same of microseconds, kept out of the way of nothing at all.
    #[inline(never)]
    fn some_seconds(&mut self, micros: i64) {
        if micros < 0 {
            self.bytes.push(b'-');
        }
        let micros = micros.unsigned_abs();
        self.digits(micros / MICROS_PER_SECOND);
        let fraction = micros % MICROS_PER_SECOND;
        if fraction > 0 {
            let [decimals @ .., _, _] = decimals(fraction).to_le_bytes();
            self.bytes.push(b'.');
            self.bytes.extend_from_slice(&decimals);
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
        if self.latest.turn_to(at) {
            let Moment { date, time, .. } = &self.latest;
            let mut field = *b"0000-00-00T00:00:00.000000Z,";
            field[..10].copy_from_slice(date);
            field[10..18].copy_from_slice(&time[0].to_le_bytes());
            field[18..26].copy_from_slice(&time[1].to_le_bytes());
            self.bytes.extend_from_slice(&field);
        } else {
            // Writing to memory cannot fail.
            let _ = write!(self.bytes, "{at},");
        }
    }

    /// The id of a run, as [`RunName::run_id`] makes it.
    #[inline]
    pub(super) fn run_id(&mut self, run: &RunName, deployment: &Deployment) {
        let date = match run.form {
            RunIdForm::LogicalDate(date) => Some(date),
            RunIdForm::Dated | RunIdForm::Numbered(_) => Some(run.run_after),
            RunIdForm::Given(_) => None,
        };
        if !date.is_some_and(|date| self.latest.turn_to(date)) {
            return self.quoted(&quoted(&run.run_id(deployment)));
        }
        let Moment { date, time, .. } = &self.latest;
        let [first, second] = time.map(u64::to_le_bytes);
        let mut start = *b"__0000-00-00T00:00:0";
        start[2..12].copy_from_slice(date);
        start[12..].copy_from_slice(&first);
        self.bytes.extend_from_slice(run.run_type.name().as_bytes());
        self.bytes.extend_from_slice(&start);
        if &second[1..] == b".000000" {
            self.bytes.extend_from_slice(&second[..1]);
        } else {
            self.bytes.extend_from_slice(&second);
        }
        self.bytes.extend_from_slice(b"+00:00");
        if let RunIdForm::Numbered(number) = run.form {
            let _ = write!(self.bytes, "_{number:08}");
        }
        self.bytes.push(b',');
    }

    /// Ends a row in place of the last comma.
    #[inline]
    pub(super) fn end_row(&mut self) {
        self.bytes.pop();
        self.bytes.push(b'\n');
    }

    fn digits(&mut self, number: u64) {
        if number < 10 {
            self.bytes.push(b'0' + number as u8);
            return;
        }
        if number >= 100 {
            self.digits(number / 100);
        }
        self.bytes.extend_from_slice(&pair(number));
    }
}

impl Moment {
    /// Becomes that moment; says no, and stays what it was, if the date would have another length, as in years before 0.
    #[inline]
    fn turn_to(&mut self, at: SimTime) -> bool {
        if at == self.at {
            return true;
        }
        let mut micros = at.as_micros().wrapping_sub(self.day) as u64;
        if micros >= MICROS_PER_DAY {
            if !self.turn_to_day_of(at) {
                return false;
            }
            micros = at.as_micros().wrapping_sub(self.day) as u64;
        }
        self.at = at;
        let seconds = micros / MICROS_PER_SECOND;
        let [hour, minute, second] = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(word);
        let decimals = decimals(micros % MICROS_PER_SECOND);
        self.time = [
            u64::from_le_bytes(*b"T\0\0:\0\0:\0") | hour << 8 | minute << 32 | second << 56,
            u64::from_le_bytes(*b"\0.\0\0\0\0\0\0") | second >> 8 | decimals << 16,
        ];
        true
    }

    /// Takes up the day of a moment, likewise.
    #[cold]
    fn turn_to_day_of(&mut self, at: SimTime) -> bool {
        let text = at.to_string();
        let date = text.split_once('T').map(|(date, _)| date.as_bytes());
        let Some(Ok(date)) = date.map(<[u8; 10]>::try_from) else {
            return false;
        };
        // What is beyond the reach of the time-zone library reads as its last moment.
        let micros = at.to_timestamp().as_microsecond();
        if micros != at.as_micros() {
            return false;
        }
        self.date = date;
        self.day = micros - micros.rem_euclid(MICROS_PER_DAY as i64);
        true
    }
}

/// The last two digits of a number.
#[inline]
fn pair(number: u64) -> [u8; 2] {
    PAIRS[(number % 100) as usize]
}

/// The same as the lowest bytes of a word.
#[inline]
fn word(number: u64) -> u64 {
    u16::from_le_bytes(pair(number)).into()
}

/// The six decimals of microseconds, likewise.
#[inline]
fn decimals(micros: u64) -> u64 {
    word(micros / 10_000) | word(micros / 100) << 16 | word(micros) << 32
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
    fn moments_of_any_year_read_as_displayed_whatever_came_before() {
        let mut text = CsvText::default();
        let year = 366 * MICROS_PER_DAY as i64;
        let years =
            [0, -2_000, 40, 40, -1_980, -1_950, -2_000, 8_000, 9_000, 56].map(|at| at * year);
        let site = deployment();
        for micros in years.into_iter().chain([i64::MIN, 1, i64::MAX, -1]) {
            let at = SimTime::from_micros(micros);
            let run = RunName::dated(RunType::Scheduled, at);
            text.moment(Some(at));
            text.run_id(&run, &site);
            let fields = String::from_utf8(std::mem::take(&mut text.bytes)).unwrap();
            assert_eq!(fields, format!("{at},{},", run.run_id(&site)));
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

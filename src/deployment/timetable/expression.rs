//! Cron expressions as Airflow reads them, spelled out for the cron library.
//!
//! Airflow's parser (`croniter`) accepts more than the library does: ranges over the end (`22-3`, `fri-mon`), a star
//! or a start with a step inside a list (`5/15`), a range of one value for the whole cycle (`jan-jan`); and a day
//! field that holds every value is a star only beside another star. So each field is read here and handed on as
//! plain numbers, which both understand alike.

/// The five fields of `expression` as lists of numbers or `*`, presets replaced.
///
/// # Errors
/// The reason, in words: the field and the value that is not understood.
pub(super) fn spell_out(expression: &str) -> Result<String, String> {
    let text = preset(expression.trim()).to_ascii_lowercase();
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return Err(format!("it has {} fields instead of 5", fields.len()));
    };
    Ok([
        MINUTE.spell_out(minute, None)?,
        HOUR.spell_out(hour, None)?,
        DAY.spell_out(day, Some(weekday))?,
        MONTH.spell_out(month, None)?,
        WEEKDAY.spell_out(weekday, Some(day))?,
    ]
    .join(" "))
}

fn preset(expression: &str) -> &str {
    match expression {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@quarterly" => "0 0 1 */3 *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    }
}

/// One of the five fields: its values from `first` to `last`, of which `distinct` differ, and their names in order.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    distinct: u32,
    names: &'static [&'static str],
}

const MINUTE: Field = Field::numbers("minute", 0, 59);
const HOUR: Field = Field::numbers("hour", 0, 23);
const DAY: Field = Field::numbers("day of the month", 1, 31);
const MONTH: Field = Field {
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    ..Field::numbers("month", 1, 12)
};
/// Sunday is both 0 and 7.
const WEEKDAY: Field = Field {
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    distinct: 7,
    ..Field::numbers("day of the week", 0, 7)
};

impl Field {
    const fn numbers(name: &'static str, first: u32, last: u32) -> Self {
        Self {
            name,
            first,
            last,
            distinct: last - first + 1,
            names: &[],
        }
    }

    /// The values of `text`, or `*`; `other_day` is the other day field if this is one of the two.
    fn spell_out(&self, text: &str, other_day: Option<&str>) -> Result<String, String> {
        if text == "*" || (text == "?" && other_day.is_some()) {
            return Ok("*".into());
        }
        let mut values = Vec::new();
        for item in text.split(',') {
            values.extend(self.item(item)?);
        }
        values.sort_unstable();
        values.dedup();
        let all = values.len() == self.distinct as usize;
        if all && other_day.is_none_or(|other| other.contains(['*', '?'])) {
            return Ok("*".into());
        }
        let values: Vec<String> = values.iter().map(u32::to_string).collect();
        Ok(values.join(","))
    }

    /// The values of one item of a list: `*`, `a`, `a-b`, each with `/step` or without.
    fn item(&self, item: &str) -> Result<Vec<u32>, String> {
        let (range, step) = match item.split_once('/') {
            None => (item, None),
            Some((range, step)) => (range, Some(self.step(step)?)),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.first, self.last),
            Some((from, to)) => match (self.value(from)?, self.value(to)?) {
                (from, to) if from == to => (self.first, self.last),
                bounds => bounds,
            },
            // A start with a step goes on to the end of the field.
            None if step.is_some() => (self.value(range)?, self.folded(self.last)),
            None => (self.value(range)?, self.value(range)?),
        };
        Ok(self.cycle(first, last, step.unwrap_or(1)))
    }

    /// Every `step`th value from `first` to `last`, over the end of the field if `last` lies before `first`.
    fn cycle(&self, first: u32, last: u32, step: u32) -> Vec<u32> {
        let every = step as usize;
        if first <= last {
            let values = (first..=last).step_by(every);
            return values.map(|value| self.folded(value)).collect();
        }
        let unused = (self.last - first) % step;
        // Airflow's parser begins one value late when the step leads beyond the first value of the field.
        let late = if unused + 1 < step { step - unused } else { 0 };
        let values = (first..=self.last).step_by(every);
        let values = values.chain((self.first + late..=last).step_by(every));
        values.map(|value| self.folded(value)).collect()
    }

    fn step(&self, text: &str) -> Result<u32, String> {
        match text.parse() {
            Ok(step) if step > 0 => Ok(step),
            _ => Err(format!("`{text}` is not a step of the {}", self.name)),
        }
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let value = match self.names.iter().position(|&name| name == text) {
            Some(at) => Some(self.first + at as u32),
            None => text.parse().ok(),
        };
        let value = value.filter(|value| (self.first..=self.last).contains(value));
        let Self {
            name, first, last, ..
        } = self;
        value
            .map(|value| self.folded(value))
            .ok_or_else(|| format!("`{text}` is not a value of the {name} ({first} to {last})"))
    }

    /// The one number of a value that has two: 7 is Sunday, which is 0.
    fn folded(&self, value: u32) -> u32 {
        self.first + (value - self.first) % self.distinct
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: &str) {
        assert_eq!(
            spell_out(expression).as_deref(),
            Ok(expected),
            "{expression}"
        );
    }

    #[test]
    fn values_ranges_steps_and_names_become_numbers() {
        check(
            "5-59/15 */6 1,15 jan,jul mon-wed",
            "5,20,35,50 0,6,12,18 1,15 1,7 1,2,3",
        );
        check("0 0 * * 7", "0 0 * * 0");
        check("@quarterly", "0 0 1 1,4,7,10 *");
        check("0 0-23 ? * *", "0 * * * *");
        check("50/5 *,3 * * 5-7", "50,55 * * * 0,5,6");
    }

    #[test]
    fn ranges_lead_over_the_end_of_the_field() {
        check(
            "0 22-3 * NOV-feb fri-mon",
            "0 0,1,2,3,22,23 * 1,2,11,12 0,1,5,6",
        );
        check("0 22-3/2 * * *", "0 0,2,22 * * *");
        check("0 0 * jun-jun *", "0 0 * * *");
    }

    #[test]
    fn a_full_day_field_is_a_star_only_beside_a_star() {
        check(
            "0 0 */2 * 0-6",
            "0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * *",
        );
        check("0 0 13 * 0-6", "0 0 13 * 0,1,2,3,4,5,6");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let reason = |expression| spell_out(expression).unwrap_err();
        assert_eq!(
            reason("0 24 * * *"),
            "`24` is not a value of the hour (0 to 23)"
        );
        assert_eq!(
            reason("0 0 * * funday"),
            "`funday` is not a value of the day of the week (0 to 7)"
        );
        assert_eq!(reason("*/0 * * * *"), "`0` is not a step of the minute");
        assert_eq!(reason("* * * *"), "it has 4 fields instead of 5");
        assert_eq!(reason("@reboot"), "it has 1 fields instead of 5");
        assert_eq!(
            reason("1, * * * *"),
            "`` is not a value of the minute (0 to 59)"
        );
    }
}

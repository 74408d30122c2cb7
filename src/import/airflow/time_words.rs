//! What durations do with time and their law does not, as comments of a scenario say it.

use crate::calibrate::{Rhythm, TimeEffects};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A line for each effect that is shown.
pub(super) fn time_words(effects: &TimeEffects) -> Vec<String> {
    let drift = effects.drift.map(|drift| {
        format!(
            "DRIFT, not in the law: the second half of the tries takes {:.2} times the first ({})",
            drift.second_half_to_first,
            p_words(drift.p)
        )
    });
    let hour = |hour: u32| format!("{hour:02}:00");
    let day = |day: u32| DAYS[day as usize % DAYS.len()].to_owned();
    let hours = effects.hours.as_ref();
    let hours = hours.and_then(|hours| rhythm("HOUR OF THE DAY", hours, &hour));
    let days = effects.weekdays.as_ref();
    let days = days.and_then(|days| rhythm("DAY OF THE WEEK", days, &day));
    [drift, hours, days].into_iter().flatten().collect()
}

fn rhythm(what: &str, rhythm: &Rhythm, name: &dyn Fn(u32) -> String) -> Option<String> {
    let by_share = |a: &&(u32, usize, f64), b: &&(u32, usize, f64)| a.2.total_cmp(&b.2);
    let longest = rhythm.groups.iter().max_by(by_share)?;
    let shortest = rhythm.groups.iter().min_by(by_share)?;
    let told = |&(number, _, share): &(u32, usize, f64)| {
        format!("{share:.2} times the mean at {}", name(number))
    };
    Some(format!(
        "{what} (UTC), not in the law: {}, {} ({})",
        told(longest),
        told(shortest),
        p_words(rhythm.p)
    ))
}

fn p_words(p: f64) -> String {
    if p < 0.001 {
        "p < 0.001".into()
    } else {
        format!("p {p:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::Drift;

    #[test]
    fn each_effect_has_a_line() {
        let effects = TimeEffects {
            drift: Some(Drift {
                correlation: 0.4,
                p: 0.0004,
                second_half_to_first: 1.312,
            }),
            hours: Some(Rhythm {
                p: 0.0021,
                groups: vec![(2, 9, 2.1), (14, 9, 0.7), (15, 9, 0.9)],
            }),
            weekdays: None,
        };
        assert_eq!(
            time_words(&effects),
            [
                "DRIFT, not in the law: the second half of the tries takes 1.31 times the first (p < 0.001)",
                "HOUR OF THE DAY (UTC), not in the law: 2.10 times the mean at 02:00, 0.70 times the mean at 14:00 (p 0.002)",
            ]
        );
        assert!(time_words(&TimeEffects::default()).is_empty());
    }
}

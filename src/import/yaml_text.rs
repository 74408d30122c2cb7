//! Names and spans as a person writes them in a scenario.

use std::fmt::Write;

use crate::time::SimDuration;

/// A text as YAML: as it is if nothing can take it for anything else, otherwise in quotes as in JSON.
pub(super) fn scalar(text: &str) -> String {
    const OTHER: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let plain = text.starts_with(letter)
        && text
            .chars()
            .all(|c| letter(c) || c.is_ascii_digit() || "-.".contains(c))
        && !OTHER.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    let mut quoted = String::new();
    for c in serde_json::Value::from(text).to_string().chars() {
        // JSON lets these stand, and YAML takes them for no text.
        if matches!(c, '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        {
            // Writing to a `String` cannot fail.
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

/// Exactly this span, such as `1h2m3.5s`.
pub(super) fn span(span: SimDuration) -> String {
    let micros = span.as_micros();
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    let (seconds, fraction) = (micros / 1_000_000 % 60, micros % 1_000_000);
    let large = |number: i64, unit: &str| match number {
        0 => String::new(),
        _ => format!("{number}{unit}"),
    };
    let large = large(hours, "h") + large(minutes, "m").as_str();
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        format!("{large}{seconds}.{}s", digits.trim_end_matches('0'))
    } else if seconds > 0 || large.is_empty() {
        format!("{large}{seconds}s")
    } else {
        large
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_exact_and_short() {
        for (micros, text) in [
            (0, "0s"),
            (53_600_000, "53.6s"),
            (54_023, "0.054023s"),
            (60_000_000, "1m"),
            (3_723_500_000, "1h2m3.5s"),
            (3_600_000_001, "1h0.000001s"),
        ] {
            assert_eq!(span(SimDuration::from_micros(micros)), text);
        }
    }

    #[test]
    fn names_that_yaml_would_take_for_something_else_are_quoted() {
        for plain in [
            "a",
            "split_fasta_ID000001",
            "bowtie2-build",
            "A.B.C_2",
            "nothing",
        ] {
            assert_eq!(scalar(plain), plain);
        }
        for quoted in [
            "1000genome",
            "No",
            "null",
            "-a",
            "a: b",
            "a b",
            "über",
            "",
            "~",
            ".inf",
        ] {
            assert_eq!(scalar(quoted), format!("\"{quoted}\""));
        }
        assert_eq!(scalar("a\"b\n"), r#""a\"b\n""#);
        assert_eq!(scalar("a\x7fé\u{9f}"), r#""a\u007fé\u009f""#);
    }
}

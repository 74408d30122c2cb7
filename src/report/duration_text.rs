//! Durations as people say them.

/// Seconds in at most six characters for anything below 28 years: `45ms`, `1.2s`, `45s`, `2m10s`, `1h05m`, `3d4h`.
///
/// Two units at most; rounded to the last one shown. Negative values keep their sign, NaN is `-`.
pub fn duration_text(seconds: f64) -> String {
    if seconds.is_nan() {
        return "-".into();
    }
    if seconds < 0.0 {
        return format!("-{}", duration_text(-seconds));
    }
    match seconds {
        s if s < 0.000_5 => "0s".into(),
        s if s < 0.999_5 => format!("{}ms", (s * 1e3).round()),
        s if s < 9.95 => without_zero_tenths(s),
        s if s < 59.5 => format!("{}s", s.round()),
        s if s < 3_599.5 => two_units(s.round() as u64, 60, ["m", "s"]),
        s if s < 86_370.0 => two_units((s / 60.0).round() as u64, 60, ["h", "m"]),
        s => two_units((s / 3_600.0).round() as u64, 24, ["d", "h"]),
    }
}

fn without_zero_tenths(seconds: f64) -> String {
    let tenths = format!("{seconds:.1}");
    format!("{}s", tenths.strip_suffix(".0").unwrap_or(&tenths))
}

/// `count` small units, of which `per_large` make a large one.
fn two_units(count: u64, per_large: u64, [large, small]: [&str; 2]) -> String {
    match (count / per_large, count % per_large) {
        (whole, 0) => format!("{whole}{large}"),
        (whole, rest) if per_large == 60 => format!("{whole}{large}{rest:02}{small}"),
        (whole, rest) => format!("{whole}{large}{rest}{small}"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn two_units_at_most() {
        let texts = [
            (0.0, "0s"),
            (0.045, "45ms"),
            (0.999_7, "1s"),
            (1.24, "1.2s"),
            (9.97, "10s"),
            (59.6, "1m"),
            (130.0, "2m10s"),
            (65.0, "1m05s"),
            (3_599.6, "1h"),
            (3_900.0, "1h05m"),
            (86_399.0, "1d"),
            (273_600.0, "3d4h"),
            (-90.0, "-1m30s"),
        ];
        for (seconds, text) in texts {
            assert_eq!(duration_text(seconds), text, "{seconds}");
        }
    }
}

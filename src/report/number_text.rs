//! Numbers as text, for files with many of them: what `Display` writes, put at the end of a text that is there already.

use std::fmt::Write as _;

/// Appends a number with the fewest digits that tell it from its neighbours and without an exponent, as `Display` does.
pub(super) fn push_number(text: &mut String, value: f64) {
    let mut digits = zmij::Buffer::new();
    let shortest = digits.format(value);
    if shortest.contains('e') {
        // Very large and very small numbers have an exponent there; writing to a string cannot fail.
        let _ = write!(text, "{value}");
    } else {
        text.push_str(shortest.strip_suffix(".0").unwrap_or(shortest));
    }
}

/// Appends a whole number.
pub(super) fn push_whole(text: &mut String, value: i64) {
    text.push_str(itoa::Buffer::new().format(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pushed(push: impl Fn(&mut String)) -> String {
        let mut text = "before ".to_owned();
        push(&mut text);
        text.split_off("before ".len())
    }

    proptest! {
        #[test]
        fn numbers_read_as_displayed(
            any in any::<f64>(),
            usual in prop_oneof![-1e7..1e7, -1.0..1.0, (-9_999_i32..9_999).prop_map(f64::from)],
            micros in any::<i32>(),
            whole in any::<i64>(),
        ) {
            for value in [any, usual, f64::from(micros) / 1e6] {
                prop_assert_eq!(pushed(|text| push_number(text, value)), value.to_string());
            }
            prop_assert_eq!(pushed(|text| push_whole(text, whole)), whole.to_string());
        }
    }

    #[test]
    fn the_ends_of_the_scale_read_as_displayed() {
        let ends = [0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e15, 1e16, 1e17];
        let odd = [f64::INFINITY, f64::NAN, 1e-4, 1e-5, 1e-6, 1e-7, 0.1 + 0.2];
        for value in ends.into_iter().chain(odd) {
            for value in [value, -value] {
                assert_eq!(pushed(|text| push_number(text, value)), value.to_string());
            }
        }
    }
}

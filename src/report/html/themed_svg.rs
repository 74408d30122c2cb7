//! Charts as parts of a page: their colours become those of the page, light or dark, and they fit its width.

use plotters::style::RGBColor;

use crate::report::charts::THEMED;

/// A chart that was drawn as a file of its own, to stand within a page.
pub(super) fn themed(svg: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(svg).into_owned();
    for (color, name) in THEMED {
        let RGBColor(red, green, blue) = color;
        let hex = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
        text = text.replace(&hex, &format!("\"var(--{name})\""));
    }
    // The picture is as wide as the page and keeps its shape.
    match (text.find(" width=\""), text.find(" viewBox")) {
        (Some(from), Some(to)) if from < to => text.replace_range(from..to, " class=\"chart\""),
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_page() {
        let svg = "<svg width=\"10\" height=\"4\" viewBox=\"0 0 10 4\"><rect fill=\"#FFFFFF\"/><text fill=\"#222222\">#222222</text></svg>";
        assert_eq!(
            themed(svg.as_bytes()),
            "<svg class=\"chart\" viewBox=\"0 0 10 4\"><rect fill=\"var(--paper)\"/><text fill=\"var(--text)\">#222222</text></svg>"
        );
    }
}

//! The name that was probably meant.

/// The candidate nearest to `name`, if one is near enough to be a slip of the keyboard.
pub(crate) fn near<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Names in backticks, with commas.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// "did you mean `x`?" or else the list of what is allowed.
pub(crate) fn suggestion(name: &str, allowed: &[&str]) -> String {
    match near(name, allowed.iter().copied()) {
        Some(near) => format!(
            "did you mean `{near}`? allowed here: {}",
            quoted(allowed.iter().copied())
        ),
        None => format!("allowed here: {}", quoted(allowed.iter().copied())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near_and_other_words_are_not() {
        assert_eq!(near("warehose", ["api", "warehouse"]), Some("warehouse"));
        assert_eq!(near("slot", ["slots", "description"]), Some("slots"));
        assert_eq!(near("compute", ["api", "warehouse"]), None);
    }
}

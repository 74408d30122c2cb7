//! Names that are too long for their place in a chart.

/// A name of at most so many letters. Both ends are kept, because names of one site often begin alike, or end alike.
pub(super) fn shortened(name: &str, letters: usize) -> String {
    let all: Vec<char> = name.chars().collect();
    if all.len() <= letters {
        return name.to_owned();
    }
    let kept = letters.saturating_sub(1);
    let (first, last) = (kept - kept / 2, kept / 2);
    let (begin, end) = (&all[..first], &all[all.len() - last..]);
    begin.iter().chain(&['…']).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        let long = format!("{}.load orders", "a".repeat(80));
        let short = shortened(&long, 40);
        assert_eq!(short.chars().count(), 40);
        assert!(short.ends_with("a.load orders"), "{short}");
        assert_eq!(shortened("etl.load", 8), "etl.load");
        assert_eq!(shortened("etl.load", 7), "etl…oad");
    }
}

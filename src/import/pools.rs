//! Pools of a site as the section of a scenario.

use std::fmt::Write;

use super::yaml_text::scalar;
use crate::deployment::Pool;

/// The section `pools:`, a line a pool, in the order in which they are given.
///
/// ```
/// use slotwise::deployment::PoolsFile;
/// use slotwise::import::pools::section;
///
/// let (file, _) = PoolsFile::parse(r#"{"api": {"slots": 4, "description": "calls to partners"}}"#)?;
/// let pools: Vec<_> = file.pools().collect();
/// assert_eq!(section(&pools), "pools:\n  api: { slots: 4, description: \"calls to partners\" }\n");
/// # Ok::<(), slotwise::deployment::PoolsFileError>(())
/// ```
pub fn section(pools: &[Pool]) -> String {
    if pools.is_empty() {
        return "pools: {}\n".into();
    }
    let mut text = "pools:\n".to_owned();
    for pool in pools {
        let mut fields = vec![format!("slots: {}", pool.slots)];
        if pool.include_deferred {
            fields.push("include_deferred: true".into());
        }
        let description = pool.description.as_ref().filter(|words| !words.is_empty());
        fields.extend(description.map(|words| format!("description: {}", scalar(words))));
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "  {}: {{ {} }}",
            scalar(&pool.name),
            fields.join(", ")
        );
    }
    text
}

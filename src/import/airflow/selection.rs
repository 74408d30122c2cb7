//! Which part of a site is imported.

use crate::time::SimTime;

/// Which DAGs, and the runs of which time.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Runs that were due from this moment on.
    pub since: Option<SimTime>,
    /// Runs that were due before this moment.
    pub until: Option<SimTime>,
    /// DAGs whose name fits one of these; all of them if there is none.
    pub dags: Vec<String>,
    /// Whether everything gets another name.
    pub anonymize: bool,
}

impl Selection {
    /// Whether the run of a DAG that was due then is imported.
    pub fn holds(&self, dag_id: &str, due: SimTime) -> bool {
        let is_late = self.since.is_none_or(|since| due >= since);
        is_late && self.until.is_none_or(|until| due < until) && self.holds_dag(dag_id)
    }

    /// Whether a DAG is imported.
    pub fn holds_dag(&self, dag_id: &str) -> bool {
        self.dags.is_empty() || self.dags.iter().any(|pattern| fits(pattern, dag_id))
    }
}

/// Whether a name fits a pattern in which `*` stands for any text and `?` for one character, as in a shell.
///
/// After a mismatch the last `*` takes one character more; earlier ones need not be tried again.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut of, mut star) = (0, 0, None);
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[of] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((star_at, star_of)) = star else {
                    return false;
                };
                star = Some((star_at, star_of + 1));
                (at, of) = (star_at + 1, star_of + 1);
            }
        }
    }
    pattern[at..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, name) in [
            ("etl", "etl"),
            ("etl_*", "etl_"),
            ("*_daily", "sales_daily"),
            ("a*b*c", "a_b_b_c"),
            ("t?st", "tést"),
            ("*", ""),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("etl", "etl_2"),
            ("etl_*", "et"),
            ("a*b", "a_b_c"),
            ("?", ""),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_window_has_its_first_moment_and_not_its_last() {
        let at = SimTime::from_micros;
        let selection = Selection {
            since: Some(at(10)),
            until: Some(at(20)),
            dags: vec!["a*".into(), "b".into()],
            anonymize: false,
        };
        assert!(selection.holds("abc", at(10)) && selection.holds("b", at(19)));
        assert!(!selection.holds("abc", at(20)) && !selection.holds("b", at(9)));
        assert!(!selection.holds("c", at(15)));
    }
}

//! Which policy is good enough at the least cost, in one sentence.

use crate::experiment::{ComparedPolicy, Comparison};

/// The cheapest policy that meets every objective; none if the scenario has no objectives.
pub(super) fn recommendation(comparison: &Comparison) -> Option<String> {
    let policies = &comparison.policies;
    if policies.iter().all(|policy| policy.objectives.is_empty()) {
        return None;
    }
    let meets = |policy: &ComparedPolicy| policy.objectives.iter().all(|one| one.met);
    let good: Vec<usize> = (0..policies.len())
        .filter(|&at| meets(&policies[at]))
        .collect();
    let cheapest = good
        .iter()
        .copied()
        .min_by(|&a, &b| slot_hours(comparison, a).total_cmp(&slot_hours(comparison, b)));
    let Some(cheapest) = cheapest else {
        return Some("No policy is sure to meet every objective.".into());
    };
    let name = &policies[cheapest].name;
    Some(match (good.len(), policies.len()) {
        (_, 1) => format!("`{name}` meets every objective."),
        (1, _) => format!("Only `{name}` meets every objective."),
        _ => format!("`{name}` meets every objective with the fewest slot-hours."),
    })
}

/// Of all limited pools in use; a site without any has nothing to spare.
fn slot_hours(comparison: &Comparison, policy: usize) -> f64 {
    let mut figures = comparison.figures.iter();
    let figure =
        figures.find(|figure| figure.kind == "site" && figure.indicator == "slot_hours_offered");
    figure.map_or(0.0, |figure| figure.estimates[policy].interval.mean)
}

#[cfg(test)]
mod tests {
    use super::super::busy_week::report;
    use super::*;

    #[test]
    fn the_cheapest_of_the_good_ones_is_named() {
        let mut comparison = report().comparison;
        let said = |comparison: &Comparison| recommendation(comparison).unwrap();
        assert_eq!(said(&comparison), "Only `office` meets every objective.");
        comparison.policies[0].objectives[0].met = true;
        assert_eq!(
            said(&comparison),
            "`as_is` meets every objective with the fewest slot-hours."
        );
        for policy in &mut comparison.policies {
            policy.objectives[0].met = false;
        }
        assert_eq!(
            said(&comparison),
            "No policy is sure to meet every objective."
        );
        for policy in &mut comparison.policies {
            policy.objectives.clear();
        }
        assert_eq!(recommendation(&comparison), None);
    }
}

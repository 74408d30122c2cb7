//! A total of slots that several pools share.

/// Cuts growth so that the pools have no more than `total` slots together: `sizes` holds the present and the next size of
/// each. Shrinking is never cut. What is left for growth is shared in proportion to what each asked for, and the slots
/// that do not divide go to the largest remainders, of equal ones to the first.
pub(super) fn share(total: u32, sizes: &mut [(i64, i64)]) {
    let growth: i64 = sizes.iter().map(|&(now, next)| (next - now).max(0)).sum();
    let kept: i64 = sizes.iter().map(|&(now, next)| now.min(next)).sum();
    let left = (i64::from(total) - kept).clamp(0, growth);
    if left == growth {
        return;
    }
    let mut given = 0;
    let mut remainders = Vec::new();
    for (at, (now, next)) in sizes.iter_mut().enumerate() {
        let asked = (*next - *now).max(0);
        if asked > 0 {
            let (whole, rest) = (asked * left / growth, asked * left % growth);
            *next = *now + whole;
            given += whole;
            remainders.push((std::cmp::Reverse(rest), at));
        }
    }
    remainders.sort_unstable();
    for &(_, at) in remainders.iter().take((left - given) as usize) {
        sizes[at].1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shared<const N: usize>(total: u32, mut sizes: [(i64, i64); N]) -> [i64; N] {
        share(total, &mut sizes);
        sizes.map(|(_, next)| next)
    }

    #[test]
    fn slots_move_from_an_idle_pool_to_a_busy_one() {
        assert_eq!(shared(20, [(10, 4), (10, 16)]), [4, 16]);
        assert_eq!(shared(20, [(10, 6), (10, 19)]), [6, 14]);
        assert_eq!(shared(20, [(10, 10), (10, 19)]), [10, 10]);
    }

    #[test]
    fn growth_is_shared_in_proportion() {
        assert_eq!(shared(30, [(8, 14), (8, 17), (8, 8)]), [10, 12, 8]);
        // Three of nine slots: 1.33 and 1.66 of them.
        assert_eq!(shared(19, [(8, 12), (8, 13)]), [9, 10]);
    }

    proptest! {
        #[test]
        fn the_total_is_kept_unless_it_was_passed_before(
            total in 0u32..60,
            mut sizes in prop::collection::vec((0i64..20, 0i64..20), 1..6),
        ) {
            let before = sizes.clone();
            share(total, &mut sizes);
            let kept: i64 = before.iter().map(|&(now, next)| now.min(next)).sum();
            let wanted: i64 = before.iter().map(|&(_, next)| next).sum();
            let after: i64 = sizes.iter().map(|&(_, next)| next).sum();
            prop_assert_eq!(after, wanted.min(kept.max(i64::from(total))));
            for (&(now, wanted), &(_, next)) in before.iter().zip(&sizes) {
                prop_assert!(next >= now.min(wanted) && next <= wanted.max(now.min(wanted)));
            }
        }
    }
}

//! A size of its own: what a static pool would do, to compare the others with.

use super::description::{Given, Parameter, ParameterKind, PolicyDescription};
use super::rule::PoolRule;
use super::{PolicySpec, PoolLoad};

/// Gives its pools so many slots, and leaves them at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The slots.
    pub slots: u32,
}

impl Fixed {
    pub(super) const DESCRIPTION: PolicyDescription = PolicyDescription {
        name: "fixed",
        summary: "so many slots, whatever happens",
        parameters: &[Parameter::required(
            "slots",
            ParameterKind::Whole(0, u32::MAX),
            "the slots",
        )],
        build: |given| Ok(PolicySpec::Fixed(Self::from_given(given))),
    };

    fn from_given(given: &Given) -> Self {
        let slots = given.whole("slots");
        Self { slots }
    }
}

impl PoolRule for Fixed {
    type Memory = ();

    fn wish(&self, (): &mut (), load: &PoolLoad) -> Option<(f64, String)> {
        let wanted = i64::from(self.slots);
        (load.slots != wanted).then(|| (f64::from(self.slots), format!("{wanted} slots, fixed")))
    }
}

//! Mixtures: distributions made of others.

use super::Builder;
use super::distribution::{Unit, at_fault, problem, refuse_unknown};
use crate::random::Distribution;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::syntax::{ComponentSyntax, DistributionSyntax, Parameter};

impl Builder<'_> {
    /// The distribution that draws from one of its components at a time.
    ///
    /// # Errors
    /// The last of its problems; those before it are reported.
    pub(super) fn mixture(
        &mut self,
        syntax: &DistributionSyntax,
        unit: Unit,
    ) -> Result<Distribution, Diagnostic> {
        refuse_unknown(syntax, &["components"])?;
        let Some(components) = syntax.parameters.get("components") else {
            return Err(problem("a mixture has `components`", syntax.family.span)
                .help("write `components: [{weight: 9, distribution: ...}, {weight: 1, ...}]`"));
        };
        let Parameter::List(items) = &components.value else {
            return Err(problem("`components` is a list", components.span));
        };
        let mut weighted = Vec::new();
        let mut faults = Vec::new();
        for item in items {
            match self.component(item, unit) {
                Ok(component) => weighted.push(component),
                Err(problem) => faults.push(problem),
            }
        }
        if let Some(last) = faults.pop() {
            self.found.append(&mut faults);
            return Err(last);
        }
        Distribution::mixture(weighted).map_err(|error| at_fault(error, syntax))
    }

    /// A weight and what it weighs.
    fn component(
        &mut self,
        item: &Located<Parameter>,
        unit: Unit,
    ) -> Result<(f64, Distribution), Diagnostic> {
        let Parameter::Component(component) = &item.value else {
            return Err(problem(
                "a component has `weight` and `distribution`",
                item.span,
            ));
        };
        let ComponentSyntax {
            weight,
            distribution,
        } = &**component;
        let built = self.unbounded(distribution, unit)?;
        if weight.value.is_finite() && weight.value > 0.0 {
            return Ok((weight.value, built));
        }
        let message = format!("`weight` must be finite and positive, not {}", weight.value);
        Err(problem(&message, weight.span))
    }
}

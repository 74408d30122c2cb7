//! The rules of policies: parameters become what their descriptions say.

use super::Builder;
use super::schedule::bad_timetable;
use crate::deployment::timetable::CronSchedule;
use crate::ids::PoolId;
use crate::policy::{
    Adjustment, CronWindow, Largest, Parameter, ParameterKind, ParameterValue, PolicyDescription,
    PolicySpec, Step, StepEdge, TimeOfDay,
};
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::document::Located;
use crate::scenario::near::suggestion;
use crate::scenario::syntax::{
    RuleSyntax, SizeParameter, SizeSyntax, StepSyntax, WindowSyntax, parse_duration,
};
use crate::time::SimDuration;
use indexmap::IndexMap;

/// The policy that a rule is for.
#[derive(Clone, Copy)]
pub(super) struct PolicyUser<'a> {
    pub(super) name: &'a str,
    pub(super) zone: &'a str,
    pub(super) pools: &'a [PoolId],
}

impl Builder<'_> {
    /// The rule; none if a problem was reported.
    pub(super) fn size(
        &mut self,
        size: &Located<SizeSyntax>,
        user: PolicyUser<'_>,
    ) -> Option<PolicySpec> {
        match &size.rule {
            RuleSyntax::Windows(windows) => {
                if windows.is_empty() {
                    self.report(
                        Diagnostic::error("policy::empty_schedule", "the schedule has no windows")
                            .label(size.span, ""),
                    );
                }
                let windows = windows
                    .iter()
                    .filter_map(|window| self.window(window, user.zone));
                Some(PolicySpec::TimeOfDay(TimeOfDay::new(windows.collect())))
            }
            RuleSyntax::Script(script) => {
                let script = self.script(script, size.name.span, user)?;
                Some(PolicySpec::Script(script))
            }
            RuleSyntax::Largest(rules) => {
                if rules.is_empty() {
                    let message = "the largest of no rules is no rule";
                    let problem = Diagnostic::error("policy::parameters", message);
                    self.report(problem.label(size.span, ""));
                }
                let rules = rules.iter().filter_map(|rule| self.size(rule, user));
                let of: Vec<PolicySpec> = rules.collect();
                Some(PolicySpec::Largest(Largest { of }))
            }
            RuleSyntax::Parameters(given) => {
                let mut rules = PolicySpec::DESCRIPTIONS.iter();
                let rule = rules.find(|rule| rule.name == size.name.as_str())?;
                by_parameters(rule, given, &size.name)
                    .map_err(|problem| self.report(problem))
                    .ok()
            }
        }
    }

    fn window(&mut self, window: &WindowSyntax, zone: &str) -> Option<CronWindow> {
        let slots = window.slots.value;
        match CronSchedule::new(&window.cron, zone) {
            Ok(begins) => Some(CronWindow { begins, slots }),
            Err(error) => {
                self.report(bad_timetable(&error, window.cron.span));
                None
            }
        }
    }
}

fn by_parameters(
    rule: &PolicyDescription,
    given: &IndexMap<Located<String>, Located<SizeParameter>>,
    name: &Located<String>,
) -> Result<PolicySpec, Diagnostic> {
    let mut values = Vec::new();
    for (name, value) in given {
        let mut known = rule.parameters.iter();
        let Some(parameter) = known.find(|known| known.name == name.as_str()) else {
            let message = format!("`{}` has no parameter `{}`", rule.name, name.value);
            let names: Vec<&str> = rule.parameters.iter().map(|known| known.name).collect();
            return Err(Diagnostic::error("policy::unknown_parameter", message)
                .label(name.span, "")
                .help(suggestion(name, &names)));
        };
        values.push((parameter.name, value_of(parameter, value)?));
    }
    rule.with(values)
        .map_err(|message| Diagnostic::error("policy::parameters", message).label(name.span, ""))
}

fn value_of(
    parameter: &Parameter,
    value: &Located<SizeParameter>,
) -> Result<ParameterValue, Diagnostic> {
    let problem = |expected: &str| {
        let told = match &value.value {
            SizeParameter::Number(number) => number.to_string(),
            SizeParameter::Text(text) => format!("`{text}`"),
            SizeParameter::Steps(_) => "a list".to_owned(),
        };
        let message = format!("`{}` is {told}, it is {expected}", parameter.name);
        Diagnostic::error("policy::parameter", message).label(value.span, "")
    };
    match (parameter.kind, &value.value) {
        (ParameterKind::Number(least, most), &SizeParameter::Number(number)) => {
            let fits = (least..=most).contains(&number);
            fits.then_some(ParameterValue::Number(number))
                .ok_or_else(|| problem(&format!("a number from {least} to {most}")))
        }
        (ParameterKind::Above(least, most), &SizeParameter::Number(number)) => {
            let fits = number > least && number <= most;
            fits.then_some(ParameterValue::Number(number))
                .ok_or_else(|| problem(&format!("a number above {least} and up to {most}")))
        }
        (ParameterKind::Whole(least, most), &SizeParameter::Number(number)) => {
            let is_whole = number.fract().abs() < f64::EPSILON;
            let fits = is_whole && (f64::from(least)..=f64::from(most)).contains(&number);
            fits.then_some(ParameterValue::Number(number))
                .ok_or_else(|| problem(&format!("a whole number from {least} to {most}")))
        }
        (ParameterKind::Duration, SizeParameter::Text(text)) => match parse_duration(text) {
            Ok(duration) if duration > SimDuration::ZERO => Ok(ParameterValue::Duration(duration)),
            _ => Err(problem("a duration such as `90s`")),
        },
        (ParameterKind::Choice(names), SizeParameter::Text(text)) => {
            let mut chosen = names.iter().filter(|name| *name == text);
            let chosen = chosen.next().map(|&name| ParameterValue::Name(name));
            chosen.ok_or_else(|| problem("another name").help(suggestion(text, names)))
        }
        (ParameterKind::Steps, SizeParameter::Steps(steps)) if !steps.is_empty() => {
            let steps: Result<Vec<Step>, Diagnostic> = steps.iter().map(step).collect();
            Ok(ParameterValue::Steps(steps?))
        }
        (ParameterKind::Duration, _) => Err(problem("a duration such as `90s`")),
        (ParameterKind::Choice(names), _) => Err(problem("a name").help(suggestion("", names))),
        (ParameterKind::Steps, _) => Err(problem("a list such as `[{above: 0.6, change: 10%}]`")),
        _ => Err(problem("a number")),
    }
}

fn step(syntax: &Located<StepSyntax>) -> Result<Step, Diagnostic> {
    let problem = |message: &str, span| Diagnostic::error("policy::step", message).label(span, "");
    let edge = match (&syntax.above, &syntax.below) {
        (Some(above), None) => StepEdge::Above(above.value),
        (None, Some(below)) => StepEdge::Below(below.value),
        _ => {
            let message = "a step is reached `above` a utilisation or `below` one";
            return Err(problem(message, syntax.span));
        }
    };
    let adjustment = match &syntax.change.value {
        SizeParameter::Number(slots) if slots.fract().abs() < f64::EPSILON => {
            Some(Adjustment::Slots(*slots as i32))
        }
        SizeParameter::Text(text) => text
            .strip_suffix('%')
            .and_then(|percent| percent.trim().parse().ok())
            .filter(|percent: &f64| percent.is_finite())
            .map(Adjustment::Percent),
        _ => None,
    };
    let message = "`change` is a number of slots such as `-2`, or a share such as `10%`";
    let adjustment = adjustment.ok_or_else(|| problem(message, syntax.change.span))?;
    Ok(Step { edge, adjustment })
}

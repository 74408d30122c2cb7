//! What `slotwise compare` sets side by side: the policies of one file, or several files, the baseline first.

use std::path::Path;

use super::Failure;
use super::cells::PlannedAlternative;
use super::chosen_run::policy_named;
use super::compare::CompareArgs;
use super::output::say;
use super::scenario_file::ScenarioFile;
use crate::experiment::Contender;
use crate::policy::PolicyPlan;
use crate::scenario::Scenario;

/// What a scenario without policies is compared under.
pub(super) const NO_POLICY: &str = "as_is";

/// The alternatives of a comparison, the baseline first.
#[derive(Debug)]
pub(super) struct Alternatives(Vec<Alternative>);

#[derive(Debug)]
struct Alternative {
    name: String,
    /// By position.
    file: usize,
    /// With its name; a copy, because the warm-up of the file is still to be set.
    policy: Option<(String, PolicyPlan)>,
}

impl Alternatives {
    /// What the arguments ask for.
    pub(super) fn of(files: &[ScenarioFile], args: &CompareArgs) -> Result<Self, Failure> {
        let mut all = match files {
            [file] => policies_of(&file.scenario, &args.policies)?,
            files => each_file(files, &args.policies)?,
        };
        if let Some(name) = &args.baseline {
            let known = || all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>();
            let place = all.iter().position(|one| one.name == *name);
            let place = place.ok_or_else(|| {
                Failure::Invalid(format!(
                    "there is no `{name}` to be the baseline: compared are `{}`",
                    known().join("`, `")
                ))
            })?;
            all[..=place].rotate_right(1);
        }
        Ok(Self(all))
    }

    /// The file of the baseline, by position.
    pub(super) fn baseline_file(&self) -> usize {
        self.0.first().map_or(0, |baseline| baseline.file)
    }

    /// Files, by position, and policies.
    pub(super) fn cases(&self) -> Vec<(usize, Option<&PolicyPlan>)> {
        let all = self.0.iter();
        all.map(|one| (one.file, one.plan())).collect()
    }

    /// The names of the policies of all, the baseline first; none where there is no policy.
    pub(super) fn policies(&self) -> Vec<Option<String>> {
        let all = self.0.iter();
        all.map(|one| one.policy.as_ref().map(|(name, _)| name.clone()))
            .collect()
    }

    /// The names and files of all, for a plan.
    pub(super) fn planned(&self) -> Vec<PlannedAlternative> {
        let planned = |one: &Alternative| PlannedAlternative {
            name: one.name.clone(),
            file: one.file,
        };
        self.0.iter().map(planned).collect()
    }

    /// All that takes part.
    pub(super) fn contenders<'a>(&'a self, files: &'a [ScenarioFile]) -> Vec<Contender<'a>> {
        let contender = |one: &'a Alternative| Contender {
            name: &one.name,
            scenario: &files[one.file].scenario,
            policy: one.plan(),
        };
        self.0.iter().map(contender).collect()
    }
}

impl Alternative {
    fn plan(&self) -> Option<&PolicyPlan> {
        self.policy.as_ref().map(|(_, plan)| plan)
    }
}

/// The policies asked for, or all; one that does nothing if the scenario has none.
fn policies_of(scenario: &Scenario, asked: &[String]) -> Result<Vec<Alternative>, Failure> {
    let alternative = |(name, plan): (&str, &PolicyPlan)| Alternative {
        name: name.to_owned(),
        file: 0,
        policy: Some((name.to_owned(), plan.clone())),
    };
    let mut policies: Vec<Alternative> = if asked.is_empty() {
        let all = scenario.policies.iter();
        all.map(|(name, plan)| alternative((name, plan))).collect()
    } else {
        let named = asked.iter();
        named
            .map(|name| policy_named(scenario, name).map(alternative))
            .collect::<Result<_, _>>()?
    };
    if policies.is_empty() {
        say("the scenario has no `policies` to compare: estimating its pools as they are");
        policies.push(Alternative {
            name: NO_POLICY.into(),
            file: 0,
            policy: None,
        });
    }
    Ok(policies)
}

/// Each file under the policy asked for, or under its first, as `slotwise run` takes it.
fn each_file(files: &[ScenarioFile], asked: &[String]) -> Result<Vec<Alternative>, Failure> {
    if asked.len() > 1 {
        return Err(Failure::Invalid(
            "of several files each is compared under one policy: give `--policy` once, or one file"
                .into(),
        ));
    }
    let names = short_names(files);
    let alternative = |((file, read), name): ((usize, &ScenarioFile), String)| {
        let scenario = &read.scenario;
        let first = scenario.policies.first();
        let policy = match asked.first() {
            Some(policy) => Some(policy_named(scenario, policy)?),
            None => first.map(|(name, plan)| (name.as_str(), plan)),
        };
        Ok(Alternative {
            name,
            file,
            policy: policy.map(|(name, plan)| (name.to_owned(), plan.clone())),
        })
    };
    files
        .iter()
        .enumerate()
        .zip(names)
        .map(alternative)
        .collect()
}

/// The files without folders and endings, unless two would be called the same.
fn short_names(files: &[ScenarioFile]) -> Vec<String> {
    let stem = |file: &ScenarioFile| {
        let stem = Path::new(&file.name).file_stem();
        stem.map_or_else(
            || file.name.clone(),
            |stem| stem.to_string_lossy().into_owned(),
        )
    };
    let stems: Vec<String> = files.iter().map(stem).collect();
    let is_twice = |name: &String| stems.iter().filter(|one| *one == name).count() > 1;
    let named = files.iter().zip(&stems);
    named
        .map(|(file, stem)| {
            if is_twice(stem) {
                file.name.clone()
            } else {
                stem.clone()
            }
        })
        .collect()
}

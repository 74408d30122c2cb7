//! Which knobs are turned, to what, and what the values of all these sites come to.

use super::{Effect, KnobEffect, Sensitivity, Step, Varied, who_else_sizes};
use crate::experiment::comparison::difference::{Sample, family};
use crate::scenario::{Knob, Scenario};
use crate::stats::interval::mean_interval;

/// Reads the scenario with a knob at another value, or says why that cannot be.
pub type TurnKnob<'a> = dyn Fn(&Knob, i64) -> Result<Scenario, String> + 'a;

/// The sites that an analysis simulates: the one as it is, and those of which one knob has been turned.
#[derive(Clone, Debug)]
pub struct Turns {
    /// What is known of the knobs before anything is simulated.
    effects: Vec<KnobEffect>,
    /// Which knob, and to what.
    turned: Vec<(usize, i64)>,
}

impl Turns {
    /// All turns of these knobs that are possible; why others are not is noted at their knobs.
    pub fn of(
        scenario: &Scenario,
        policy: Option<&str>,
        knobs: &[Knob],
        step: Step,
        turn: &TurnKnob<'_>,
    ) -> Self {
        let effect = |knob: &Knob| {
            let who = who_else_sizes(scenario, policy, knob);
            let note = |who| format!("{who} sizes it, too: turned is its size at the start");
            KnobEffect::of(knob, who.map(note))
        };
        let mut effects: Vec<KnobEffect> = knobs.iter().map(effect).collect();
        let mut turned = Vec::new();
        for (at, knob) in knobs.iter().enumerate() {
            if knob.idle.is_some() {
                continue;
            }
            for to in step.around(knob.value) {
                match to.and_then(|to| turn(knob, to).map(|_| to)) {
                    Ok(to) => turned.push((at, to)),
                    Err(why) => effects[at].notes.push(why),
                }
            }
        }
        Self { effects, turned }
    }

    /// How many sites there are, with the one as it is.
    pub const fn sites(&self) -> usize {
        1 + self.turned.len()
    }

    /// Which of the knobs is turned at each site but the first, and to what.
    pub fn turned<'a>(&self, knobs: &'a [Knob]) -> impl Iterator<Item = (&'a Knob, i64)> {
        let turned = self.turned.iter();
        turned.map(|&(at, to)| (&knobs[at], to))
    }

    /// What the values of all sites come to, the site as it is first; each has one value a replication, or none. All
    /// turns together are a family.
    pub fn judge(self, varied: &Varied<'_>, values: &[Vec<Option<f64>>]) -> Sensitivity {
        let Self {
            mut effects,
            turned,
        } = self;
        let as_is: &Sample = values.first().map_or(&[], Vec::as_slice);
        let others = values.iter().skip(1);
        let pairs: Vec<(&Sample, &Sample)> = others.map(|one| (one.as_slice(), as_is)).collect();
        let differences = family(&pairs, varied.measure.better, varied.level);
        for ((at, to), difference) in turned.into_iter().zip(differences) {
            let effect = &mut effects[at];
            let side = if to < effect.value {
                &mut effect.less
            } else {
                &mut effect.more
            };
            *side = Some(Effect { to, difference });
        }
        effects.sort_by(|a, b| b.importance().total_cmp(&a.importance()));
        let known: Vec<f64> = as_is.iter().copied().flatten().collect();
        let measure = varied.measure;
        Sensitivity {
            replications: varied.replications,
            level: varied.level,
            kind: measure.kind,
            name: measure.name.clone(),
            indicator: measure.indicator.clone(),
            unit: measure.unit,
            as_is: mean_interval(&known, varied.level),
            knobs: effects,
        }
    }
}

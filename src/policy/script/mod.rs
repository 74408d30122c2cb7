//! A policy of the user's own, as a script: it is shown a pool, remembers what it likes, and ends in a number of slots.
//!
//! The script is run once for each pool at each look. It sees `load` (the pool) and `state` (a map that is kept for the
//! pool until its next look), and its last expression is the decision: a number of slots, a map `#{slots: 8, reason: "..."}`,
//! or `()` to leave the pool as it is. It can reach nothing else, and whatever it does is bounded.

mod language;
mod lists;
mod load;
mod source;

pub use source::{ScriptPlace, ScriptSource};

use std::fmt;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, EvalAltResult, Map, Position, Scope};

use super::{Observation, PolicyFailure, PoolLoad, PoolResize, SizingPolicy};
use crate::ids::PoolId;
use language::OPERATIONS;
use load::Load;

/// A compiled script; clones share it.
#[derive(Clone)]
pub struct Script {
    program: Arc<Program>,
}

struct Program {
    /// The name of the policy, for what is said of failures.
    policy: String,
    source: ScriptSource,
    engine: Engine,
    ast: AST,
}

/// What is wrong with a script, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// In words.
    pub message: String,
    /// Where.
    pub place: ScriptPlace,
}

/// What a script has decided: the slots, and why.
type Decision = Option<(f64, String)>;

impl Script {
    /// Compiles the script of a policy.
    ///
    /// # Errors
    /// The text is no script, or names what does not exist.
    ///
    /// # Examples
    /// ```
    /// use slotwise::policy::{PoolLoad, Script, ScriptSource};
    ///
    /// let source = ScriptSource::of_file("demand.rhai", "ceil(load.demand / 0.8)");
    /// let script = Script::compile("mine", source).unwrap();
    /// let load = PoolLoad { running: 6, scheduled: 2, ..PoolLoad::default() };
    /// assert_eq!(script.try_on(&load).unwrap(), Some((10.0, "demand.rhai".into())));
    /// ```
    pub fn compile(policy: &str, source: ScriptSource) -> Result<Self, ScriptError> {
        let engine = language::engine();
        // With the names in scope a misspelt one is an error before anything runs.
        let scope = scope(&PoolLoad::default(), Dynamic::from_map(Map::new()));
        let ast = match engine.compile_with_scope(&scope, source.script()) {
            Ok(ast) => ast,
            Err(error) => {
                let message = in_our_words(&error.err_type().to_string());
                let place = source.place(error.position());
                return Err(ScriptError { message, place });
            }
        };
        let policy = policy.to_owned();
        Ok(Self {
            program: Arc::new(Program {
                policy,
                source,
                engine,
                ast,
            }),
        })
    }

    /// What the script wants for a pool that it has never seen before.
    ///
    /// # Errors
    /// The script fails, or ends in something that is no decision.
    pub fn try_on(&self, load: &PoolLoad) -> Result<Option<(f64, String)>, ScriptError> {
        self.program.run(&mut State::default(), load)
    }

    /// A policy of this script that has seen nothing yet.
    pub fn policy(&self) -> Box<dyn SizingPolicy> {
        Box::new(AtWork {
            program: Arc::clone(&self.program),
            states: Vec::new(),
            failure: None,
        })
    }
}

/// What a script remembers of a pool.
struct State(Dynamic);

impl Default for State {
    fn default() -> Self {
        Self(Dynamic::from_map(Map::new()))
    }
}

/// A script with what it remembers of each pool. A policy governs few pools, so a list is searched.
struct AtWork {
    program: Arc<Program>,
    states: Vec<(PoolId, State)>,
    failure: Option<PolicyFailure>,
}

impl SizingPolicy for AtWork {
    fn decide(&mut self, seen: &Observation) -> Vec<PoolResize> {
        let mut wishes = Vec::new();
        for (pool, load) in &seen.pools {
            let known = self.states.iter().position(|(known, _)| known == pool);
            let at = known.unwrap_or_else(|| {
                self.states.push((*pool, State::default()));
                self.states.len() - 1
            });
            match self.program.run(&mut self.states[at].1, load) {
                Ok(decision) => wishes.extend(decision.map(|(slots, reason)| PoolResize {
                    pool: *pool,
                    slots,
                    reason,
                })),
                Err(error) => {
                    self.failure = Some(PolicyFailure {
                        policy: self.program.policy.clone(),
                        pool: *pool,
                        message: error.message,
                        place: Some(error.place),
                    });
                    return Vec::new();
                }
            }
        }
        wishes
    }

    fn failure(&mut self) -> Option<PolicyFailure> {
        self.failure.take()
    }
}

impl Program {
    /// Lets the script look at a pool once.
    fn run(&self, state: &mut State, load: &PoolLoad) -> Result<Decision, ScriptError> {
        let mut scope = scope(load, std::mem::take(&mut state.0));
        let result = self
            .engine
            .eval_ast_with_scope::<Dynamic>(&mut scope, &self.ast);
        let value = result.map_err(|error| self.error(*error))?;
        state.0 = scope.get_value(STATE).unwrap_or_default();
        self.decision(&value).ok_or_else(|| ScriptError {
            message: format!(
                "the script ends in `{value}`, not in a number of slots, a map `#{{slots: 8, reason: \"...\"}}`, or `()`"
            ),
            place: self.source.end(),
        })
    }

    /// The decision that a value stands for; none if it stands for nothing.
    fn decision(&self, value: &Dynamic) -> Option<Decision> {
        if value.is_unit() {
            return Some(None);
        }
        let (slots, reason) = if let Some(slots) = number(value) {
            (slots, None)
        } else {
            let map = value.as_map_ref().ok()?;
            (number(map.get("slots")?)?, map.get("reason").cloned())
        };
        let unsaid = || self.source.short_name().to_owned();
        Some(Some((
            slots,
            reason.map_or_else(unsaid, |reason| reason.to_string()),
        )))
    }

    fn error(&self, mut error: EvalAltResult) -> ScriptError {
        let message = match &error {
            EvalAltResult::ErrorTooManyOperations(_) => {
                format!("the script takes more than {OPERATIONS} steps")
            }
            _ => String::new(),
        };
        // What fails within a function is more telling than its call.
        let mut position = error.take_position();
        while let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
            error = *inner;
            let within = error.take_position();
            position = if within.is_none() { position } else { within };
        }
        let message = if message.is_empty() {
            in_our_words(&error.to_string())
        } else {
            message
        };
        ScriptError {
            message,
            place: self.source.place(position),
        }
    }
}

const LOAD: &str = "load";
const STATE: &str = "state";

/// What a script can name.
fn scope(load: &PoolLoad, state: Dynamic) -> Scope<'static> {
    let mut scope = Scope::new();
    scope.push_constant(LOAD, Load(*load));
    scope.push_dynamic(STATE, state);
    scope
}

/// A finite number, whole or not.
fn number(value: &Dynamic) -> Option<f64> {
    let whole = value.as_int().map(|whole| whole as f64);
    whole
        .or_else(|_| value.as_float())
        .ok()
        .filter(|number| number.is_finite())
}

/// A message of the language as one of ours: it begins with a small letter and has no full stop.
fn in_our_words(message: &str) -> String {
    let message = message.strip_prefix("Runtime error: ").unwrap_or(message);
    let message = message.trim_end_matches('.');
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

impl ScriptSource {
    fn place(&self, position: Position) -> ScriptPlace {
        match (position.line(), position.position()) {
            (Some(line), column) => self.at(line, column.unwrap_or(1)),
            _ => self.end(),
        }
    }
}

/// Two scripts are the same if they say the same.
impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.program.policy == other.program.policy
            && self.program.source.script() == other.program.source.script()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("policy", &self.program.policy)
            .field("source", &self.program.source)
            .finish_non_exhaustive()
    }
}

//! Policies of the user's own: scripts are compiled, and looked on once as the run would begin with them.

use super::Builder;
use super::sizes::PolicyUser;
use crate::ids::PoolId;
use crate::policy::{PoolLoad, Script, ScriptError, ScriptPlace, ScriptSource};
use crate::scenario::diagnostic::{Diagnostic, Source, Span};
use crate::scenario::syntax::ScriptSyntax;

/// The longest script that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Where the text of a script is to be found among the texts of the scenario.
struct Origin {
    source: ScriptSource,
    /// The position of its text in the list of all.
    text: u32,
}

impl Builder<'_> {
    /// The script of a policy; none if a problem was reported.
    pub(super) fn script(
        &mut self,
        syntax: &ScriptSyntax,
        place: Span,
        PolicyUser { name, pools, .. }: PolicyUser<'_>,
    ) -> Option<Script> {
        let origin = self.origin(syntax, place);
        let origin = origin.map_err(|problem| self.report(problem)).ok()?;
        let located = |code, prefix: &str, error: &ScriptError| {
            let message = format!("{prefix}: {}", error.message);
            Diagnostic::error(code, message).label(origin.span(&error.place), "")
        };
        let script = match Script::compile(name, origin.source.clone()) {
            Ok(script) => script,
            Err(error) => {
                let prefix = format!("the script of policy `{name}` is broken");
                self.report(located("script::syntax", &prefix, &error));
                return None;
            }
        };
        // Every run begins with this look, so that a script which fails at it never works.
        let failed = pools.iter().find_map(|&pool| {
            let error = script.try_on(&self.first_load(pool)).err()?;
            let pool = &self.deployment.pools[pool.index()].name;
            let prefix =
                format!("the script of policy `{name}` fails at its first look at pool `{pool}`");
            let help =
                "what was not measured yet is `()`: `load.mean_wait ?? 0.0` has a value for it";
            // That is how the language says that there is no such operation with `()`.
            let knows_nothing =
                error.message.starts_with("function not found") && error.message.contains("()");
            let problem = located("script::failed", &prefix, &error);
            Some(problem.maybe_help(knows_nothing.then(|| help.to_owned())))
        });
        match failed {
            Some(problem) => {
                self.report(problem);
                None
            }
            None => Some(script),
        }
    }

    /// An empty pool, as it is when a run begins.
    fn first_load(&self, pool: PoolId) -> PoolLoad {
        let declared = &self.deployment.pools[pool.index()];
        PoolLoad {
            time: self.start(),
            slots: declared.slots,
            include_deferred: declared.include_deferred,
            ..PoolLoad::default()
        }
    }

    fn origin(&mut self, syntax: &ScriptSyntax, place: Span) -> Result<Origin, Diagnostic> {
        match (&syntax.file, &syntax.text) {
            (Some(file), None) => {
                let path = file.with(file.as_str());
                let text = self.text_beside(&path)?;
                short_enough(&text, file.span)?;
                let position = self.sources.len() + self.files_read.len();
                let source = ScriptSource::of_file(file, &text);
                let name = file.value.clone();
                self.files_read.push(Source { name, text });
                Ok(Origin {
                    source,
                    text: position as u32,
                })
            }
            (None, Some(text)) => {
                short_enough(text, text.span)?;
                let Span { source, start, end } = text.span;
                let within = self.sources.get(source as usize);
                let (name, whole) = within.map_or(("", ""), |it| (&it.name, &it.text));
                let part = start as usize..end as usize;
                Ok(Origin {
                    source: ScriptSource::within(name, whole, part, text),
                    text: source,
                })
            }
            _ => {
                let message = "a script has one source";
                Err(Diagnostic::error("script::source", message)
                    .label(place, "")
                    .help("give `file` or `text`"))
            }
        }
    }
}

fn short_enough(text: &str, span: Span) -> Result<(), Diagnostic> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!(
        "the script has {} bytes, the limit is {MAX_BYTES}",
        text.len()
    );
    Err(Diagnostic::error("script::source", message).label(span, ""))
}

impl Origin {
    fn span(&self, place: &ScriptPlace) -> Span {
        Span {
            source: self.text,
            start: place.bytes.start as u32,
            end: place.bytes.end as u32,
        }
    }
}

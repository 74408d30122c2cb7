//! What a scenario says is possible, or at least sensible: all problems at once.
//!
//! Errors are looked for even when building found some already; warnings only when there is no error, because they
//! would judge a scenario that nobody wrote.

mod arrivals;
mod assets;
mod cycles;
mod events;
mod feasibility;
mod limits;
mod load;
mod resources;
mod size;
mod until_done;
mod unused;
mod version;
mod window;

use super::Scenario;
use super::build::Built;
use super::diagnostic::{Diagnostic, Severity};
use super::document::Located;
use super::syntax::{DagSyntax, ScenarioSyntax};
use crate::ids::DagId;

/// Checks what was built; the problems of building come along.
pub(super) fn check(syntax: &ScenarioSyntax, built: Built) -> (Option<Scenario>, Vec<Diagnostic>) {
    let mut found = built.found;
    if let Some(scenario) = &built.scenario {
        let subject = Subject { syntax, scenario };
        for check in [
            window::errors,
            until_done::errors,
            limits::errors,
            cycles::errors,
            feasibility::errors,
            events::errors,
            version::errors,
        ] {
            check(&subject, &mut found);
        }
        if found
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
        {
            for check in [
                window::warnings,
                arrivals::warnings,
                events::warnings,
                assets::warnings,
                unused::warnings,
                load::warnings,
                resources::warnings,
                size::warnings,
            ] {
                check(&subject, &mut found);
            }
        }
    }
    (built.scenario, found)
}

/// What the checks look at: the meaning, and the syntax for its places.
struct Subject<'a> {
    syntax: &'a ScenarioSyntax,
    scenario: &'a Scenario,
}

/// A DAG as written, and its first copy as built.
struct WrittenDag<'a> {
    name: &'a Located<String>,
    syntax: &'a DagSyntax,
    id: DagId,
    copies: u32,
}

impl<'a> Subject<'a> {
    /// The DAGs that have at least one copy, as written.
    fn dags(&self) -> impl Iterator<Item = WrittenDag<'a>> + use<'a> {
        let mut next = 0;
        let written = self.syntax.dags.iter().map(move |(name, syntax)| {
            let copies = syntax.count.as_ref().map_or(1, |count| count.value);
            let id = DagId::new(next);
            next += copies as usize;
            WrittenDag {
                name,
                syntax,
                id,
                copies,
            }
        });
        written.filter(|dag| dag.copies > 0)
    }
}

//! The points of a sweep: one scenario many times, with other values at some of its paths.
//!
//! A point is read when it is asked for, so a sweep of many points takes no more memory than its file.

use std::fmt;

use super::diagnostic::{Diagnostic, Severity, Source, Span};
use super::document::{self, Node, Value};
use super::{
    Checked, Diagnostics, Evaluated, Files, Scenario, Setting, checked, evaluate, sources, tree,
};

/// More problems than this help nobody.
const MAX_PROBLEMS: usize = 20;

/// All points of a scenario.
pub struct Points<'f> {
    /// The document without its sweep.
    tree: Node,
    sources: Vec<Source>,
    files: &'f dyn Files,
    design: Design,
}

/// Which values stand where.
struct Design {
    /// What varies, in the order in which it is first named.
    factors: Vec<Factor>,
    points: DesignPoints,
}

enum DesignPoints {
    /// Every combination of the values of each factor, of which the last changes fastest.
    Grid(Vec<Vec<Node>>),
    /// What each point sets, by the number of the factor.
    List(Vec<Vec<(usize, Node)>>),
}

/// Something that varies.
struct Factor {
    path: String,
    /// Where it is first named.
    place: Span,
}

impl<'f> Points<'f> {
    /// The points of the scenario's `sweep`; one that changes nothing if it has none.
    ///
    /// # Errors
    /// A text that is no document. Whether the points are scenarios is seen when they are asked for, or by [`Self::check`].
    pub fn of_sweep(
        text: &str,
        name: &str,
        settings: &[Setting<'_>],
        files: &'f dyn Files,
    ) -> Result<Self, Diagnostics> {
        Self::new(text, name, settings, files, Design::of)
    }

    /// The scenario itself as the only point, whether or not it has a `sweep`.
    ///
    /// # Errors
    /// A text that is no document.
    pub fn single(
        text: &str,
        name: &str,
        settings: &[Setting<'_>],
        files: &'f dyn Files,
    ) -> Result<Self, Diagnostics> {
        Self::new(text, name, settings, files, |_| Design::single())
    }

    fn new(
        text: &str,
        name: &str,
        settings: &[Setting<'_>],
        files: &'f dyn Files,
        design: fn(Option<Node>) -> Design,
    ) -> Result<Self, Diagnostics> {
        let sources = sources(text, name, settings);
        let mut tree = match tree(text, settings) {
            Ok(tree) => tree,
            Err(problem) => {
                let list = vec![problem];
                return Err(Diagnostics { list, sources });
            }
        };
        let sweep = match &mut tree.value {
            Value::Map(entries) => entries.shift_remove("sweep"),
            _ => None,
        };
        Ok(Self {
            tree,
            sources,
            files,
            design: design(sweep.map(|entry| entry.node)),
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.design.count()
    }

    /// The paths that vary.
    pub fn factors(&self) -> impl Iterator<Item = &str> {
        self.design
            .factors
            .iter()
            .map(|factor| factor.path.as_str())
    }

    /// What a point sets, by factor, as in the file; none where it leaves the scenario as it is.
    pub fn values(&self, point: usize) -> Vec<Option<String>> {
        let mut values = vec![None; self.design.factors.len()];
        for (factor, value) in self.design.choices(point) {
            values[factor] = Some(value.to_string());
        }
        values
    }

    /// The scenario at a point.
    ///
    /// # Errors
    /// All that is wrong with it, located in the text, with the values that the point sets.
    pub fn scenario(&self, point: usize) -> Result<Checked<Scenario>, Diagnostics> {
        let Evaluated {
            scenario,
            found: list,
            files_read,
        } = self.evaluate(point, &self.sources);
        let has_errors = list.iter().any(|one| one.severity == Severity::Error);
        // The texts are needed only where something is to be shown.
        let sources = if has_errors {
            [self.sources.clone(), files_read].concat()
        } else {
            Vec::new()
        };
        checked(scenario, Diagnostics { list, sources })
    }

    /// Reads all points; errors are told once each, for the first point that has it.
    ///
    /// # Errors
    /// What is wrong with points.
    pub fn check(&self) -> Result<(), Diagnostics> {
        let mut list: Vec<Diagnostic> = Vec::new();
        let mut known = Vec::new();
        let mut sources = self.sources.clone();
        for point in 0..self.count() {
            let Evaluated {
                found, files_read, ..
            } = self.evaluate(point, &sources);
            if !found.is_empty() {
                sources.extend(files_read);
            }
            for problem in found {
                // A file that is read at each point is another text each time.
                let place = problem.labels.first().map(|one| {
                    let text = sources.get(one.span.source as usize);
                    (text.map(|text| text.name.clone()), one.span.start)
                });
                let key = (problem.code, place);
                if problem.severity == Severity::Error && !known.contains(&key) {
                    known.push(key);
                    list.push(problem);
                }
            }
            if list.len() >= MAX_PROBLEMS {
                break;
            }
        }
        if list.is_empty() {
            return Ok(());
        }
        Err(Diagnostics { list, sources })
    }

    /// What the scenario means at a point; `sources` are the texts that are known already.
    fn evaluate(&self, point: usize, sources: &[Source]) -> Evaluated {
        let choices = self.design.choices(point);
        let mut tree = self.tree.clone();
        for (factor, value) in &choices {
            let Factor { path, place } = &self.design.factors[*factor];
            if let Err(problem) = document::put(&mut tree, path, *place, value.clone()) {
                return Evaluated {
                    scenario: None,
                    found: vec![problem],
                    files_read: Vec::new(),
                };
            }
        }
        let mut evaluated = evaluate(&tree, sources, self.files);
        for problem in &mut evaluated.found {
            blame(problem, point, &choices);
        }
        evaluated
    }
}

/// Says at which point there is a problem, and shows the values that it sets.
fn blame(problem: &mut Diagnostic, point: usize, choices: &[(usize, Node)]) {
    if choices.is_empty() {
        return;
    }
    problem.message = format!("at point {point}: {}", problem.message);
    for (_, value) in choices {
        let span = value.span;
        let is_shown = problem.labels.iter().any(|label| label.span == span);
        if !is_shown {
            let labelled = std::mem::replace(problem, Diagnostic::error("", ""));
            *problem = labelled.label(span, "with this value");
        }
    }
}

/// The factors of the sweep in a document that name nothing in it. The shape of a sweep is known to be right.
pub(super) fn unknown_paths(tree: &Node) -> Vec<Diagnostic> {
    let Value::Map(entries) = &tree.value else {
        return Vec::new();
    };
    let sweep = entries.get("sweep").map(|entry| entry.node.clone());
    let problem = |Factor { path, place }: Factor| {
        let nothing = Node {
            value: Value::Null,
            span: place,
        };
        document::put(&mut tree.clone(), &path, place, nothing).err()
    };
    let factors = Design::of(sweep).factors.into_iter();
    factors.filter_map(problem).collect()
}

impl Design {
    fn single() -> Self {
        Self {
            factors: Vec::new(),
            points: DesignPoints::List(vec![Vec::new()]),
        }
    }

    /// The design that a `sweep` section describes.
    fn of(sweep: Option<Node>) -> Self {
        let Some(sweep) = sweep else {
            return Self::single();
        };
        let mut factors = Vec::new();
        let points = match sweep.value {
            Value::Map(entries) => {
                let values = |node: Node| match node.value {
                    Value::List(values) => values,
                    _ => Vec::new(),
                };
                let grid = entries.into_iter().map(|(path, entry)| {
                    let place = entry.key;
                    factors.push(Factor { path, place });
                    values(entry.node)
                });
                DesignPoints::Grid(grid.collect())
            }
            Value::List(points) => {
                let points = points.into_iter();
                DesignPoints::List(points.map(|node| listed(node, &mut factors)).collect())
            }
            _ => DesignPoints::List(Vec::new()),
        };
        Self { factors, points }
    }

    fn count(&self) -> usize {
        match &self.points {
            DesignPoints::Grid(factors) => factors.iter().map(Vec::len).product(),
            DesignPoints::List(points) => points.len(),
        }
    }

    /// What a point sets, by the number of the factor.
    fn choices(&self, point: usize) -> Vec<(usize, Node)> {
        match &self.points {
            DesignPoints::List(points) => points[point].clone(),
            DesignPoints::Grid(factors) => {
                let mut rest = point;
                let choice = |(factor, values): (usize, &Vec<Node>)| {
                    let value = values[rest % values.len()].clone();
                    rest /= values.len();
                    (factor, value)
                };
                let mut choices: Vec<_> = factors.iter().enumerate().rev().map(choice).collect();
                choices.reverse();
                choices
            }
        }
    }
}

/// What one point of a list sets; paths that are new become factors.
fn listed(point: Node, factors: &mut Vec<Factor>) -> Vec<(usize, Node)> {
    let Value::Map(entries) = point.value else {
        return Vec::new();
    };
    let choice = |(path, entry): (String, document::Entry)| {
        let known = factors.iter().position(|factor| factor.path == path);
        let factor = known.unwrap_or_else(|| {
            let place = entry.key;
            factors.push(Factor { path, place });
            factors.len() - 1
        });
        (factor, entry.node)
    };
    entries.into_iter().map(choice).collect()
}

impl fmt::Debug for Points<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors: Vec<_> = self.factors().collect();
        write!(f, "{} points of {factors:?}", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::NoFiles;

    const SITE: &str = "
horizon: 1d
pools: {a: 4}
dags: {d: {schedule: '@hourly', tasks: {t: {pool: a, pool_slots: 2, duration: {constant: 2m}}}}}
";

    fn points(sweep: &str) -> Points<'static> {
        let text = format!("{SITE}sweep: {sweep}\n");
        Points::of_sweep(&text, "x.yaml", &[], &NoFiles).unwrap()
    }

    fn slots_and_parallelism(points: &Points<'_>, point: usize) -> (i64, u32) {
        let deployment = points.scenario(point).unwrap().value.deployment;
        let pool = deployment.pool_named("a").unwrap();
        let slots = deployment.pools[pool.index()].slots;
        (slots, deployment.airflow.parallelism)
    }

    #[test]
    fn a_grid_has_every_combination_and_the_last_factor_changes_fastest() {
        let grid = points("{pools.a.slots: [2, 6], airflow.parallelism: [8, 9, 10]}");
        let all: Vec<_> = (0..grid.count())
            .map(|point| slots_and_parallelism(&grid, point))
            .collect();
        assert_eq!(all, [(2, 8), (2, 9), (2, 10), (6, 8), (6, 9), (6, 10)]);
        assert_eq!(
            grid.factors().collect::<Vec<_>>(),
            ["pools.a.slots", "airflow.parallelism"]
        );
        assert_eq!(grid.values(5), [Some("6".into()), Some("10".into())]);
    }

    #[test]
    fn a_listed_point_leaves_the_rest_as_it_is() {
        let list = points("[{pools.a.slots: 3}, {airflow.parallelism: 9}]");
        assert_eq!(slots_and_parallelism(&list, 0), (3, 32));
        assert_eq!(slots_and_parallelism(&list, 1), (4, 9));
        assert_eq!(list.values(1), [None, Some("9".into())]);
    }

    #[test]
    fn the_scenario_itself_is_a_single_point() {
        let text = format!("{SITE}sweep: {{pools.a.slots: [2, 6]}}\n");
        let single = Points::single(&text, "x.yaml", &[], &NoFiles).unwrap();
        assert_eq!((single.count(), single.factors().count()), (1, 0));
        assert_eq!(slots_and_parallelism(&single, 0), (4, 32));
    }

    #[test]
    fn a_problem_names_its_point_and_shows_the_values() {
        let told = |sweep| points(sweep).check().unwrap_err().to_string();
        // The pool is too small for the task, which stands elsewhere.
        let narrow = told("{pools.a.slots: [4, 1]}");
        assert!(
            narrow.contains("error[task::too_wide]: at point 1: "),
            "{narrow}"
        );
        assert!(narrow.contains("- with this value"), "{narrow}");
        let mistyped = told("{airflow.parallelism: [many, 8, 16], pools.a.slots: [4, 5]}");
        assert!(
            mistyped.contains("at point 0: expected a whole number"),
            "{mistyped}"
        );
        assert!(mistyped.contains("x.yaml:5:"), "{mistyped}");
        assert_eq!(
            mistyped.matches("error").count(),
            1,
            "told once: {mistyped}"
        );
    }
}

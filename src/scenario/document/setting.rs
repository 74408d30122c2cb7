//! `--set PATH=VALUE` and the points of a sweep: replace a part of the document before it is typed.
//!
//! A path is dotted; a name that holds a dot stands in quotes (`dags."a.b".tasks.x.duration`); a number picks from a
//! list, counted from 0. A key that the format knows may be added, whether or not the file gives it; a pool, DAG,
//! task, policy, executor or worker group must be in the file, for a misspelt name would otherwise be a new one that changes nothing.

use indexmap::IndexMap;

use super::node::{Entry, Node, Value};
use super::yaml::parse;
use crate::deployment::DEFAULT_POOL;
use crate::scenario::diagnostic::{Diagnostic, Span};
use crate::scenario::near::{near, quoted};

/// One step of a path and its place in the setting.
struct Step {
    name: String,
    span: Span,
}

/// Replaces what the path names by the value, which is YAML; the setting is the `source`-th text.
pub(crate) fn apply(
    root: &mut Node,
    path: &str,
    value: &str,
    source: u32,
) -> Result<(), Diagnostic> {
    let place = |start, end| Span {
        source,
        start: start as u32,
        end: end as u32,
    };
    let steps = steps_of(path, &place)?;
    let mut value = parse(value, source, path.len() + 1)?;
    if let Some(last) = steps.last()
        && matches!(value.value, Value::Null | Value::List(_) | Value::Map(_))
    {
        value.span = last.span;
    }
    *reach(root, &steps)? = value;
    Ok(())
}

/// Replaces what the path names by a value of the document; the path stands at `span`.
pub(crate) fn put(root: &mut Node, path: &str, span: Span, value: Node) -> Result<(), Diagnostic> {
    // A key is written with escapes, so a part of it has no place that can be told.
    let steps = steps_of(path, &|_, _| span)?;
    *reach(root, &steps)? = value;
    Ok(())
}

fn reach<'a>(root: &'a mut Node, steps: &[Step]) -> Result<&'a mut Node, Diagnostic> {
    let mut node = root;
    for at in 0..steps.len() {
        node = step_into(node, steps, at)?;
    }
    Ok(node)
}

/// The steps of a path; `place` tells where a stretch of its bytes stands.
fn steps_of(path: &str, place: &dyn Fn(usize, usize) -> Span) -> Result<Vec<Step>, Diagnostic> {
    let bad_path = |why| bad_path(path, place(0, path.len()), why);
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let rest = &path[at..];
        let (name, length) = if let Some(inside) = rest.strip_prefix('"') {
            let end = inside.find('"');
            let end = end.ok_or_else(|| bad_path("a quote is not closed"))?;
            (&inside[..end], end + 2)
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            (&rest[..end], end)
        };
        if name.is_empty() {
            return Err(bad_path("a name between the dots is missing"));
        }
        steps.push(Step {
            name: name.to_owned(),
            span: place(at, at + length),
        });
        at += length;
        match path[at..].chars().next() {
            None => return Ok(steps),
            Some('.') => at += 1,
            Some(_) => {
                return Err(bad_path("after a quoted name a dot must follow"));
            }
        }
    }
}

fn bad_path(path: &str, span: Span, why: &str) -> Diagnostic {
    Diagnostic::error("set::bad_path", format!("`{path}` is not a path: {why}"))
        .label(span, "")
        .help("write names with dots between them, such as `dags.\"a.b\".tasks.x.duration`")
}

/// The value below `node` that step number `at` names; missing keys of the format are added.
fn step_into<'a>(
    node: &'a mut Node,
    steps: &[Step],
    at: usize,
) -> Result<&'a mut Node, Diagnostic> {
    let step = &steps[at];
    if matches!(node.value, Value::Null) {
        node.value = Value::Map(IndexMap::new());
    }
    open_bare_pool(node, steps, at);
    match &mut node.value {
        Value::Map(entries) => {
            if !entries.contains_key(&step.name) {
                refuse_new_name(entries, steps, at)?;
            }
            let entry = entries.entry(step.name.clone()).or_insert_with(|| Entry {
                key: step.span,
                node: Node {
                    value: Value::Null,
                    span: step.span,
                },
            });
            Ok(&mut entry.node)
        }
        Value::List(items) => {
            let count = items.len();
            let item = step
                .name
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index));
            item.ok_or_else(|| {
                Diagnostic::error(
                    "set::no_such_item",
                    format!("the list has no item `{}`", step.name),
                )
                .label(step.span, "")
                .help(format!("it has {count} items, counted from 0"))
            })
        }
        _ => Err(Diagnostic::error(
            "set::not_a_map",
            format!(
                "there is nothing below this value that `{}` could name",
                step.name
            ),
        )
        .label(step.span, "")
        .label(node.span, "this is a single value")),
    }
}

/// `pools.x: 4` is short for `pools.x: {slots: 4}`; a path below it means the long form.
fn open_bare_pool(node: &mut Node, steps: &[Step], at: usize) {
    if at == 2 && steps[0].name == "pools" && matches!(node.value, Value::Integer(_)) {
        let span = node.span;
        let slots = Entry {
            key: span,
            node: node.clone(),
        };
        node.value = Value::Map(IndexMap::from([("slots".to_owned(), slots)]));
    }
}

fn refuse_new_name(
    entries: &IndexMap<String, Entry>,
    steps: &[Step],
    at: usize,
) -> Result<(), Diagnostic> {
    let step = &steps[at];
    let above: Vec<&str> = steps[..at].iter().map(|step| step.name.as_str()).collect();
    let kind = match above.as_slice() {
        ["pools"] if step.name != DEFAULT_POOL => "pool",
        ["dags"] => "DAG",
        ["dags", _, "tasks"] => "task",
        ["policies"] => "policy",
        ["executors"] => "executor",
        ["executor", "celery", "worker_groups"] | ["executors", _, "celery", "worker_groups"] => {
            "worker group"
        }
        _ => return Ok(()),
    };
    let names = || entries.keys().map(String::as_str);
    let help = match near(&step.name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if entries.is_empty() => "there are none".into(),
        None => format!("there are: {}", quoted(names().take(20))),
    };
    Err(Diagnostic::error(
        "set::no_such_name",
        format!("there is no {kind} `{}` in the scenario", step.name),
    )
    .label(step.span, "")
    .help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pools: {a: 4}\ndags: {a.b: {tasks: {x: {map: [1, 2]}}}}\n";

    fn set(path: &str, value: &str) -> Result<Node, Diagnostic> {
        let mut tree = parse(TEXT, 0, 0).unwrap();
        apply(&mut tree, path, value, 1).map(|()| tree)
    }

    #[test]
    fn quoted_names_list_items_and_bare_pools_are_reached() {
        let expected = |text: &str| format!("{:?}", strip(parse(text, 0, 0).unwrap()));
        let got = |path, value| format!("{:?}", strip(set(path, value).unwrap()));
        assert_eq!(
            got("dags.\"a.b\".tasks.x.map.1", "7"),
            expected(&TEXT.replace("[1, 2]", "[1, 7]"))
        );
        assert_eq!(
            got("pools.a.slots", "9"),
            expected(&TEXT.replace("a: 4", "a: {slots: 9}"))
        );
        assert_eq!(
            got("horizon", "1d"),
            expected(&format!("{TEXT}horizon: 1d\n"))
        );
    }

    /// The tree without places, to compare.
    fn strip(node: Node) -> Node {
        let value = match node.value {
            Value::List(items) => Value::List(items.into_iter().map(strip).collect()),
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(name, entry)| {
                        let key = Span::default();
                        (
                            name,
                            Entry {
                                key,
                                node: strip(entry.node),
                            },
                        )
                    })
                    .collect(),
            ),
            other => other,
        };
        Node {
            value,
            span: Span::default(),
        }
    }

    #[test]
    fn what_cannot_be_there_is_refused() {
        let code = |path| set(path, "1").unwrap_err().code;
        assert_eq!(code("pools.b.slots"), "set::no_such_name");
        assert_eq!(code("dags.\"a.b\".tasks.y.pool"), "set::no_such_name");
        assert_eq!(code("dags.\"a.b\".tasks.x.map.5"), "set::no_such_item");
        assert_eq!(code("dags.\"a.b\".tasks.x.map.0.z"), "set::not_a_map");
        assert_eq!(code("dags.\"a.b"), "set::bad_path");
        assert_eq!(code("a..b"), "set::bad_path");
    }
}

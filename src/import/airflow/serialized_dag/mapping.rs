//! What tasks and groups of a serialized DAG are mapped over.

use serde_json::Value;

use super::plain;
use crate::import::airflow::site::{SiteDag, SiteMap};

/// What is mapped over: literals multiply, a reference names its task.
pub(super) fn map(expand: Option<&Value>) -> SiteMap {
    let Some(value) = expand.and_then(|expand| expand.get("value")).map(plain) else {
        return SiteMap::Other;
    };
    let references = |value: &Value| {
        let is_reference = value["__type"] == "xcomref";
        let task = value["__var"]["task_id"].as_str().filter(|_| is_reference);
        task.map(|task| SiteMap::Over(task.to_owned()))
    };
    let length = |value: &Value| match plain(value) {
        Value::Array(items) => Some(items.len()),
        Value::Object(items) => Some(items.len()),
        _ => None,
    };
    if let Some(over) = expand.map(|expand| &expand["value"]).and_then(references) {
        return over;
    }
    match value {
        Value::Object(arguments) => {
            let mut product = 1;
            for argument in arguments.values() {
                match (references(argument), length(argument)) {
                    (Some(over), _) => return over,
                    (None, Some(items)) => product *= items,
                    (None, None) => return SiteMap::Other,
                }
            }
            SiteMap::Length(product as u32)
        }
        Value::Array(items) => SiteMap::Length(items.len() as u32),
        _ => SiteMap::Other,
    }
}

/// Tells tasks which mapped group they are in, if any; of groups within each other the outermost.
pub(super) fn read_groups(group: &Value, mapped: Option<&str>, dag: &mut SiteDag) {
    let group = plain(group);
    let Some(children) = group["children"].as_object() else {
        return;
    };
    for (name, child) in children {
        if child[0] == "operator" {
            if let Some(task) = dag.tasks.get_mut(name) {
                task.group = mapped.map(str::to_owned);
            }
            continue;
        }
        let inner = plain(&child[1]);
        let is_mapped = inner["is_mapped"].as_bool().unwrap_or(false);
        if is_mapped && mapped.is_none() {
            let over = map(inner.get("expand_input"));
            dag.groups.insert(name.clone(), over);
            read_groups(inner, Some(name), dag);
        } else {
            read_groups(inner, mapped, dag);
        }
    }
}

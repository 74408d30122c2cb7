//! The tree of located values that YAML is read into.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::scenario::diagnostic::Span;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// Where it is; a map or list that stands below a key has the place of the key, which is what a reader looks for.
    pub(crate) span: Span,
}

/// What YAML knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A number with a point or an exponent.
    Number(f64),
    /// Everything else in one piece.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(IndexMap<String, Entry>),
}

/// What a key of a map leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Where the key stands.
    pub(crate) key: Span,
    /// Its value.
    pub(crate) node: Node,
}

impl Node {
    /// Moves the places of the whole tree to `offset` bytes later, in text number `source`.
    pub(super) fn relocate(&mut self, source: u32, offset: u32) {
        let shift = |span: &mut Span| {
            span.source = source;
            span.start += offset;
            span.end += offset;
        };
        shift(&mut self.span);
        match &mut self.value {
            Value::List(items) => items
                .iter_mut()
                .for_each(|item| item.relocate(source, offset)),
            Value::Map(entries) => entries.values_mut().for_each(|entry| {
                shift(&mut entry.key);
                entry.node.relocate(source, offset);
            }),
            _ => {}
        }
    }
}

fn span_of(location: &serde_saphyr::Location) -> Span {
    let start = location.span().byte_offset().unwrap_or(0) as u32;
    let length = location.span().byte_len().unwrap_or(0) as u32;
    Span {
        source: 0,
        start,
        end: start + length,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self {
            span: span_of(&spanned.defined),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = IndexMap::new();
        while let Some((key, mut node)) = entries.next_entry::<Spanned<String>, Node>()? {
            let key_span = span_of(&key.defined);
            if matches!(node.value, Value::List(_) | Value::Map(_) | Value::Null) {
                node.span = key_span;
            }
            let entry = Entry {
                key: key_span,
                node,
            };
            map.insert(key.value, entry);
        }
        Ok(Value::Map(map))
    }
}

impl fmt::Display for Node {
    /// YAML in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::Text(value) => f.write_str(value),
            Value::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Value::Map(entries) => {
                f.write_str("{")?;
                for (at, (key, entry)) in entries.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{key}: {}", entry.node)?;
                }
                f.write_str("}")
            }
        }
    }
}

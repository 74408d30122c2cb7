//! The text as a tree in which every value knows its place.
//!
//! YAML is read into [`Node`]s first, so that a `--set` can replace a part before anything is typed and every
//! value, whether from the file or from a setting, still knows the text it came from.

mod deserialize;
mod fault;
mod located;
mod node;
mod setting;
mod yaml;

pub(crate) use fault::{Fault, hinted};
pub(crate) use located::Located;
pub(crate) use node::{Entry, Node, Value};
pub(crate) use setting::{apply, put};
pub(crate) use yaml::parse;

//! `slotwise schema`: prints the JSON Schema of scenario files, for editors.

use super::Failure;
use super::output::print;
use crate::scenario;

/// Prints the schema.
pub(crate) fn run() -> Result<(), Failure> {
    print(&(scenario::schema().trim_end().to_owned() + "\n"))
}

//! The command line: parse, run, and turn a failure into its exit code.
fn main() {}

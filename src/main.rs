//! The command line: parse, run, and turn a failure into its exit code.

use std::panic;
use std::process::{ExitCode, exit};

use clap::Parser;
use slotwise::cli::{self, Cli, Failure};

fn main() -> ExitCode {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |bug| {
        tell(bug);
        end_with_a_bug();
    }));
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

#[expect(
    clippy::exit,
    reason = "the release build aborts on a panic, which would end in a signal and not in the promised exit code"
)]
fn end_with_a_bug() -> ! {
    exit(Failure::BUG)
}

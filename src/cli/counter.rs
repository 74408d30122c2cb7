//! A counter for those who wait: one line on stderr that overwrites itself, and nothing where that is no terminal.

use std::io::{self, IsTerminal, Write};

use crate::experiment::Progress;

/// The line; it vanishes with the counter.
#[derive(Debug)]
pub(crate) struct Counter {
    is_seen: bool,
}

impl Counter {
    pub(crate) fn new() -> Self {
        Self {
            is_seen: io::stderr().is_terminal(),
        }
    }

    /// Tells how far it has come; with stderr gone there is nobody to tell.
    pub(crate) fn tell(&self, progress: Progress) {
        if self.is_seen {
            let Progress { done, total } = progress;
            let _ = write!(io::stderr(), "\r{done} of {total} replications");
        }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if self.is_seen {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

//! A progress bar for those who wait: on stderr, and nowhere if that is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

/// How often the bar is drawn, in hertz at most.
const REFRESH: u8 = 5;

/// What is run, how far it has come, how quickly, and how long it will take.
const TEMPLATE: &str = "{msg} {bar:20} {pos} of {len}, {per_sec}, {eta} left";

/// The bar; it vanishes with the value.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar of replications of `what`.
    pub(crate) fn new(what: &str) -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(REFRESH);
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // The template is a constant that is understood; without it the bar would only look plainer.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        Self(bar)
    }

    /// Tells what is run now, and how far that has come.
    pub(crate) fn tell_of(&self, what: &'static str, progress: Progress) {
        if progress.done <= 1 && self.0.message() != what {
            self.0.reset();
            self.0.set_message(what);
        }
        self.tell(progress);
    }

    /// Tells how far it has come. Threads may tell it out of order; the bar never goes back.
    pub(crate) fn tell(&self, progress: Progress) {
        let Progress { done, total } = progress;
        self.0.set_length(total as u64);
        let ahead = (done as u64).saturating_sub(self.0.position());
        self.0.inc(ahead);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

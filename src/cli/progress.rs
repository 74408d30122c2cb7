//! A progress bar for those who wait: on stderr, and nowhere if that is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

/// How often the bar is drawn, in hertz at most.
const REFRESH: u8 = 5;

/// The bar; it vanishes with the value.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar of replications.
    pub(crate) fn new() -> Self {
        let bar =
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(REFRESH));
        let template = "{bar:30} {pos} of {len} replications, {elapsed} gone, {eta} left";
        // The template is a constant that is understood; without it the bar would only look plainer.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
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

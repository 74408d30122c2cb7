//! How wrong forecasts have been.

/// Forecast errors: their count and the sum of their squares. A forecast is taken to be right in the mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Residuals {
    count: u64,
    squares: f64,
}

impl Residuals {
    /// Counts what came less what was forecast.
    pub(super) fn see(&mut self, error: f64) {
        self.count += 1;
        self.squares += error * error;
    }

    /// The root of their mean square; 0 before the first.
    pub(super) fn standard_deviation(&self) -> f64 {
        (self.squares / self.count.max(1) as f64).sqrt()
    }
}

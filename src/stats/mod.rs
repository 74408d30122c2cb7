//! Statistics: pure numerics on slices. Formulas stand beside their source; nothing here knows what is measured.

pub mod interval;
pub mod quantile;
pub mod student_t;

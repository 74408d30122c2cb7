//! The jitter of Airflow's backoffs: a hash of names and dates and no draw, so equal names and dates wait equally
//! long everywhere.

use sha1::{Digest, Sha1};

use crate::time::SimTime;

/// The SHA-1 of `text`, read as one big-endian number, modulo `modulus` (positive, below 2^32).
pub(super) fn sha1_modulo(text: &str, modulus: u64) -> u64 {
    Sha1::digest(text.as_bytes())
        .iter()
        .fold(0, |rest, &byte| (rest * 256 + u64::from(byte)) % modulus)
}

/// A moment as Python prints an aware `datetime` in UTC: `2025-03-03 00:30:00+00:00`, microseconds only if not zero.
pub(super) fn python_text(moment: SimTime) -> String {
    let text = moment.to_string().replace('T', " ");
    let text = text.trim_end_matches('Z');
    format!("{}+00:00", text.trim_end_matches(".000000"))
}

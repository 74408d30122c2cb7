//! A limit on calls: a token bucket, as APIs put it in front of themselves.

/// How many calls are answered: a bucket of `tokens` is refilled by `refill` tokens a second, and each call takes one.
///
/// A try spreads its calls evenly over its work: the first as it begins, the *i*-th when (*i* - 1) / `calls_per_task` of the work
/// is done. Source of the rule: the token bucket of J. S. Turner, "New directions in communications", IEEE Communications
/// Magazine 24(10), 1986.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Calls of one try; at least 1.
    pub calls_per_task: u32,
    /// Tokens that come each second; above 0.
    pub refill: f64,
    /// The most tokens that the bucket holds, which it does at the start; at least 1.
    pub tokens: u32,
    /// What becomes of calls beyond that.
    pub excess: Excess,
}

/// What becomes of a call for which there is no token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Excess {
    /// It waits for its token behind the calls that came before, and its try with it.
    #[default]
    Delay,
    /// It is refused and its try fails; what the try has called and done before is lost.
    Fail,
}

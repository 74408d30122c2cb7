//! A limit on calls: a token bucket, as APIs put it in front of themselves.

/// How many calls are answered: a bucket holds `burst` tokens, gets `rate` of them a second, and each call takes one.
///
/// A try makes its calls when its work begins, one after the other. Source of the rule: the token bucket of J. S. Turner,
/// "New directions in communications", IEEE Communications Magazine 24(10), 1986, as RFC 2697 states it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Calls of one try.
    pub calls_per_task: u32,
    /// Tokens that come each second; above 0.
    pub rate: f64,
    /// The most tokens that the bucket holds, which it does at the start; at least 1.
    pub burst: u32,
    /// What becomes of calls beyond that.
    pub excess: Excess,
}

/// What becomes of a call for which there is no token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Excess {
    /// It waits for its token behind those that came before, and its try with it.
    #[default]
    Delay,
    /// It is refused and its try fails; the calls that the try made before are spent.
    Fail,
}

//! One integration binary, one module a behaviour.

//! One integration binary, one module a behaviour.

mod airflow_units;
mod recordings;
mod scenarios;

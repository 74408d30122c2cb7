//! One integration binary, one module a behaviour.

mod airflow_decisions;
mod recorded_site;
mod recordings;

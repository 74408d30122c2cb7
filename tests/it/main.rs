//! One integration binary, one module a behaviour.

mod airflow_decisions;
mod airflow_traces;
mod airflow_units;
mod recorded_site;
mod recordings;

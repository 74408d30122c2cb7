//! One integration binary, one module a behaviour.
#![expect(
    clippy::unwrap_used,
    reason = "clippy excuses test functions but not what they call"
)]

mod advice_cli;
mod airflow_2;
mod airflow_decisions;
mod airflow_traces;
mod airflow_units;
mod architecture;
mod awaiting_sensors;
mod behaviours;
mod browser;
mod choosing;
mod compare_cli;
mod coverage;
mod dependencies;
mod docs;
mod edits;
mod executors;
mod explain_cli;
mod import_airflow;
mod import_csv;
mod import_postgres;
mod invariants;
mod merge_cli;
mod planned_sizes;
mod policy_failures;
mod policy_hands;
mod pools_cli;
mod postgres_server;
mod prefetching;
mod queueing_network;
mod random_events;
mod random_resources;
mod random_sites;
mod random_tasks;
mod recorded_events;
mod recorded_site;
mod recorded_task;
mod recordings;
mod reference;
mod replications_cli;
mod report_cli;
mod resources;
mod scenario_runs;
mod scenarios;
mod scheduling_waits;
mod script_limits;
mod script_policies;
mod select_cli;
mod sensitivity_cli;
mod sensors;
mod sites;
mod skipping;
mod sweep_cli;
mod theory;
mod tries;
mod triggered_runs;
mod until_done;
mod wait_causes;
mod waiting;
mod worker_events;
mod workflows;

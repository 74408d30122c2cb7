//! Plans the pools of Apache Airflow by simulating its scheduler.
//!
//! A scenario is text; a [`scenario::Scenario`] is its meaning; an [`experiment::Replication`] of it is simulated by
//! [`airflow`] on the [`engine`] and writes rows to a [`trace::Recorder`]; [`metrics`] turns them into the values of
//! indicators, and [`report`] turns those into text and pictures. Only [`cli`] touches files, clock and terminal.
//!
//! Modules stand in layers and import only lower ones:
//!
//! | Layer | Modules |
//! |---|---|
//! | 7 | [`cli`]: the subcommands, files, exit codes |
//! | 6 | [`report`]: tables, JSON, CSV, charts; [`import`]: recorded workflows to scenarios |
//! | 5 | [`experiment`]: replications and verdicts |
//! | 4 | [`airflow`]: Airflow as it behaves; [`metrics`]: rows to values; [`scenario`]: text to meaning; [`calibrate`]: records to laws |
//! | 3 | [`policy`]: who changes pools; [`trace`]: rows and indicators |
//! | 2 | [`deployment`]: Airflow as it is described |
//! | 1 | [`engine`]: clock and events; [`random`]: keyed streams, distributions; [`stats`]: plain numerics |
//! | 0 | [`time`], [`ids`] |
//!
//! # Examples
//! ```
//! use slotwise::experiment::{Replication, summarise};
//! use slotwise::metrics::measure;
//! use slotwise::scenario::{self, NoFiles};
//!
//! let text = "
//! horizon: 1d
//! pools: {reports: 2}
//! dags:
//!   ad_hoc:
//!     schedule: {poisson: {rate: 6 per hour}}
//!     tasks: {report: {pool: reports, duration: {exponential: {mean: 8m}}}}
//! ";
//! let scenario = scenario::read(text, &NoFiles).expect("the scenario is valid").value;
//! let replication = Replication { scenario: &scenario, policy: None, number: 0 };
//! let metrics = measure(&summarise(&replication)?, &scenario.deployment);
//! let reports = metrics.pools.iter().find(|pool| pool.pool == "reports").expect("it is declared");
//! assert!(reports.time_full > 0.1 && reports.time_full < 0.9);
//! # Ok::<(), slotwise::airflow::DynamicPoolError>(())
//! ```

pub mod airflow;
pub mod calibrate;
pub mod cli;
pub mod deployment;
pub mod engine;
pub mod experiment;
pub mod ids;
pub mod import;
pub mod metrics;
pub mod policy;
pub mod random;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod time;
pub mod trace;

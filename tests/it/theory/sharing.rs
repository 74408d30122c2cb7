//! What is shared, and what is limited, behind a pool: processor sharing, scalability, token buckets.

use super::Effort;
use super::measured::{Run, scenario};
use super::steady::{Case, Figure, PLAIN};

const W_CONSTANT: Figure = ("W_constant", |run| run.work("constant"));
const W_EXPONENTIAL: Figure = ("W_exponential", |run| run.work("exponential"));

/// The cases that settle.
pub(super) const CASES: &[Case] = &[
    Case {
        id: "mg1ps-07",
        scenario: "mg1ps",
        bound: 0.03,
        wider: &[("W_hyperexponential", 0.05), ("L_hyperexponential", 0.05)],
        figures: &[
            W_CONSTANT,
            W_EXPONENTIAL,
            ("W_hyperexponential", |run| run.work("hyperexponential")),
            ("L_hyperexponential", |run| run.busy("hyperexponential")),
        ],
        ..PLAIN
    },
    Case {
        id: "mg2ps-08",
        scenario: "mg2ps",
        bound: 0.03,
        figures: &[
            W_CONSTANT,
            W_EXPONENTIAL,
            ("L_constant", |run| run.busy("constant")),
        ],
        ..PLAIN
    },
    Case {
        id: "bucket-loss",
        scenario: "bucket_loss",
        figures: &[("P_refused", |run| run.share_refused("callers"))],
        ..PLAIN
    },
];

/// What always comes to the same: the most that a resource does by its slots, and the calls that a bucket answers.
pub(super) fn values() -> Vec<(&'static str, &'static str, f64)> {
    let throughput = |slots: u32| {
        // Full to the end: as many tasks as go into ten rounds.
        let (slots, tasks) = (slots.to_string(), (10 * slots).to_string());
        let settings = [
            ("pools.connections.slots", slots.as_str()),
            ("dags.load.tasks.work.map", tasks.as_str()),
        ];
        Run::of(&scenario("scalability", &settings, Effort::Long), 0).throughput("connections")
    };
    let swept = (1..=30).map(|slots| (slots, throughput(slots)));
    let best = swept.reduce(|best, next| if next.1 > best.1 { next } else { best });
    let (slots, most) = best.unwrap();
    let bucket = scenario("bucket_delay", &[], Effort::Long);
    let calls = Run::of(&bucket, 0);
    vec![
        ("usl-peak", "best_slots", f64::from(slots)),
        ("usl-peak", "throughput_at_best", most),
        (
            "bucket-delay",
            "answered_in_an_hour",
            calls.throughput("callers") * 60.0,
        ),
    ]
}

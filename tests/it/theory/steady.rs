//! What settles: queues, loss systems, priorities, wide tasks and networks in the long run.

use rayon::prelude::*;

use super::judgement::{Comparison, comparisons};
use super::measured::{Run, scenario};
use super::reference::Reference;
use super::{Effort, REPLICATIONS, sharing};

/// A metric, and how a replication tells it.
pub(super) type Figure = (&'static str, fn(&Run<'_>) -> f64);

/// A reference case and the scenario that expresses it.
pub(super) struct Case {
    pub(super) id: &'static str,
    pub(super) scenario: &'static str,
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// The relative bound of long runs.
    pub(super) bound: f64,
    /// Metrics with a bound of their own.
    pub(super) wider: &'static [(&'static str, f64)],
    pub(super) figures: &'static [Figure],
}

const RHO: Figure = ("rho", |run| run.utilisation("servers"));
const P_WAIT: Figure = ("P_wait", |run| run.share_waiting("servers"));
const LQ: Figure = ("Lq", |run| run.queue("servers"));
const WQ: Figure = ("Wq", |run| run.wait("servers"));
const L: Figure = ("L", |run| run.queue("servers") + run.busy("servers"));
const W: Figure = ("W", |run| run.wait("servers") + run.work("servers"));
const THROUGHPUT: Figure = ("throughput", |run| run.throughput("servers"));
const P_BLOCK: Figure = ("P_block", |run| 1.0 - run.utilisation("source"));

pub(super) const PLAIN: Case = Case {
    id: "",
    scenario: "",
    settings: &[],
    bound: 0.02,
    wider: &[],
    figures: &[RHO, P_WAIT, LQ, WQ, L, W],
};

const TWO_DOCTORS: &[(&str, &str)] = &[("pools.by_class", "2"), ("pools.first_come", "2")];

const CLASSES: &[Figure] = &[
    ("Wq_class1", |run| run.wait_of("class_1")),
    ("Wq_class2", |run| run.wait_of("class_2")),
    ("Wq_class3", |run| run.wait_of("class_3")),
    ("Wq_average", |run| run.wait("by_class")),
    ("Wq_FIFO", |run| run.wait("first_come")),
];

const CONSTANT: &[Figure] = &[
    ("Wq", |run| run.wait("constant")),
    ("Lq", |run| run.queue("constant")),
    ("Wq_MMc", |run| run.wait("exponential")),
    ("ratio_to_MMc", |run| {
        run.wait("constant") / run.wait("exponential")
    }),
];

const CASES: &[Case] = &[
    Case {
        id: "mm1-rho08",
        scenario: "mm1",
        wider: &[("Lq", 0.03), ("Wq", 0.03), ("L", 0.03), ("W", 0.03)],
        ..PLAIN
    },
    Case {
        id: "mm3-a08",
        scenario: "mm3_light",
        bound: 0.03,
        ..PLAIN
    },
    Case {
        id: "mm3-a24",
        scenario: "mm3_busy",
        bound: 0.03,
        ..PLAIN
    },
    Case {
        id: "mm2-rqueueing",
        scenario: "mm2",
        ..PLAIN
    },
    Case {
        id: "mm10-percentiles",
        scenario: "mm10",
        wider: &[
            ("Lq", 0.05),
            ("Wq", 0.05),
            ("wait_p50", 0.05),
            ("wait_p90", 0.05),
            ("wait_p95", 0.05),
            ("wait_p99", 0.1),
        ],
        figures: &[
            RHO,
            P_WAIT,
            LQ,
            WQ,
            L,
            W,
            ("wait_p50", |run| run.wait_quantile("servers", 0.50)),
            ("wait_p90", |run| run.wait_quantile("servers", 0.90)),
            ("wait_p95", |run| run.wait_quantile("servers", 0.95)),
            ("wait_p99", |run| run.wait_quantile("servers", 0.99)),
        ],
        ..PLAIN
    },
    Case {
        id: "mm100-a90",
        scenario: "mm100",
        wider: &[("P_wait", 0.06), ("Lq", 0.1), ("Wq", 0.1)],
        ..PLAIN
    },
    Case {
        id: "srs-100-0.2",
        scenario: "many_slots",
        bound: 0.1,
        figures: &[("P_wait_at_exact", P_WAIT.1)],
        ..PLAIN
    },
    Case {
        id: "srs-100-0.2",
        scenario: "many_slots",
        settings: &[("pools.servers", "110")],
        bound: 0.1,
        figures: &[("P_wait_one_less", P_WAIT.1)],
        ..PLAIN
    },
    Case {
        id: "srs-100-0.5",
        scenario: "many_slots",
        settings: &[("pools.servers", "106")],
        bound: 0.12,
        figures: &[("P_wait_at_exact", P_WAIT.1)],
        ..PLAIN
    },
    Case {
        id: "srs-100-0.5",
        scenario: "many_slots",
        settings: &[("pools.servers", "105")],
        bound: 0.12,
        figures: &[("P_wait_one_less", P_WAIT.1)],
        ..PLAIN
    },
    Case {
        id: "erlangb-12-15",
        scenario: "erlang_b",
        figures: &[P_BLOCK, L],
        ..PLAIN
    },
    Case {
        id: "mmck-8-4-5-12",
        scenario: "mmck",
        wider: &[("P_block", 0.4), ("Lq", 0.04), ("Wq", 0.04)],
        figures: &[P_BLOCK, L, LQ, THROUGHPUT, W, WQ],
        ..PLAIN
    },
    Case {
        id: "mm2-3-simmer",
        scenario: "mm23",
        figures: &[P_BLOCK, L, LQ, THROUGHPUT, W, WQ],
        ..PLAIN
    },
    Case {
        id: "closed-6-2",
        scenario: "closed",
        figures: &[L, LQ, THROUGHPUT, WQ, ("utilisation", RHO.1)],
        ..PLAIN
    },
    Case {
        id: "md1-rho08",
        scenario: "md1",
        bound: 0.03,
        figures: &[WQ, LQ],
        ..PLAIN
    },
    Case {
        id: "me2-1",
        scenario: "me2",
        bound: 0.03,
        figures: &[RHO, WQ, LQ, W],
        ..PLAIN
    },
    Case {
        id: "mln-1-scv4",
        scenario: "mln",
        wider: &[("Wq", 0.08), ("Lq", 0.08), ("W", 0.08)],
        figures: &[RHO, WQ, LQ, W],
        ..PLAIN
    },
    Case {
        id: "md2-rho80",
        scenario: "md2",
        bound: 0.06,
        figures: CONSTANT,
        ..PLAIN
    },
    Case {
        id: "md5-rho90",
        scenario: "md5",
        bound: 0.06,
        figures: CONSTANT,
        ..PLAIN
    },
    Case {
        id: "mg1-priority-ljf",
        scenario: "lengths",
        wider: &[
            ("LJF_Wq_short", 0.2),
            ("LJF_Wq_mid", 0.07),
            ("LJF_Wq_long", 0.04),
            ("SJF_Wq_long", 0.2),
            ("FIFO_Wq", 0.2),
        ],
        figures: &[
            ("rho", |run| run.utilisation("first_come")),
            ("LJF_Wq_short", |run| run.wait_of("ljf_short")),
            ("LJF_Wq_mid", |run| run.wait_of("ljf_mid")),
            ("LJF_Wq_long", |run| run.wait_of("ljf_long")),
            ("SJF_Wq_short", |run| run.wait_of("sjf_short")),
            ("SJF_Wq_mid", |run| run.wait_of("sjf_mid")),
            ("SJF_Wq_long", |run| run.wait_of("sjf_long")),
            ("FIFO_Wq", |run| run.wait("first_come")),
        ],
        ..PLAIN
    },
    Case {
        id: "priority-hospital-s1",
        scenario: "hospital",
        bound: 0.03,
        figures: CLASSES,
        ..PLAIN
    },
    Case {
        id: "priority-hospital-s2",
        scenario: "hospital",
        settings: TWO_DOCTORS,
        bound: 0.03,
        figures: CLASSES,
        ..PLAIN
    },
    Case {
        id: "msj-sat-p50",
        scenario: "wide_saturated_50",
        figures: &[("max_throughput", THROUGHPUT.1)],
        ..PLAIN
    },
    Case {
        id: "msj-sat-p80",
        scenario: "wide_saturated_80",
        figures: &[("max_throughput", THROUGHPUT.1)],
        ..PLAIN
    },
    Case {
        id: "msj-fcfs-08",
        scenario: "wide",
        bound: 0.03,
        figures: &[
            ("L", |run| run.tasks_in_system()),
            W,
            WQ,
            ("mean_busy_slots", |run| run.busy("servers")),
        ],
        ..PLAIN
    },
    Case {
        id: "jackson-3",
        scenario: "jackson",
        bound: 0.03,
        figures: &[
            ("lambda1", |run| run.runs_ended(&["enters_first"])),
            ("lambda2", |run| {
                run.runs_ended(&["enters_second", "moves_to_second"])
            }),
            ("lambda3", |run| {
                run.runs_ended(&["enters_third", "moves_to_third"])
            }),
            ("L", |run| run.tasks_in_system()),
            ("W", |run| {
                run.tasks_in_system()
                    / run.runs_ended(&["enters_first", "enters_second", "enters_third"])
            }),
        ],
        ..PLAIN
    },
    Case {
        id: "msj-skip-starvation",
        scenario: "starving",
        figures: &[("throughput_one_slot", THROUGHPUT.1)],
        ..PLAIN
    },
    Case {
        id: "batch-mm1-5",
        scenario: "batches",
        wider: &[("L", 0.05), ("W", 0.05), ("Wq", 0.05)],
        figures: &[RHO, L, W, WQ],
        ..PLAIN
    },
    // The limit of the start that is in `starting`.
    Case {
        id: "mm1-transient-100",
        scenario: "mm1",
        settings: &[("dags.mm1.tasks.serve.duration.exponential.mean", "54s")],
        bound: 0.06,
        figures: &[("steady_state", WQ.1)],
        ..PLAIN
    },
];

fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain(sharing::CASES)
}

/// What is compared.
pub(super) fn judged() -> impl Iterator<Item = (&'static str, &'static str)> {
    cases().flat_map(|case| case.figures.iter().map(|&(metric, _)| (case.id, metric)))
}

pub(super) fn compare(reference: &Reference, effort: Effort) -> Vec<Comparison> {
    cases()
        .flat_map(|case| case.compare(reference, effort))
        .collect()
}

impl Case {
    fn compare(&self, reference: &Reference, effort: Effort) -> Vec<Comparison> {
        let scenario = scenario(self.scenario, self.settings, effort);
        let replicate = |number| {
            let run = Run::of(&scenario, number);
            self.figures
                .iter()
                .map(|(_, figure)| figure(&run))
                .collect()
        };
        let rows: Vec<Vec<f64>> = (0..REPLICATIONS).into_par_iter().map(replicate).collect();
        let bound = |metric| {
            let own = self.wider.iter().find(|(known, _)| *known == metric);
            own.map_or(self.bound, |&(_, bound)| bound)
        };
        let figures: Vec<_> = self
            .figures
            .iter()
            .map(|&(metric, _)| (metric, bound(metric)))
            .collect();
        let minutes = (scenario.horizon - scenario.warm_up).as_seconds() / 60.0;
        let length = format!("{REPLICATIONS} × {minutes:.0}");
        comparisons(reference, effort, self.id, &length, &figures, &rows)
    }
}

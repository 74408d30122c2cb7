//! The folder of results: every file written whole or not at all, and a manifest to repeat the run by.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use serde_json::{Value, json};

use super::scenario_file::{ScenarioFile, sha1};
use super::{Failure, files};
use crate::experiment::{Measure, Verdict};
use crate::report::charts::{self, Chart, ComparisonChart, ImageFormat};
use crate::report::document::Document;
use crate::report::{
    AdviceReport, Assumptions, ComparisonReport, EstimationReport, RunReport, SelectionReport,
    SensitivityReport, ValuesOf, comparison_csv, comparison_document, comparison_json,
    estimation_csv, estimation_document, estimation_json, hours_of_week_csv, interval_width_csv,
    longest_run_csv, pairs_csv, pools_csv, pools_openmetrics, resizes_csv, run_document,
    selection_csv, selection_document, selection_json, sensitivity_csv, sensitivity_document,
    sensitivity_json, summary_csv, summary_json, values_csv, values_header, wait_distribution_csv,
};

/// Where the results of a run go.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
}

/// When a command began, by the wall clock.
#[derive(Debug)]
pub(crate) struct Started {
    at: SystemTime,
    clock: Instant,
}

impl RunFolder {
    /// The folder that was asked for, or `usual`; none if no results are wanted.
    pub(crate) fn open(asked: Option<&Path>, usual: PathBuf) -> Result<Option<Self>, Failure> {
        if asked.is_some_and(|path| path.as_os_str() == "none") {
            return Ok(None);
        }
        Self::at(asked.map_or(usual, Path::to_path_buf)).map(Some)
    }

    /// This folder.
    pub(crate) fn at(path: PathBuf) -> Result<Self, Failure> {
        files::create_folder(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets `fill` write a file bit by bit; it appears under its name when it is whole.
    pub(crate) fn stream<T>(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        files::stream(&self.path.join(name), fill)
    }

    /// Writes all that is reported of a run.
    pub(crate) fn write(
        &self,
        file: &ScenarioFile,
        report: &RunReport,
        verdicts: &[Verdict],
        advice: Option<&AdviceReport>,
    ) -> Result<(), Failure> {
        self.put("summary.json", summary_json(report).as_bytes())?;
        self.put("summary.csv", &summary_csv(report))?;
        self.put("pools.csv", &pools_csv(report))?;
        self.put("pools.openmetrics", pools_openmetrics(report).as_bytes())?;
        self.put("resizes.csv", &resizes_csv(report))?;
        self.put("wait_distribution.csv", &wait_distribution_csv(report))?;
        if let Some(run) = &report.longest_run {
            self.put("longest_run.csv", &longest_run_csv(run))?;
        }
        if Chart::HoursOfWeek.is_told(report) {
            self.put("hours_of_week.csv", &hours_of_week_csv(report))?;
        }
        for chart in Chart::told_of(report) {
            let drawn = charts::draw(chart, report, ImageFormat::Png)?;
            self.put(&format!("{}.png", chart.file_stem()), &drawn)?;
        }
        let assumed = assumed("run", file, &with_policy(report.heading.policy.as_deref()));
        self.put_document(&run_document(report, verdicts, advice, &assumed)?)?;
        let design = json!({"replications": 1, "policy": report.heading.policy});
        self.write_manifest(file, &design)
    }

    /// Writes the estimates of replications, and the values that they come from; `missing` says in words which parts are.
    pub(crate) fn write_estimation(
        &self,
        file: &ScenarioFile,
        report: &EstimationReport,
        measures: &[Measure],
        missing: &[String],
    ) -> Result<(), Failure> {
        let estimation = &report.estimation;
        let policy = report.heading.policy.as_deref();
        let mut design = json!({
            "replications": estimation.replications,
            "level": estimation.level,
            "policy": policy,
        });
        tell_missing(&mut design, missing);
        self.put("estimates.json", estimation_json(report).as_bytes())?;
        self.put("estimates.csv", &estimation_csv(report))?;
        let mut more = with_policy(policy);
        more.extend(with_replications(estimation.replications, estimation.level));
        if let Some(csv) = interval_width_csv(report) {
            self.put("interval_width.csv", &csv)?;
        }
        if let Some(drawn) = charts::draw_wait_estimates(report, ImageFormat::Png)? {
            self.put("wait_estimates.png", &drawn)?;
        }
        if let Some(drawn) = charts::draw_interval_width(report, ImageFormat::Png)? {
            self.put("interval_width.png", &drawn)?;
        }
        self.put_document(&estimation_document(report, &assumed("run", file, &more))?)?;
        self.stream("values.csv", |out| {
            let cannot = |error| Failure::Outside(format!("cannot write `values.csv`: {error}"));
            out.write_all(&values_header()).map_err(cannot)?;
            let of = ValuesOf { point: 0, policy };
            for sample in &estimation.samples {
                out.write_all(&values_csv(of, measures, sample))
                    .map_err(cannot)?;
            }
            Ok(())
        })?;
        self.write_manifest(file, &design)
    }

    /// Writes what it takes to repeat the results; `design` says what was done with the scenario.
    pub(crate) fn write_manifest(
        &self,
        file: &ScenarioFile,
        design: &Value,
    ) -> Result<(), Failure> {
        self.put_json("manifest.json", &manifest(file, design))
    }

    /// Writes all that may differ between two runs of the same, which took so many threads.
    pub(crate) fn write_log(&self, started: &Started, threads: usize) -> Result<(), Failure> {
        self.put_json("run.log.json", &started.log(threads))
    }

    /// Writes all that is reported of a comparison of one file's policies, or of several files; `asked` are the words of the
    /// command that choose them, `missing` says in words which parts are.
    pub(crate) fn write_comparison(
        &self,
        files: &[ScenarioFile],
        report: &ComparisonReport,
        asked: &[String],
        missing: &[String],
    ) -> Result<(), Failure> {
        let comparison = &report.comparison;
        let names = comparison.alternatives.iter().map(|one| &one.name);
        let alternatives = report.compared.plural();
        let mut design = json!({
            "replications": comparison.replications,
            "level": comparison.level,
            alternatives: names.collect::<Vec<_>>(),
        });
        tell_missing(&mut design, missing);
        self.put("comparison.json", comparison_json(report).as_bytes())?;
        self.put("comparison.csv", &comparison_csv(report))?;
        if let Some(pairs) = pairs_csv(report) {
            self.put("pairs.csv", &pairs)?;
        }
        for chart in ComparisonChart::ALL {
            if let Some(drawn) = charts::draw_comparison(chart, report, ImageFormat::Png)? {
                self.put(&format!("{}.png", chart.file_stem()), &drawn)?;
            }
        }
        let assumed = compared_files(files, report, asked);
        self.put_document(&comparison_document(report, &assumed)?)?;
        match files {
            [file] => self.put_json("manifest.json", &manifest(file, &design)),
            files => {
                let each = files.iter().map(|file| manifest(file, &design));
                self.put_json("manifest.json", &each.collect())
            }
        }
    }

    /// Writes all that is reported of a selection.
    pub(crate) fn write_selection(
        &self,
        file: &ScenarioFile,
        report: &SelectionReport,
        asked: &[String],
    ) -> Result<(), Failure> {
        let design = json!({
            "plan": report.selection.plan,
            "factors": report.factors,
            "candidates": report.candidates,
        });
        self.put("selection.json", selection_json(report).as_bytes())?;
        self.put("selection.csv", &selection_csv(report))?;
        let drawn = charts::draw_selection(report, ImageFormat::Png)?;
        self.put("selection.png", &drawn)?;
        self.put_document(&selection_document(
            report,
            &assumed("select", file, asked),
        )?)?;
        self.put_json("manifest.json", &manifest(file, &design))
    }

    /// Writes what the knobs of a file are worth.
    pub(crate) fn write_sensitivity(
        &self,
        file: &ScenarioFile,
        report: &SensitivityReport,
        knobs: &[String],
        missing: &[String],
    ) -> Result<(), Failure> {
        let sensitivity = &report.sensitivity;
        let mut design = json!({
            "replications": sensitivity.replications,
            "level": sensitivity.level,
            "policy": report.heading.policy,
            "step": report.step,
            "indicator": sensitivity.indicator,
        });
        tell_missing(&mut design, missing);
        self.put("sensitivity.json", sensitivity_json(report).as_bytes())?;
        self.put("sensitivity.csv", &sensitivity_csv(report))?;
        let mut more = with_policy(report.heading.policy.as_deref());
        more.extend(["--indicator".into(), sensitivity.indicator.clone()]);
        let name = sensitivity.name.clone();
        match (sensitivity.kind, name.split_once('.')) {
            ("pool", _) => more.extend(["--pool".into(), name]),
            ("dag", _) => more.extend(["--dag".into(), name]),
            ("task", Some((dag, task))) => {
                more.extend(["--dag".into(), dag.into(), "--task".into(), task.into()]);
            }
            _ => {}
        }
        more.extend(["--step".into(), report.step.clone()]);
        more.extend(
            knobs
                .iter()
                .flat_map(|path| ["--knob".into(), path.clone()]),
        );
        more.extend(with_replications(
            sensitivity.replications,
            sensitivity.level,
        ));
        let assumed = assumed("sensitivity", file, &more);
        self.put("knobs.png", &charts::draw_knobs(report, ImageFormat::Png)?)?;
        self.put_document(&sensitivity_document(report, &assumed)?)?;
        self.put_json("manifest.json", &manifest(file, &design))
    }

    /// Writes a report in all its forms, with its charts beside it.
    pub(crate) fn put_document(&self, document: &Document) -> Result<(), Failure> {
        self.put("report.json", document.to_json().as_bytes())?;
        self.put("report.html", document.html().as_bytes())?;
        self.put("report.md", document.markdown().as_bytes())?;
        for (name, svg) in document.figures() {
            self.put(&format!("{name}.svg"), svg.as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        files::write_bytes(&self.path.join(name), content)
    }

    pub(crate) fn put_json(&self, name: &str, content: &Value) -> Result<(), Failure> {
        self.put(name, format!("{content:#}\n").as_bytes())
    }
}

/// What it takes to repeat the results, and nothing that may differ between two runs of the same; `design` says what
/// was done with the scenario.
fn manifest(file: &ScenarioFile, design: &Value) -> Value {
    let inputs: Vec<Value> = file
        .inputs
        .texts()
        .iter()
        .map(|(name, text)| json!({"file": name, "sha1": sha1(text)}))
        .collect();
    let scenario = &file.scenario;
    let horizon = (!scenario.until_done).then(|| scenario.horizon.as_seconds());
    json!({
        "slotwise": env!("CARGO_PKG_VERSION"),
        "scenario": file.scenario.name,
        "seed": file.scenario.seed,
        "design": design,
        "horizon_seconds": horizon,
        "settings": file.settings,
        "inputs": inputs,
        "scenario_sha1": sha1(&file.text),
        "scenario_text": file.text,
    })
}

/// What a page says of how its results came about; `more` are the words of the command after the file and its settings.
///
/// The file is called by the scenario's name and not by its path, which is another one on every machine.
pub(crate) fn assumed(subcommand: &str, file: &ScenarioFile, more: &[String]) -> Assumptions {
    let name = yaml_name(file);
    assumed_of(subcommand, &name, (&name, file), more)
}

/// The same of a command that is given something else than the file, called `given`; the file is called by `name`.
pub(crate) fn assumed_of(
    subcommand: &str,
    given: &str,
    (name, file): (&str, &ScenarioFile),
    more: &[String],
) -> Assumptions {
    let quoted = |word: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,".contains(c);
        if word.chars().all(is_plain) {
            word.to_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    let mut words = ["slotwise", subcommand, given].map(str::to_owned).to_vec();
    for setting in &file.settings {
        words.extend(["--set".to_owned(), setting.clone()]);
    }
    words.extend(more.iter().cloned());
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    Assumptions::new(&file.scenario, name, &file.text, words.join(" "))
}

/// What the page of a comparison says of how it came about; `asked` are the words that chose its alternatives.
fn compared_files(
    files: &[ScenarioFile],
    report: &ComparisonReport,
    asked: &[String],
) -> Assumptions {
    let comparison = &report.comparison;
    let numbers = with_replications(comparison.replications, comparison.level);
    let words = asked.iter().chain(&numbers).cloned();
    let [first, others @ ..] = files else {
        return Assumptions::default();
    };
    let others = others.iter().map(|file| (yaml_name(file), &file.text));
    let others: Vec<_> = others.collect();
    let names = others.iter().map(|(name, _)| name.clone());
    let more: Vec<String> = names.chain(words).collect();
    let assumed = assumed("compare", first, &more);
    others
        .iter()
        .fold(assumed, |all, (name, text)| all.with_file(name, text))
}

/// The parts that are missing, if any, in the design of a manifest.
pub(crate) fn tell_missing(design: &mut Value, missing: &[String]) {
    if !missing.is_empty() {
        design["missing"] = json!(missing);
    }
}

/// The words that choose a policy.
fn with_policy(policy: Option<&str>) -> Vec<String> {
    let words = policy.map(|policy| ["--policy".to_owned(), policy.to_owned()]);
    words.into_iter().flatten().collect()
}

/// The words that ask for replications.
pub(crate) fn with_replications(count: u32, level: f64) -> [String; 4] {
    let percent = (level * 100.0).to_string();
    [
        "--replications".into(),
        count.to_string(),
        "--level".into(),
        percent,
    ]
}

/// `output/` and the scenario's name.
pub(crate) fn usual_folder(scenario: &str) -> PathBuf {
    Path::new("output").join(folder_name(scenario))
}

/// What a page calls a file.
fn yaml_name(file: &ScenarioFile) -> String {
    format!("{}.yaml", folder_name(&file.scenario.name))
}

/// A scenario may be called anything; a folder may not. What is called `etl-by-night` is at home in `etl_by_night.yaml`.
pub(crate) fn folder_name(scenario: &str) -> String {
    let safe = |c: char| {
        if c.is_alphanumeric() || "_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = scenario.chars().map(safe).collect();
    if name.trim_matches('.').is_empty() {
        "scenario".into()
    } else {
        name
    }
}

impl Started {
    #[expect(
        clippy::disallowed_methods,
        reason = "the log says when a command ran; no result depends on it"
    )]
    pub(crate) fn now() -> Self {
        Self {
            at: SystemTime::now(),
            clock: Instant::now(),
        }
    }

    /// All that may differ between two runs of the same.
    fn log(&self, threads: usize) -> Value {
        let at = self
            .at
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_micros());
        json!({
            "command": std::env::args().collect::<Vec<_>>(),
            "started_at": crate::time::SimTime::from_micros(at as i64).to_string(),
            "seconds": self.clock.elapsed().as_secs_f64(),
            "threads": threads,
            "operating_system": std::env::consts::OS,
            "architecture": std::env::consts::ARCH,
        })
    }
}

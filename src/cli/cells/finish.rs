//! Puts finished cells together: the same files and the same words whether one machine has simulated them or many.

use serde_json::{Value, json};

use super::{PlanFile, Planned};
use crate::cli::Failure;
use crate::cli::alternatives::NO_POLICY;
use crate::cli::compare::asked_policies;
use crate::cli::files::Unfinished;
use crate::cli::results::{RunFolder, assumed, with_replications};
use crate::cli::run::heading;
use crate::cli::scenario_file::ScenarioFile;
use crate::experiment::{
    AtPoint, Comparison, Contender, Design, Estimation, KeptCells, estimate_point, samples_of,
};
use crate::report::charts::{ImageFormat, draw_response, draw_sweep_map};
use crate::report::{
    Compared, ComparisonReport, EstimationReport, SweepHeading, SweepReport, ValuesOf,
    points_csv_header, points_csv_line, sweep_csv, sweep_csv_header, sweep_document,
    sweep_json_begin, sweep_json_end, sweep_json_point, values_csv, values_header,
};
use crate::scenario::Points;

/// Finished cells, and what they are cells of.
pub(crate) struct Cells<'a> {
    pub(crate) plan: &'a PlanFile,
    pub(crate) file: &'a ScenarioFile,
    pub(crate) design: &'a Design,
    pub(crate) points: &'a Points<'a>,
    pub(crate) kept: &'a dyn KeptCells,
    /// In words, which parts are missing.
    pub(crate) missing: &'a [String],
}

/// What the cells come to.
pub(crate) enum Finished {
    /// The estimates of one site.
    Run(Box<EstimationReport>),
    /// Those of many points.
    Sweep(Box<SweepReport>),
    /// The policies of one site side by side.
    Comparison(Box<ComparisonReport>),
}

/// Writes the results; the manifest comes last.
pub(crate) fn finish(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    match cells.plan.command {
        Planned::Run => finish_run(cells, folder),
        Planned::Sweep => finish_sweep(cells, folder),
        Planned::Compare => finish_comparison(cells, folder),
    }
}

fn finish_run(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let at = AtPoint::new(cells.points, 0)?;
    let policy = &cells.design.policies()[0];
    let scenario = &cells.file.scenario;
    let plan = policy.as_ref().and_then(|name| scenario.policies.get(name));
    let policy = policy.as_deref().zip(plan);
    let found = estimate_point(cells.design, &at, 0, 0, cells.kept)?;
    let estimation = found.map_or_else(
        || Estimation::of(scenario, &at.measures, Vec::new(), cells.design.level()),
        |found| found.estimation,
    );
    let heading = heading(cells.file, policy, None);
    let report = EstimationReport::new(heading, scenario, estimation);
    folder.write_estimation(cells.file, &report, &at.measures, cells.missing)?;
    Ok(Finished::Run(Box::new(report)))
}

fn finish_comparison(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let at = AtPoint::new(cells.points, 0)?;
    let policies = cells.design.policies();
    let known = &at.scenario.policies;
    let contenders: Vec<Contender<'_>> = policies
        .iter()
        .map(|name| Contender {
            name: name.as_deref().unwrap_or(NO_POLICY),
            scenario: &at.scenario,
            policy: name.as_ref().and_then(|name| known.get(name)),
        })
        .collect();
    let samples = (0..policies.len()).map(|it| samples_of(cells.design, &at, 0, it, cells.kept));
    let samples = samples.collect::<Result<Vec<_>, _>>()?;
    let comparison = Comparison::of(&contenders, &samples, cells.design.level());
    let report = ComparisonReport::new(Compared::Policies, &at.scenario, None, comparison);
    let files = std::slice::from_ref(cells.file);
    let asked = asked_policies(&at.scenario, &report);
    folder.write_comparison(files, &report, &asked, cells.missing)?;
    Ok(Finished::Comparison(Box::new(report)))
}

fn finish_sweep(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let Cells {
        file,
        design,
        points,
        kept,
        ..
    } = *cells;
    let factors: Vec<String> = points.factors().map(String::from).collect();
    let heading = SweepHeading::new(&file.scenario, design, factors.clone());
    let create = |name| Unfinished::new(&folder.path().join(name));
    let mut values_file = create("values.csv")?;
    let mut estimates_file = create("estimates.csv")?;
    let mut points_file = create("points.csv")?;
    let mut json_file = create("sweep.json")?;
    values_file.write(&values_header())?;
    estimates_file.write(&sweep_csv_header(&factors))?;
    points_file.write(&points_csv_header(&factors))?;
    json_file.write(sweep_json_begin(&heading).as_bytes())?;
    let mut report = SweepReport::new(heading);
    for point in 0..design.points() {
        let at = AtPoint::new(points, point)?;
        let set = points.values(point);
        points_file.write(&points_csv_line(point, &set))?;
        for (policy, name) in design.policies().iter().enumerate() {
            let Some(found) = estimate_point(design, &at, point, policy, kept)? else {
                continue;
            };
            let policy = name.as_deref();
            for sample in &found.estimation.samples {
                let of = ValuesOf { point, policy };
                values_file.write(&values_csv(of, &at.measures, sample))?;
            }
            estimates_file.write(&sweep_csv(&set, &found))?;
            let is_first = report.lines.is_empty();
            let line = sweep_json_point(&at, &factors, &set, &found, is_first);
            json_file.write(line.as_bytes())?;
            report.add(&at, set.clone(), &found);
        }
    }
    json_file.write(sweep_json_end().as_bytes())?;
    for whole in [values_file, estimates_file, points_file, json_file] {
        whole.finish()?;
    }
    folder.put("response.png", &draw_response(&report, ImageFormat::Png)?)?;
    if let Some(drawn) = draw_sweep_map(&report, ImageFormat::Png)? {
        folder.put("sweep_map.png", &drawn)?;
    }
    let mut more: Vec<String> = with_replications(design.replications(), design.level()).into();
    for policy in design.policies().iter().flatten() {
        more.extend(["--policy".into(), policy.clone()]);
    }
    folder.put_document(&sweep_document(&report, &assumed("sweep", file, &more))?)?;
    folder.put(PlanFile::NAME, cells.plan.text()?.as_bytes())?;
    folder.write_manifest(file, &sweep_design(cells, &factors))?;
    Ok(Finished::Sweep(Box::new(report)))
}

/// What the manifest says of a sweep.
fn sweep_design(cells: &Cells<'_>, factors: &[String]) -> Value {
    let design = cells.design;
    let mut told = json!({
        "replications": design.replications(),
        "level": design.level(),
        "policies": design.policies(),
        "points": design.points(),
        "factors": factors,
    });
    if !cells.missing.is_empty() {
        told["missing"] = json!(cells.missing);
    }
    told
}

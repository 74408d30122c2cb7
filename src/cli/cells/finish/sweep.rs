//! A sweep put together from its cells; one point at a time is in memory.

use serde_json::{Value, json};

use super::{Cells, Finished};
use crate::cli::Failure;
use crate::cli::cells::PlanFile;
use crate::cli::files::Unfinished;
use crate::cli::results::{RunFolder, assumed, tell_missing, with_replications};
use crate::experiment::estimate_point;
use crate::report::charts::{ImageFormat, draw_response, draw_sweep_map};
use crate::report::{
    SweepHeading, SweepReport, ValuesOf, points_csv_header, points_csv_line, sweep_csv,
    sweep_csv_header, sweep_document, sweep_json_begin, sweep_json_end, sweep_json_point,
    values_csv, values_header,
};

/// All points, one after the other.
pub(super) fn finish(cells: &Cells<'_>, folder: &RunFolder) -> Result<Finished, Failure> {
    let Cells {
        design,
        sites,
        kept,
        ..
    } = *cells;
    let file = cells.file();
    let factors = sites.factors();
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
        let at = cells.at(point)?;
        let set = sites.values(point);
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
    tell_missing(&mut told, cells.missing);
    told
}

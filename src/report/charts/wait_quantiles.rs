//! Does the simulation wait as the site did? The quantiles of simulated waits against those of recorded ones, a colour for
//! each pool: points on the diagonal agree.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::legend::LegendEntry;
use super::page::{head, text};
use super::palette::{FAINT_TEXT, GRID, POOLS, TEXT};
use super::point::Shape;
use super::wait_axis::WaitAxis;
use super::{ChartError, Page};
use crate::experiment::{Agreement, Waits};
use crate::report::ReplayReport;

const SIZE: (u32, u32) = (760, 700);
const LEFT: i32 = 60;
const RIGHT: i32 = 20;
const BOTTOM: i32 = 52;
const TOP: i32 = 24;
const RADIUS: i32 = 3;

/// A page with the quantiles of all pools.
pub(super) struct WaitQuantilesChart<'a>(pub(super) &'a ReplayReport);

impl<'a> WaitQuantilesChart<'a> {
    /// The pools that are shown: those with most waiting, as many as there are colours.
    fn pools(&self) -> Vec<(&'a Agreement, &'a Waits, &'a Waits)> {
        let pools = self.0.agreements.iter().filter(|one| one.kind == "pool");
        let mut pools: Vec<_> = pools
            .filter_map(|one| Some((one, one.recorded.as_ref()?, one.simulated.as_ref()?)))
            .collect();
        let waited = |waits: &Waits| waits.mean * waits.sorted.len() as f64;
        pools.sort_by(|a, b| waited(b.1).total_cmp(&waited(a.1)));
        pools.truncate(POOLS.len());
        pools
    }
}

impl Page for WaitQuantilesChart<'_> {
    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw_on<DB: DrawingBackend>(&self, root: &DrawingArea<DB, Shift>) -> Result<(), ChartError> {
        let pools = self.pools();
        let legend = pools
            .iter()
            .zip(POOLS)
            .map(|((one, ..), color)| LegendEntry::point(&one.name, color, Shape::Disc));
        let legend: Vec<_> = legend.collect();
        let subtitle = format!(
            "{}, percentiles of the wait for a slot; on the line both are the same",
            self.0.scenario
        );
        let place = head(root, "Does it wait as the site did?", &subtitle, &legend)?;
        let (width, height) = place.dim_in_pixel();
        let longest = pools.iter().map(|(_, a, b)| a.max.max(b.max));
        let axis = WaitAxis::new(longest.fold(0.0, f64::max));
        let across = (LEFT, width as i32 - RIGHT);
        let up = (height as i32 - BOTTOM, TOP);
        draw_axes(&place, &axis, across, up)?;
        for ((_, recorded, simulated), color) in pools.iter().zip(POOLS) {
            for percent in 1..=100 {
                let p = f64::from(percent) / 100.0;
                let x = axis.map(&recorded.quantile(p), across);
                let y = axis.map(&simulated.quantile(p), up);
                place.draw(&Circle::new((x, y), RADIUS, color.filled()))?;
            }
        }
        Ok(())
    }
}

fn draw_axes<DB: DrawingBackend>(
    place: &DrawingArea<DB, Shift>,
    axis: &WaitAxis,
    across: (i32, i32),
    up: (i32, i32),
) -> Result<(), ChartError> {
    let style = |horizontal, vertical| text(12, TEXT).pos(Pos::new(horizontal, vertical));
    for tick in axis.key_points(BoldPoints(10)) {
        let (x, y) = (axis.map(&tick, across), axis.map(&tick, up));
        place.draw(&PathElement::new([(x, up.0), (x, up.1)], GRID))?;
        place.draw(&PathElement::new([(across.0, y), (across.1, y)], GRID))?;
        let label = axis.format_ext(&tick);
        place.draw_text(&label, &style(HPos::Center, VPos::Top), (x, up.0 + 6))?;
        place.draw_text(&label, &style(HPos::Right, VPos::Center), (across.0 - 8, y))?;
    }
    let diagonal = [(across.0, up.0), (across.1, up.1)];
    place.draw(&PathElement::new(diagonal, FAINT_TEXT))?;
    place.draw_text("simulated", &text(12, FAINT_TEXT), (0, 0))?;
    let below = text(12, FAINT_TEXT).pos(Pos::new(HPos::Right, VPos::Top));
    place.draw_text("recorded", &below, (across.1, up.0 + 26))?;
    Ok(())
}

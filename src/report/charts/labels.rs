//! Names beside the points of a chart, each where it touches nothing else.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::ChartError;
use super::page::text;
use super::palette::{FAINT_TEXT, TEXT};

const FONT_SIZE: i32 = 13;
const GAP: i32 = 9;
/// How far a name may move away from its point, in steps.
const MAX_STEPS: i32 = 14;
const STEP: i32 = 8;

/// Left, top, right and bottom.
pub(super) type Area = [i32; 4];

/// Where each name stands, by its left upper corner; none for one without a place. Names keep within `frame`
/// and off the `lines`.
fn places(
    points: &[(i32, i32)],
    sizes: &[(i32, i32)],
    lines: &[Area],
    frame: Area,
) -> Vec<Option<(i32, i32)>> {
    let mut taken: Vec<Area> = points
        .iter()
        .map(|&(x, y)| [x - GAP + 2, y - GAP + 2, x + GAP - 2, y + GAP - 2])
        .collect();
    taken.extend_from_slice(lines);
    let mut place = |(&(x, y), &(width, height)): (&(i32, i32), &(i32, i32))| {
        let around = |step: i32| {
            let far = GAP + step * STEP;
            let (right, left) = (x + far, x - far - width);
            let (middle, above, below) = (y - height / 2, y - far - height, y + far);
            let centre = x - width / 2;
            [
                (right, middle),
                (right, above),
                (right, below),
                (centre, above),
                (centre, below),
                (left, above),
                (left, middle),
                (left, below),
            ]
        };
        let area = |(left, top): (i32, i32)| [left, top, left + width, top + height];
        let is_free = |corner: &(i32, i32)| {
            let area = area(*corner);
            is_within(area, frame) && !taken.iter().any(|other| overlap(area, *other))
        };
        let corner = (0..MAX_STEPS).flat_map(around).find(is_free)?;
        taken.push(area(corner));
        Some(corner)
    };
    points.iter().zip(sizes).map(&mut place).collect()
}

fn overlap(a: Area, b: Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

fn is_within(a: Area, frame: Area) -> bool {
    a[0] >= frame[0] && a[1] >= frame[1] && a[2] <= frame[2] && a[3] <= frame[3]
}

/// Draws a name at each point, with a thin line to a point from which it had to move away.
pub(super) fn draw_labels<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    names: &[String],
    points: &[(i32, i32)],
    lines: &[Area],
    frame: Area,
) -> Result<(), ChartError> {
    let style = text(FONT_SIZE, TEXT);
    let mut sizes = Vec::new();
    for name in names {
        let (width, height) = area.estimate_text_size(name, &style)?;
        sizes.push((width as i32, height as i32));
    }
    let found = places(points, &sizes, lines, frame);
    for ((name, &point), (place, size)) in names.iter().zip(points).zip(found.iter().zip(&sizes)) {
        let Some((left, top)) = *place else { continue };
        let near = (
            point.0.clamp(left, left + size.0),
            point.1.clamp(top, top + size.1),
        );
        let far = (near.0 - point.0).abs().max((near.1 - point.1).abs());
        if far > GAP {
            area.draw(&PathElement::new([point, near], FAINT_TEXT.stroke_width(1)))?;
        }
        area.draw_text(name, &style, (left, top))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_crowd_touch_neither_each_other_nor_a_point() {
        let points: Vec<(i32, i32)> = (0..12).map(|at| (300 + at * 5, 200 + at % 3)).collect();
        let sizes = vec![(70, 14); points.len()];
        let frame = [0, 0, 800, 500];
        let found = places(&points, &sizes, &[[250, 180, 260, 300]], frame);
        let areas: Vec<Area> = found
            .into_iter()
            .map(|place| place.map(|(x, y)| [x, y, x + 70, y + 14]).unwrap())
            .collect();
        for (at, &area) in areas.iter().enumerate() {
            assert!(is_within(area, frame));
            assert!(areas[..at].iter().all(|&other| !overlap(area, other)));
            let point = |&(x, y): &(i32, i32)| [x - 3, y - 3, x + 3, y + 3];
            assert!(points.iter().all(|one| !overlap(area, point(one))));
        }
    }

    #[test]
    fn a_name_without_room_is_left_out() {
        let found = places(&[(5, 5)], &[(70, 14)], &[], [0, 0, 20, 20]);
        assert_eq!(found, [None]);
    }
}

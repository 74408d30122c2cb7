//! Colours that people with any colour vision tell apart (Okabe and Ito 2008).

use plotters::style::RGBColor;

/// Slots of running instances.
pub(super) const RUNNING: RGBColor = BLUE;
/// Slots of queued instances.
pub(super) const QUEUED: RGBColor = ORANGE;
/// Slots of deferred instances.
pub(super) const DEFERRED: RGBColor = GREEN;
/// Slots that scheduled instances wait for.
pub(super) const WAITING: RGBColor = VERMILLION;
/// The range of what [`WAITING`] shows the mean of.
pub(super) const WAITING_RANGE: RGBColor = RGBColor(0xf6, 0xcf, 0xb3);
/// The size of a pool.
pub(super) const SIZE: RGBColor = TEXT;
/// Text and axes.
pub(super) const TEXT: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Text that matters less.
pub(super) const FAINT_TEXT: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
/// What is not measured.
pub(super) const WARM_UP: RGBColor = RGBColor(0xf0, 0xf0, 0xf0);

/// What is better; marks have a shape too.
pub(super) const BETTER: RGBColor = BLUE;
/// What is worse.
pub(super) const WORSE: RGBColor = VERMILLION;
/// What is on the frontier of a trade-off.
pub(super) const FRONTIER: RGBColor = BLUE;

/// One colour a pool.
pub(super) const POOLS: [RGBColor; 7] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY_BLUE, TEXT];

const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
const ORANGE: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
const VERMILLION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
/// What lies around a mean.
pub(super) const SKY: RGBColor = SKY_BLUE;
const SKY_BLUE: RGBColor = RGBColor(0x56, 0xb4, 0xe9);

/// Every colour of a chart, with the name of the property that holds it in a page.
pub(in crate::report) const THEMED: [(RGBColor, &str); 13] = [
    (RGBColor(0xff, 0xff, 0xff), "paper"),
    (TEXT, "text"),
    (FAINT_TEXT, "faint"),
    (GRID, "grid"),
    (WARM_UP, "warm-up"),
    (WAITING_RANGE, "waiting-range"),
    (RGBColor(0, 0, 0), "text"),
    (BLUE, "blue"),
    (ORANGE, "orange"),
    (GREEN, "green"),
    (VERMILLION, "vermillion"),
    (PURPLE, "purple"),
    (SKY_BLUE, "sky-blue"),
];

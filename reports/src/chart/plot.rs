//! What is on a chart, and its drawing: axes, then layers from back to front. The only file that knows plotters.

use plotters::chart::ChartContext;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::ink::{self, Ink, Stroke};
use super::{Chart, Drawing, Key};
use crate::Error;

/// Width of a chart that takes half of a page, in the pixels of a page that shows it unscaled.
pub const WIDTH: u32 = 560;

/// Height of a chart of curves, likewise.
pub const HEIGHT: u32 = 280;

/// Width of the labels of numbers, and of a letter in longer ones, likewise.
const LABELS_WIDTH: u32 = 70;
const LETTER_WIDTH: u32 = 9;

/// Drawing units per pixel: the library draws on whole units, which would show as steps in a curve.
pub(super) const UNITS: u32 = 4;

/// Size of labels in pixels; the library shrinks what it is given by this factor.
const FONT_SIZE: f64 = 12.5 * 1.24;

/// A place in data units: x, y.
pub type Point = (f64, f64);

/// A chart before it is drawn.
#[derive(Debug)]
pub struct Plot {
    /// What it shows.
    pub title: &'static str,
    /// How to read it, in a sentence.
    pub reading: &'static str,
    /// Entries of its legend.
    pub legend: Vec<Key>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// From back to front.
    pub layers: Vec<Layer>,
}

/// One thing on a chart, in data units.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A curve; `None` breaks it.
    Curve {
        /// Color and stroke.
        key: Key,
        /// The way it takes.
        points: Vec<Option<Point>>,
    },
    /// The area between two curves: x, lower y, upper y.
    Band {
        /// Color.
        key: Key,
        /// Its edges, from left to right.
        edges: Vec<(f64, f64, f64)>,
    },
    /// Filled circles of one size.
    Dots {
        /// Color.
        ink: Ink,
        /// Radius in quarters of a pixel.
        radius: u32,
        /// Their middles.
        points: Vec<Point>,
    },
    /// A filled rectangle between two corners.
    Bar {
        /// Two opposite corners.
        corners: [Point; 2],
        /// Color.
        ink: Ink,
    },
    /// A line of text whose left or right end stands at a place.
    Note {
        /// The place.
        at: Point,
        /// The text.
        text: String,
        /// Color.
        ink: Ink,
        /// Which end stands there.
        end: End,
    },
}

/// The end of a text that stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its beginning.
    Left,
    /// Its last letter.
    Right,
}

type Frame<'a, DB> = ChartContext<'a, DB, Cartesian2d<Axis, Axis>>;

type Failure<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;

impl Plot {
    /// Draws the chart, or leaves the drawing out when no layer has anything to show.
    ///
    /// Errors: `Chart` if the drawing library refuses.
    pub fn draw(self) -> Result<Chart, Error> {
        let drawing = if self.layers.iter().all(Layer::is_empty) {
            None
        } else {
            Some(self.drawing().map_err(|source| Error::Chart {
                chart: self.title,
                source: source.into(),
            })?)
        };
        Ok(Chart {
            title: self.title,
            reading: self.reading,
            legend: self.legend,
            drawing,
        })
    }

    fn drawing(&self) -> Result<Drawing, DrawingAreaErrorKind<std::io::Error>> {
        let (width, height) = (self.width * UNITS, self.height * UNITS);
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
            let has_labels = self.y.has_labels();
            let labels_width = LABELS_WIDTH.max(LETTER_WIDTH * self.y.longest_label());
            let mut chart = ChartBuilder::on(&root)
                .margin_top(10 * UNITS)
                .margin_right(22 * UNITS)
                .margin_left(if has_labels { 0 } else { 14 * UNITS })
                .margin_bottom(2 * UNITS)
                .x_label_area_size(26 * UNITS)
                .y_label_area_size(if has_labels { labels_width * UNITS } else { 0 })
                .build_cartesian_2d(self.x.clone(), self.y.clone())?;
            draw_mesh(&mut chart)?;
            for layer in &self.layers {
                draw_layer(&chart, layer)?;
            }
            root.present()?;
        }
        Ok(Drawing {
            width,
            height,
            body: ink::recolor(inside(&svg)),
        })
    }
}

fn draw_mesh<DB: DrawingBackend>(chart: &mut Frame<'_, DB>) -> Result<(), Failure<DB>> {
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(Ink::Grid.marker(Stroke::Solid).stroke_width(UNITS))
        .light_line_style(TRANSPARENT)
        .axis_style(Ink::Grid.marker(Stroke::Solid).stroke_width(UNITS))
        .set_all_tick_mark_size(UNITS * 4)
        .label_style(font(Ink::Muted))
        .draw()
}

fn draw_layer<DB: DrawingBackend>(chart: &Frame<'_, DB>, layer: &Layer) -> Result<(), Failure<DB>> {
    let area = chart.plotting_area();
    match layer {
        Layer::Curve { key, points } => {
            let color = key.marker();
            for run in points.split(Option::is_none) {
                let run: Vec<Point> = run.iter().flatten().copied().collect();
                match run.as_slice() {
                    [] => {}
                    [alone] => area.draw(&Circle::new(*alone, 2 * UNITS, color.filled()))?,
                    _ => area.draw(&PathElement::new(run, color.stroke_width(2 * UNITS)))?,
                }
            }
        }
        Layer::Band { key, edges } => {
            let upper = edges.iter().map(|(x, _, high)| (*x, *high));
            let lower = edges.iter().rev().map(|(x, low, _)| (*x, *low));
            let outline: Vec<Point> = upper.chain(lower).collect();
            area.draw(&Polygon::new(outline, key.marker()))?;
        }
        Layer::Dots {
            ink,
            radius,
            points,
        } => {
            let color = ink.marker(Stroke::Solid).filled();
            for point in points {
                area.draw(&Circle::new(*point, *radius, color))?;
            }
        }
        Layer::Bar { corners, ink } => {
            let color = ink.marker(Stroke::Solid).filled();
            area.draw(&Rectangle::new(*corners, color))?;
        }
        Layer::Note { at, text, ink, end } => {
            let side = match end {
                End::Left => HPos::Left,
                End::Right => HPos::Right,
            };
            let style = font(*ink).pos(Pos::new(side, VPos::Center));
            area.draw(&Text::new(text.as_str(), *at, style))?;
        }
    }
    Ok(())
}

impl Layer {
    fn is_empty(&self) -> bool {
        match self {
            Self::Curve { points, .. } => points.iter().all(Option::is_none),
            Self::Band { edges, .. } => edges.is_empty(),
            Self::Dots { points, .. } => points.is_empty(),
            Self::Bar { .. } | Self::Note { .. } => false,
        }
    }
}

fn font(ink: Ink) -> TextStyle<'static> {
    let size = FONT_SIZE * f64::from(UNITS);
    ("sans-serif", size)
        .into_font()
        .color(&ink.marker(Stroke::Solid))
}

/// Cuts the outer element off: the page writes its own, which scales and has a label.
fn inside(svg: &str) -> &str {
    let start = svg.find('>').map_or(0, |end_of_tag| end_of_tag + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len());
    svg[start..end].trim()
}

//! Charts of a summary as SVG that follows the colors of the page around it.
//!
//! A chart is data first: axes and layers ([`plot`]), in colors that are names ([`Ink`]). One file per chart turns a summary
//! into a [`plot::Plot`]; only `plot` knows plotters. Legends are left to the page, which can wrap and style them. Other
//! crates draw their own charts with the same axes, layers and colors.

pub(crate) mod calibration;
pub(crate) mod confusion;
pub(crate) mod cores;
pub(crate) mod lags;
pub(crate) mod latency;
pub(crate) mod outcomes;
pub(crate) mod percentile;
pub(crate) mod throughput;

pub mod axis;
pub mod plot;

mod curves;
mod file;
mod ink;
mod series;

use plotters::style::RGBColor;

pub use self::ink::{Ink, Stroke};

/// A chart ready to be placed on a page.
#[derive(Debug)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// How to read it, in a sentence.
    pub reading: &'static str,
    /// Entries of its legend.
    pub legend: Vec<Key>,
    /// `None` when there is nothing to draw.
    pub drawing: Option<Drawing>,
}

/// One entry of a legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// What it stands for.
    pub name: &'static str,
    /// Its color.
    pub ink: Ink,
    /// Its shape.
    pub mark: Mark,
}

impl Key {
    /// Gives the color to draw with.
    fn marker(self) -> RGBColor {
        match self.mark {
            Mark::Line(stroke) => self.ink.marker(stroke),
            Mark::Area => self.ink.marker(Stroke::Solid),
        }
    }
}

/// How the entry looks on the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A line.
    Line(Stroke),
    /// A filled area.
    Area,
}

/// The inside of an `<svg>` element and the size of its view box.
#[derive(Debug)]
pub struct Drawing {
    /// Width of the view box.
    pub width: u32,
    /// Height of the view box.
    pub height: u32,
    /// SVG elements.
    pub body: String,
}

/// Makes a legend entry for a line.
pub const fn line(name: &'static str, ink: Ink, stroke: Stroke) -> Key {
    Key {
        name,
        ink,
        mark: Mark::Line(stroke),
    }
}

/// Makes a legend entry for an area.
pub const fn area(name: &'static str, ink: Ink) -> Key {
    Key {
        name,
        ink,
        mark: Mark::Area,
    }
}

#[cfg(test)]
mod tests;

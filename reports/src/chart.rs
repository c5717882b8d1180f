//! Charts of a summary as SVG that follows the colors of the page around it.
//!
//! A chart is data first: axes and layers (`plot`), in colors that are names (`ink`). One file per chart turns a summary
//! into a [`plot::Plot`]; only `plot` knows plotters. Legends are left to the page, which can wrap and style them.

pub(crate) mod confusion;
pub(crate) mod latency;
pub(crate) mod outcomes;
pub(crate) mod percentile;
pub(crate) mod send_lag;
pub(crate) mod throughput;

mod axis;
mod curves;
mod ink;
mod plot;
mod series;

use plotters::style::RGBColor;

pub(crate) use self::ink::{Ink, Stroke};

/// A chart ready to be placed on a page.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) title: &'static str,
    /// How to read it, in a sentence.
    pub(crate) reading: &'static str,
    pub(crate) legend: Vec<Key>,
    /// `None` when there is nothing to draw.
    pub(crate) drawing: Option<Drawing>,
}

/// One entry of a legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) ink: Ink,
    pub(crate) mark: Mark,
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
pub(crate) enum Mark {
    Line(Stroke),
    Area,
}

/// The inside of an `<svg>` element and the size of its view box.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) body: String,
}

const fn line(name: &'static str, ink: Ink, stroke: Stroke) -> Key {
    Key {
        name,
        ink,
        mark: Mark::Line(stroke),
    }
}

const fn area(name: &'static str, ink: Ink) -> Key {
    Key {
        name,
        ink,
        mark: Mark::Area,
    }
}

#[cfg(test)]
mod tests;

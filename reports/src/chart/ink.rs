//! Colors by name: drawn as marker values, then replaced by the style variables of the page.
//!
//! The drawing library writes fixed colors; a page in light and dark needs variables. No real color is close to a
//! marker, and text cannot fake one because quotes in text are escaped.

use plotters::style::RGBColor;

/// A color of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Words that matter.
    Text,
    /// Words that do not.
    Muted,
    /// Lines behind the data.
    Grid,
    /// The first series.
    Blue,
    /// Kin of the first series.
    Sky,
    /// What is good.
    Teal,
    /// What is bad.
    Orange,
    /// What is neither.
    Gray,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// In one piece.
    Solid,
    /// Interrupted.
    Dashed,
    /// In dots, which show in the gaps of a dashed line on the same way.
    Dotted,
}

const INKS: [Ink; 8] = [
    Ink::Text,
    Ink::Muted,
    Ink::Grid,
    Ink::Blue,
    Ink::Sky,
    Ink::Teal,
    Ink::Orange,
    Ink::Gray,
];

/// Red and green of the markers of each stroke.
const MARKERS: [(Stroke, u8, u8); 3] = [
    (Stroke::Solid, 1, 2),
    (Stroke::Dashed, 1, 3),
    (Stroke::Dotted, 1, 4),
];

impl Stroke {
    /// Gives what a line has besides its color: dash and gap in the units of a drawing. The patterns are of one length, and the
    /// dots begin within the gap.
    fn attributes(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Dashed => " stroke-dasharray=\"20 14\"",
            Self::Dotted => " stroke-dasharray=\"8 26\" stroke-dashoffset=\"-23\"",
        }
    }
}

impl Ink {
    /// Gives the style variable the page defines for this ink.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Text => "--text",
            Self::Muted => "--muted",
            Self::Grid => "--grid",
            Self::Blue => "--blue",
            Self::Sky => "--sky",
            Self::Teal => "--teal",
            Self::Orange => "--orange",
            Self::Gray => "--gray",
        }
    }

    /// Gives the color it has on a light page.
    fn paper(self) -> &'static str {
        match self {
            Self::Text => "#1b2330",
            Self::Muted => "#5b6676",
            Self::Grid => "#d3d9e1",
            Self::Blue => "#1d5fb4",
            Self::Sky => "#6fb3e8",
            Self::Teal => "#0d8a72",
            Self::Orange => "#d1590a",
            Self::Gray => "#98a2b0",
        }
    }

    /// Replaces every variable of a drawing by its color on a light page.
    pub(super) fn on_paper(svg: &str) -> String {
        INKS.iter().fold(svg.to_owned(), |svg, ink| {
            let variable = format!("\"var({})\"", ink.variable());
            svg.replace(&variable, &format!("\"{}\"", ink.paper()))
        })
    }

    /// Gives the value to draw with.
    pub(super) fn marker(self, stroke: Stroke) -> RGBColor {
        let (_, red, green) = MARKERS[stroke as usize];
        RGBColor(red, green, self as u8)
    }
}

/// Replaces every marker of a drawing by the variable of its ink.
pub(super) fn recolor(svg: &str) -> String {
    let mut svg = svg.to_owned();
    for (stroke, red, green) in MARKERS {
        let extra = stroke.attributes();
        for ink in INKS {
            let marker = format!("\"#{red:02X}{green:02X}{:02X}\"", ink as u8);
            let variable = format!("\"var({})\"{extra}", ink.variable());
            svg = svg.replace(&marker, &variable);
        }
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_has_the_colors_of_the_light_page() {
        let style = include_str!("../render/html/page.css");
        for ink in INKS {
            let line = format!("  {}: {};\n", ink.variable(), ink.paper());
            assert_eq!(
                style.find(&line),
                style.find(&format!("  {}:", ink.variable()))
            );
        }
    }

    #[test]
    fn every_ink_finds_its_way_back_from_its_marker() {
        for (ink, (stroke, ..)) in INKS.iter().flat_map(|ink| MARKERS.map(|it| (ink, it))) {
            let RGBColor(red, green, blue) = ink.marker(stroke);
            let drawn = format!("<line stroke=\"#{red:02X}{green:02X}{blue:02X}\"/>");
            let expected = format!(
                "<line stroke=\"var({})\"{}/>",
                ink.variable(),
                stroke.attributes()
            );
            assert_eq!(recolor(&drawn), expected);
        }
    }
}

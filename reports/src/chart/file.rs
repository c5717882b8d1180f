//! A chart as a picture of its own: title, legend and drawing in one SVG file.
//!
//! Other programs than browsers show these files, and few of those know style variables; so colors are written out, those
//! of the page on paper.

use maud::{Markup, PreEscaped, html};

use super::plot::{UNITS, WIDTH};
use super::{Chart, Drawing, Ink, Key, Mark, Stroke};

/// Height of the title and legend above a drawing, pixels.
const HEAD: u32 = 62;

/// Height of a picture of nothing, pixels.
const EMPTY: u32 = 40;

/// Where text begins, pixels from the left.
const MARGIN: u32 = 14;

/// Width of a letter in the legend, and of the mark before its first, pixels.
const LETTER: u32 = 8;
const SWATCH: u32 = 24;

/// Fonts of which some machine has one.
const FONTS: &str = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

impl Chart {
    /// Gives the chart as an SVG file; one of nothing says so.
    pub fn to_svg(&self) -> String {
        let drawing = self.drawing.as_ref();
        let (width, height) = drawing.map_or((WIDTH, EMPTY), |drawing| {
            (drawing.width / UNITS, drawing.height / UNITS)
        });
        let total = height + HEAD;
        let svg = html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(width) height=(total)
                viewBox={ "0 0 " (width) " " (total) } font-family=(FONTS) {
                rect width="100%" height="100%" fill="#ffffff" {}
                text x=(MARGIN) y="24" font-size="15" font-weight="600" fill="var(--text)" { (self.title) }
                (self.legend_row())
                @match drawing {
                    Some(drawing) => (placed(drawing, width, height)),
                    None => (words(MARGIN, HEAD + 16, "Nothing to draw.")),
                }
            }
        };
        Ink::on_paper(&svg.into_string())
    }

    fn legend_row(&self) -> Markup {
        let mut x = MARGIN;
        let mut entry = |key: &Key| {
            let letters = u32::try_from(key.name.chars().count()).unwrap_or(0);
            let entry = html! { (swatch(*key, x)) (words(x + SWATCH, 48, key.name)) };
            x += SWATCH + LETTER * letters + SWATCH / 2;
            entry
        };
        html! { @for key in &self.legend { (entry(key)) } }
    }
}

/// Puts a drawing below the head.
fn placed(drawing: &Drawing, width: u32, height: u32) -> Markup {
    html! {
        svg y=(HEAD) width=(width) height=(height) viewBox={ "0 0 " (drawing.width) " " (drawing.height) } {
            (PreEscaped(&drawing.body))
        }
    }
}

fn words(x: u32, y: u32, words: &str) -> Markup {
    html! { text x=(x) y=(y) font-size="13" fill="var(--muted)" { (words) } }
}

fn swatch(key: Key, x: u32) -> Markup {
    let ink = format!("var({})", key.ink.variable());
    let dashes = match key.mark {
        Mark::Area => {
            return html! { rect x=(x) y="38" width="16" height="11" fill=(ink) {} };
        }
        Mark::Line(Stroke::Solid) => None,
        Mark::Line(Stroke::Dashed) => Some("5 3"),
        Mark::Line(Stroke::Dotted) => Some("2 3"),
    };
    html! {
        line x1=(x) y1="44" x2=(x + 16) y2="44" stroke=(ink) stroke-width="2" stroke-dasharray=[dashes] {}
    }
}

#[cfg(test)]
mod tests {
    use crate::chart::latency;
    use crate::fixture::healthy;
    use crate::measurements::Measurements;
    use crate::summary::Summary;

    #[test]
    fn a_file_needs_nothing_from_outside() {
        let chart = latency::draw(&Summary::from_measurements(&healthy())).unwrap();
        let svg = chart.to_svg();
        assert!(!svg.contains("var("), "{svg}");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
        for key in &chart.legend {
            assert!(svg.contains(&format!(">{}<", key.name)), "{}", key.name);
        }
        assert!(svg.contains("Response time over time"));
    }

    #[test]
    fn a_file_of_nothing_says_so() {
        let chart = latency::draw(&Summary::from_measurements(&Measurements::default()));
        assert!(chart.unwrap().to_svg().contains("Nothing to draw."));
    }
}

//! A chart on the page: caption, legend and drawing.

use maud::{Markup, PreEscaped, html};

use crate::chart::{Chart, Key, Mark, Stroke};

/// Shows a chart with its caption and legend.
pub fn figure(chart: &Chart) -> Markup {
    html! {
        figure {
            figcaption {
                h3 { (chart.title) }
                p { (chart.reading) }
                ul.legend {
                    @for key in &chart.legend {
                        li { (swatch(*key)) (key.name) }
                    }
                }
            }
            @if let Some(drawing) = &chart.drawing {
                svg viewBox={ "0 0 " (drawing.width) " " (drawing.height) } role="img" aria-label=(chart.title) {
                    (PreEscaped(&drawing.body))
                }
            } @else {
                p.empty { "Nothing was measured." }
            }
        }
    }
}

fn swatch(key: Key) -> Markup {
    let shape = match key.mark {
        Mark::Line(Stroke::Solid) => "swatch",
        Mark::Line(Stroke::Dashed) => "swatch dashed",
        Mark::Line(Stroke::Dotted) => "swatch dotted",
        Mark::Area => "swatch area",
    };
    html! {
        span class=(shape) style={ "--ink: var(" (key.ink.variable()) ")" } {}
    }
}

//! `index.html`: the report for people, one file that fetches nothing and runs no script.
//!
//! Owns the page's order and its head; each part of it is a file in `html/`. Everything that came from outside (names,
//! samples, notes) is escaped by maud. Charts take their colors from the style sheet, so light, dark and paper all work.

mod decisions;
mod endpoints;
pub mod figure;
mod generator;
mod identity;
mod latency;
pub mod overview;
mod sessions;
mod transport;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{RENDERERS, Renderer};
use crate::chart;
use crate::{Error, Measurements, Summary};

const STYLE: &str = include_str!("html/page.css");

/// Forbids the page to load or run anything, whatever might slip into it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Writes the page.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn file_name(&self) -> &'static str {
        "index.html"
    }

    fn help(&self) -> &'static str {
        "the report for people: one page with charts, light and dark"
    }

    fn render(&self, summary: &Summary, _: &Measurements) -> Result<Vec<u8>, Error> {
        Ok(page(summary)?.into_string().into_bytes())
    }
}

fn page(summary: &Summary) -> Result<Markup, Error> {
    let title = format!(
        "{}: {} at {}",
        summary.verdict.verdict.title(),
        summary.identity.service,
        summary.identity.target
    );
    Ok(document(
        &title,
        &html! {
            (overview::header(summary))
            main {
                (overview::key_figures(summary))
                (overview::gates(summary))
                (body(summary)?)
                (transport::section(summary))
                (identity::section(summary))
                (identity::glossary())
            }
            footer { (footer()) }
        },
    ))
}

/// Puts a body into a page of the house: one file in light and dark that fetches nothing and runs no script.
pub fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
}

/// The sections with charts.
fn body(summary: &Summary) -> Result<Markup, Error> {
    Ok(html! {
        section id="latency" {
            h2 { "Latency and load" }
            div.charts {
                (figure::figure(&chart::latency::draw(summary)?))
                (figure::figure(&chart::throughput::draw(summary)?))
                (figure::figure(&chart::percentile::draw(summary)?))
                (figure::figure(&chart::outcomes::draw(summary)?))
            }
            (latency::table(summary))
        }
        (endpoints::section(summary))
        (sessions::section(summary))
        (endpoints::failures(summary))
        (decisions::section(summary, &chart::confusion::draw(summary)?))
        (generator::section(
            summary,
            &[
                chart::lags::draw_send_over_time(summary)?,
                chart::lags::draw_read_over_time(summary)?,
                chart::cores::draw(summary)?,
                chart::lags::draw_by_percentile(summary)?,
            ],
        ))
    })
}

/// Names the files that lie beside the page.
fn footer() -> Markup {
    let others = RENDERERS.iter().filter(|other| other.name() != Html.name());
    html! {
        p { "In the same folder:" }
        ul {
            @for other in others {
                li { code { (other.file_name()) } " – " (other.help()) "." }
            }
        }
    }
}

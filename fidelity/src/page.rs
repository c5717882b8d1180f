//! The page for people: verdict, charts and every metric with the place of its value in its interval.
//!
//! One file in the house's style, light and dark, that fetches nothing and runs no script. It is a function of the export
//! and the judgment, so the same export gives the same bytes.

mod chart;
mod overview;
mod strip;
mod table;

use maud::{PreEscaped, html};
use tapdeck_generators::tables::Tables;
use tapdeck_reports::render::html::document;
use tapdeck_reports::render::html::figure::figure;

use crate::error::Error;
use crate::export::Export;
use crate::facts::Facts;
use crate::judgment::Judgment;

/// What this page adds to the style of the house.
const STYLE: &str = include_str!("page/page.css");

/// Writes the page.
///
/// Errors: `Chart` if a chart cannot be drawn; `Table` or `World` if a table of ours is damaged.
pub fn render(export: &Export, judgment: &Judgment, name: &str) -> Result<Vec<u8>, Error> {
    let tables = Tables::builtin()?;
    let facts = Facts::new(export, &tables);
    let title = format!("{}: fidelity of {name}", overview::verdict(judgment));
    let body = html! {
        style { (PreEscaped(STYLE)) }
        (overview::header(judgment, name))
        main {
            (overview::key_figures(&facts, judgment))
            (overview::failures(judgment))
            section id="places" {
                h2 { "Places" }
                (figure(&chart::map::draw(&facts)?))
                div.charts {
                    (figure(&chart::distance::draw(&facts)?))
                    (figure(&chart::merchants::draw(&facts)?))
                }
            }
            section id="time" {
                h2 { "Time" }
                div.charts {
                    (figure(&chart::hours::draw(&facts)?))
                    (figure(&chart::gaps::draw(&facts)?))
                }
            }
            section id="fraud" {
                h2 { "Fraud" }
                (figure(&chart::campaigns::draw(&facts)?))
                (figure(&chart::typologies::draw(&facts)?))
            }
            section id="amounts" {
                h2 { "Amounts" }
                (figure(&chart::amounts::draw(&facts)?))
            }
            (table::section(judgment))
        }
        footer {
            p {
                "Intervals hold for exports of 0.8 to 2 million rows made with default options. docs/fidelity.md has "
                "the formula of every metric."
            }
        }
    };
    Ok(document(&title, &body).into_string().into_bytes())
}

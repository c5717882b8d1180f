//! A calibration as a page: one file in the house's style that fetches nothing and runs no script.

use maud::{Markup, html};

use super::{Calibration, Capacity, Step};
use crate::chart::calibration as chart;
use crate::render::html::document;
use crate::render::html::figure::figure;
use crate::render::html::overview::tile;
use crate::{Error, format};

/// Writes the page.
///
/// Errors: `Chart` if a chart cannot be drawn.
pub fn render(calibration: &Calibration) -> Result<Vec<u8>, Error> {
    let machine = &calibration.machine;
    let body = html! {
        header {
            p.run { b { "tapdeck" } " · " (machine.tapdeck_version) " · " time datetime=(calibration.taken_at) { (calibration.taken_at) } }
            h1 { "What this machine can do as a generator" }
            p.note { (machine.cpu) ", " (machine.cores) " cores, Linux " (machine.kernel) }
            p.note { (calibration.setup.shared) }
            @if let Some(remark) = calibration.remark() { p.note { b { (remark) } } }
        }
        main {
            section.figures aria-label="Highest valid rates" {
                @for capacity in &calibration.capacities { (capacity_tile(capacity)) }
            }
            section id="curves" {
                h2 { "One lane by rate" }
                div.charts {
                    (figure(&chart::send_lag(calibration)?))
                    (figure(&chart::cpu(calibration)?))
                }
            }
            section id="steps" {
                h2 { "Every step" }
                (table(&calibration.steps))
            }
        }
        footer { p {
            "The target answered at once, so that any lag of ours shows: a rate that is valid here is valid with every "
            "target. " (calibration.setup.arrivals) " arrivals, " (calibration.setup.connections) " connections, "
            (format::span(calibration.setup.step_s)) " a step; the highest rate is known to "
            (format::round_share(calibration.setup.precision)) "."
        } }
    };
    let title = format!("Calibration of {}", machine.cpu);
    Ok(document(&title, &body).into_string().into_bytes())
}

fn capacity_tile(capacity: &Capacity) -> Markup {
    let lanes = format::counted(capacity.lanes.into(), "lane");
    tile(
        &format!("Highest valid rate, {lanes}"),
        &capacity.text(),
        &format!("{} pacing", capacity.pacing),
    )
}

fn table(steps: &[Step]) -> Markup {
    let duration = |ms: Option<f64>| format::or_na(ms, format::duration);
    html! {
        div.scroll { table {
            thead { tr {
                th { "Lanes" } th { "Pacing" } th.number { "Offered" } th.number { "Achieved" }
                th.number { "Lag p50" } th.number { "p90" } th.number { "p99" } th.number { "Max" }
                th.number { "CPU/request" } th.number { "Lanes busy" } th.number { "Target busy" } th { "Valid" }
            } }
            tbody { @for step in steps { tr {
                th scope="row" { (step.lanes) }
                td { (step.pacing) }
                td.number { (format::rate(step.rate_per_s)) }
                td.number { (format::rate(step.achieved_per_s)) }
                td.number { (duration(step.send_lag_p50_ms)) }
                td.number { (duration(step.send_lag_p90_ms)) }
                td.number { (duration(step.send_lag_p99_ms)) }
                td.number { (duration(step.send_lag_max_ms)) }
                td.number { (format::or_na(step.cpu_us_per_request, |us| format::duration(us / 1e3))) }
                td.number { (format::share(step.busy_share)) }
                td.number { (format::share(step.target_busy_share)) }
                td.prose {
                    @if step.holds() { span.kept { "✓" } } @else { span.broken { "✗ " } (step.reason) }
                }
            } } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::tests::calibration;

    #[test]
    fn the_page_shows_every_step_and_escapes_what_the_machine_calls_itself() {
        let page = String::from_utf8(render(&calibration()).unwrap()).unwrap();
        for shown in [
            "Example &lt;9000&gt;",
            "Highest valid rate, 1 lane",
            "40,000/s",
            "The generator ran out of CPU.",
            "12.5 µs",
        ] {
            assert!(page.contains(shown), "{shown}");
        }
        assert_eq!(page.matches("<svg").count(), 2);
        assert!(!page.contains("<script") && !page.contains("://"));
    }

    #[test]
    fn a_calibration_that_found_nothing_is_still_a_page() {
        let mut calibration = calibration();
        calibration.steps.clear();
        calibration.capacities[0].highest_per_s = None;
        let page = String::from_utf8(render(&calibration).unwrap()).unwrap();
        assert!(page.contains("no rate was valid"));
        assert!(!page.contains("NaN") && !page.contains("<svg"));
    }
}

//! The sketch of a schedule as text for people and as JSON.

use serde_json::{Value, json};

use super::plot;
use super::sketch::{STRETCHES, Sketch};
use crate::cli::layout::{fact, show_rate, show_span};
use crate::cli::load::Plan;
use crate::cli::output::Output;
use crate::error::Error;
use crate::units::{nanoseconds, show_count, show_ns};

pub(super) fn write(out: &mut Output, sketch: &Sketch, plan: &Plan) -> Result<(), Error> {
    writeln!(out, "{}", heading(plan))?;
    fact(out, "arrivals", &show_count(sketch.arrivals))?;
    fact(out, "length", &length(sketch, plan))?;
    let rate = format!(
        "{} in the mean, {} in the busiest second",
        show_rate(sketch.mean_rate()),
        show_count(sketch.busiest_second)
    );
    fact(out, "rate", &rate)?;
    if let Some((first_ns, last_ns)) = sketch.ends_ns {
        let ends = format!(
            "{:.6} s to {:.6} s",
            first_ns as f64 / 1e9,
            last_ns as f64 / 1e9
        );
        fact(out, "first to last", &ends)?;
    }
    if !sketch.gaps.is_empty() {
        let gap = |q: f64| show_ns(sketch.gaps.quantile(q) as f64);
        let longest = show_ns(sketch.longest_gap_ns as f64);
        fact(
            out,
            "gaps",
            &format!("p50 {}, p99 {}, longest {longest}", gap(0.5), gap(0.99)),
        )?;
    }
    write_plot(out, sketch)
}

/// Gives what `--json` prints.
pub(super) fn document(sketch: &Sketch, plan: &Plan) -> Value {
    let seconds = |ns: u64| ns as f64 / 1e9;
    let stretch_s = sketch.seconds() / STRETCHES as f64;
    json!({
        "arrivals_process": plan.schedule.process.name(),
        "profile": plan.profile_text,
        "seed": plan.schedule.parameters.seed,
        "warm_up_s": plan.warm_up.as_secs_f64(),
        "measure_s": plan.measure.as_secs_f64(),
        "arrivals": sketch.arrivals,
        "mean_rate": sketch.mean_rate(),
        "busiest_second": sketch.busiest_second,
        "first_s": sketch.ends_ns.map(|(first_ns, _)| seconds(first_ns)),
        "last_s": sketch.ends_ns.map(|(_, last_ns)| seconds(last_ns)),
        "gap_p50_ns": sketch.gaps.quantile(0.5),
        "gap_p99_ns": sketch.gaps.quantile(0.99),
        "gap_longest_ns": sketch.longest_gap_ns,
        "rate_over_time": { "stretch_s": stretch_s, "rates": sketch.rates().as_slice() },
    })
}

fn heading(plan: &Plan) -> String {
    let process = plan.schedule.process;
    if process.follows_profile() {
        let seed = plan.schedule.parameters.seed;
        format!(
            "{} arrivals at {}, seed {seed}",
            process.name(),
            plan.profile_text
        )
    } else {
        format!("{} arrivals, {}", process.name(), plan.profile_text)
    }
}

fn length(sketch: &Sketch, plan: &Plan) -> String {
    let whole = show_span(sketch.length_ns);
    if plan.warm_up.is_zero() {
        whole
    } else {
        let (warm_up, measure) = (nanoseconds(plan.warm_up), nanoseconds(plan.measure));
        format!(
            "{whole}: {} of warm-up, {} to measure",
            show_span(warm_up),
            show_span(measure)
        )
    }
}

/// Draws the rate over time with its scale on the left and the time below.
fn write_plot(out: &mut Output, sketch: &Sketch) -> Result<(), Error> {
    let rates = sketch.rates();
    let top = show_rate(rates.iter().copied().fold(0.0, f64::max));
    let margin = top.chars().count().max(3);
    writeln!(out)?;
    for (line, bars) in plot::bars(&rates).iter().enumerate() {
        let scale = if line == 0 { top.as_str() } else { "" };
        writeln!(out, "  {scale:>margin$} ┤{}", bars.trim_end())?;
    }
    writeln!(out, "  {:>margin$} └{}", "0/s", "─".repeat(STRETCHES))?;
    let end = show_span(sketch.length_ns);
    let width = STRETCHES - 1;
    writeln!(out, "  {:margin$}  0{end:>width$}", "")
}

//! What holds for every renderer, and for the page in particular.

use std::collections::BTreeSet;

use super::terminal::Width;
use super::*;
use crate::fixture::healthy;

fn render(name: &str, measurements: &Measurements) -> String {
    let summary = Summary::from_measurements(measurements);
    let renderer = RENDERERS.iter().find(|renderer| renderer.name() == name);
    String::from_utf8(renderer.unwrap().render(&summary, measurements).unwrap()).unwrap()
}

#[test]
fn renderers_have_distinct_names_files_and_help() {
    let names: BTreeSet<&str> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
    let files: BTreeSet<&str> = RENDERERS
        .iter()
        .map(|renderer| renderer.file_name())
        .collect();
    assert_eq!(
        (names.len(), files.len()),
        (RENDERERS.len(), RENDERERS.len())
    );
    assert!(RENDERERS.iter().all(|renderer| !renderer.help().is_empty()));
}

/// Runs in which something is missing.
fn sparse() -> Vec<Measurements> {
    let mut no_time = healthy();
    no_time.measured_ns = 0;
    no_time.seconds.clear();
    let mut no_lanes = healthy();
    no_lanes.lanes.clear();
    no_lanes.endpoints.clear();
    no_lanes.confusion.clear();
    let mut one = Measurements {
        endpoints: vec![healthy().endpoints.remove(0)],
        ..Measurements::default()
    };
    one.endpoints[0].response.clear();
    one.endpoints[0].response.record(u64::MAX);
    one.confusion = vec![crate::measurements::ConfusionRow::default()];
    one.lanes = vec![crate::measurements::LaneFacts::default()];
    one.seconds = vec![crate::measurements::SecondMeasurements::default()];
    vec![Measurements::default(), no_time, no_lanes, one]
}

#[test]
fn every_renderer_copes_with_a_run_that_measured_nothing() {
    for measurements in sparse() {
        for renderer in RENDERERS {
            let text = render(renderer.name(), &measurements);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(text.ends_with('\n') || renderer.name() == "html");
        }
        let table = terminal::render(&Summary::from_measurements(&measurements), Width::default());
        assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
    }
}

#[test]
fn the_summary_reads_like_this() {
    let mut summary = Summary::from_measurements(&healthy());
    summary.percentiles.truncate(3);
    summary.seconds.truncate(2);
    summary.generator.samples.truncate(1);
    summary.endpoints.truncate(1);
    let bytes = json::Json.render(&summary, &healthy()).unwrap();
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap());
}

#[test]
fn the_page_fetches_and_runs_nothing() {
    let measurements = healthy();
    let page = render("html", &measurements);
    for forbidden in [
        "<script", "<link", "<img", "<iframe", " src=", " href=", "url(", "@import",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let own = page.matches(&measurements.identity.target).count();
    assert_eq!(
        page.matches("://").count(),
        own,
        "an address that is not the target's"
    );
}

#[test]
fn nothing_from_outside_can_leave_its_place_on_the_page() {
    let mut measurements = healthy();
    let evil = "</style><script>alert('\"1\"')</script><b onclick=\"x\">";
    measurements.identity.service = evil.to_owned();
    measurements.identity.target = evil.to_owned();
    measurements.identity.machine[0] = (evil.to_owned(), evil.to_owned());
    measurements.endpoints[0].name = evil.to_owned();
    measurements.failures[0].samples = vec![evil.to_owned()];
    measurements.confusion[1].label = evil.to_owned();
    measurements.gates[0].text = evil.to_owned();
    measurements.notes = vec![evil.to_owned()];
    let page = render("html", &measurements);
    assert!(
        !page.contains("<script") && !page.contains("<b onclick"),
        "{page}"
    );
    check_well_formed(&page);
}

/// Checks that every element is closed in the order it was opened.
fn check_well_formed(page: &str) {
    const VOID: [&str; 1] = ["meta"];
    let mut open: Vec<&str> = Vec::new();
    let markup = page.split_once("<style>").map_or(page, |(head, rest)| {
        let (_, body) = rest.split_once("</style>").unwrap();
        check_tags(head, &VOID, &mut open);
        body
    });
    check_tags(markup, &VOID, &mut open);
    assert_eq!(open, Vec::<&str>::new(), "never closed");
}

fn check_tags<'a>(markup: &'a str, void: &[&str], open: &mut Vec<&'a str>) {
    for tag in markup.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag
            .split([' ', '\n', '/'])
            .find(|part| !part.is_empty())
            .unwrap();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "closed out of order");
        } else if !(tag.ends_with('/') || tag.starts_with('!') || void.contains(&name)) {
            open.push(name);
        }
    }
}

#[test]
fn the_page_is_well_formed_whatever_was_measured() {
    check_well_formed(&render("html", &healthy()));
    for measurements in sparse() {
        check_well_formed(&render("html", &measurements));
    }
}

#[test]
fn the_page_shows_verdict_reasons_and_headline_figures() {
    let page = render("html", &healthy());
    for shown in [
        "Pass",
        "The measurement is sound and every gate held",
        "100/s",
        "98.0 % of offered",
        "9.90 ms",
        "≥ 5.00 s",
        "n/a",
        "$5,000.00",
        "503 &lt;busy&gt; &amp; &quot;sorry&quot;",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
}

#[test]
fn the_style_sheet_defines_every_ink() {
    let page = render("html", &healthy());
    let light = page
        .split("@media (prefers-color-scheme: dark)")
        .next()
        .unwrap();
    let dark = page
        .split("@media (prefers-color-scheme: dark)")
        .nth(1)
        .unwrap();
    let uses = page
        .split("var(")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap());
    let used: BTreeSet<&str> = uses.filter(|name| *name != "--ink").collect();
    for name in used {
        let definition = format!("  {name}: #");
        assert!(light.contains(&definition), "{name} in light");
        assert!(dark.contains(&definition), "{name} in dark");
    }
}

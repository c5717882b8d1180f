//! Counts as shares, and whose doing it was that requests waited.

use crate::fixture::healthy;
use crate::summary::Summary;

#[test]
fn steps_left_out_are_in_the_shares_beside_the_error_share() {
    let mut run = healthy();
    run.endpoints[1].skipped = 1_000;
    let summary = Summary::from_measurements(&run);
    let good = summary.share_of_due(summary.ledger.good).unwrap();
    let errors = summary.rates.error_share.unwrap();
    assert!((good + errors - 1.0).abs() < 1e-9, "{good} {errors}");
    assert_eq!(summary.failures[0].share, Some(0.5));
    let width = crate::render::terminal::Width::default();
    let table = crate::render::terminal::render(&summary, width);
    let row = |name: &str| {
        let mut lines = table.lines();
        let line = lines.find(|line| line.trim_start().starts_with(name));
        line.unwrap().trim_end().to_owned()
    };
    assert!(row("good ").ends_with("49.0 %"), "{table}");
    assert!(row("steps left out ").ends_with("50.0 %"), "{table}");
    let html = crate::RENDERERS[0].render(&summary, &run).unwrap();
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("49.0 % of offered and left out"), "{html}");
    assert!(!html.contains("98.0 % of offered"), "{html}");
}

#[test]
fn deferred_requests_are_told_by_whose_doing_it_was() {
    let said = |deferred, held_up| {
        let mut run = healthy();
        run.ledger.deferred = deferred;
        run.endpoints[0].held_up = held_up;
        let html = crate::RENDERERS[0].render(&Summary::from_measurements(&run), &run);
        String::from_utf8(html.unwrap()).unwrap()
    };
    let (theirs, ours) = ("The target kept ", "Our own lag kept ");
    let none = said(0, 0);
    assert!(none.contains("No request was deferred") && !none.contains(ours));
    let target = said(9, 0);
    assert!(target.contains("The target kept 9 of them") && !target.contains(ours));
    let lag = said(1, 1);
    assert!(lag.contains("Our own lag kept 1 of them") && !lag.contains(theirs));
    let both = said(9, 4);
    assert!(
        both.contains("The target kept 5 of them") && both.contains("Our own lag kept 4 of them")
    );
}

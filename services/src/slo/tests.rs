use proptest::prelude::*;

use super::*;

const MS: f64 = 1e6;

#[test]
fn the_grammar_means_what_it_says() {
    use Comparison::{Above, AtLeast, AtMost, Below};
    use SloSubject::{
        AchievedShare, ErrorShare, FalsePositiveRate, Recall, ResponseQuantile, SessionShare,
    };

    let rows = [
        ("p99<30ms", ResponseQuantile(0.99), Below, 30.0 * MS),
        ("p50 <= 250us", ResponseQuantile(0.5), AtMost, 0.25 * MS),
        ("p95<1.5s", ResponseQuantile(0.95), Below, 1500.0 * MS),
        (" p99.9 < 2 µs ", ResponseQuantile(0.999), Below, 0.002 * MS),
        (
            "p99.99<2\u{3bc}s",
            ResponseQuantile(0.9999),
            Below,
            0.002 * MS,
        ),
        ("p5<1ms", ResponseQuantile(0.05), Below, MS),
        ("p100<=1ms", ResponseQuantile(1.0), AtMost, MS),
        ("errors<0.5%", ErrorShare, Below, 0.005),
        ("errors <= 1 %", ErrorShare, AtMost, 0.01),
        ("errors<=0%", ErrorShare, AtMost, 0.0),
        ("achieved>99.5%", AchievedShare, Above, 0.995),
        ("achieved>=100%", AchievedShare, AtLeast, 1.0),
        ("sessions >= 99 %", SessionShare, AtLeast, 0.99),
        ("recall>=60%", Recall(None), AtLeast, 0.6),
        (
            "recall[card_testing] > 80%",
            Recall(Some("card_testing".to_owned())),
            Above,
            0.8,
        ),
        ("fpr<=2%", FalsePositiveRate, AtMost, 0.02),
    ];
    for (text, subject, comparison, limit) in rows {
        let slo = &parse_list(text).unwrap()[0];
        let parsed = (slo.subject.clone(), slo.comparison, slo.limit);
        assert_eq!(parsed, (subject, comparison, Limit::Fixed(limit)), "{text}");
        assert_eq!(slo.text, text.replace(' ', ""), "{text}");
    }
}

#[test]
fn a_limit_may_be_what_an_earlier_run_measured() {
    for (text, factor) in [
        ("p99<=baseline", 1.0),
        ("p99 < baseline * 1.1", 1.1),
        ("errors<=baseline*2", 2.0),
        ("recall[bin_attack]>=baseline*0.95", 0.95),
    ] {
        let slo = &parse_list(text).unwrap()[0];
        assert_eq!(slo.limit, Limit::OfBaseline(factor), "{text}");
        assert_eq!(slo.text, text.replace(' ', ""));
    }
}

/// Lines of "LIST => its error".
const FAULTS: &str = r#"
(nothing) => column 1: expected a comparison, such as "p99<30ms"
p99<1ms, => column 9: expected a comparison, such as "p99<30ms"
p99 => column 4: expected a comparison, such as "p99<30ms"
<30ms => column 1: unknown SLO subject ""; known: p50, p95, p99, p99.9, errors, achieved, sessions, recall, fpr
p99<1ms, erors<1% => column 10: unknown SLO subject "erors"; did you mean "errors"?
p9x<1ms => column 1: unknown SLO subject "p9x"; did you mean "p95"?
pNaN<1ms => column 1: unknown SLO subject "pNaN"; known: p50, p95, p99, p99.9, errors, achieved, sessions, recall, fpr
p0<1ms => column 1: a quantile must lie above p0 and up to p100
p100.1<1ms => column 1: a quantile must lie above p0 and up to p100
p99< => column 5: expected a duration in us, ms or s, such as "30ms"
p99<30 => column 7: expected a duration in us, ms or s, such as "30ms"
p99<30m => column 7: expected a duration in us, ms or s, such as "30ms"
p99<-3ms => column 5: expected a duration in us, ms or s, such as "30ms"
p99<NaNms => column 5: expected a duration in us, ms or s, such as "30ms"
p99<1% => column 6: expected a duration in us, ms or s, such as "30ms"
p99<1.2.3ms => column 5: expected a number of digits with at most one point, such as "1.5ms"
p99<.5ms => column 5: expected a number of digits with at most one point, such as "1.5ms"
p99<<1ms => column 5: expected a duration in us, ms or s, such as "30ms"
p99>1ms => column 4: p99 must stay below (<) or at most at (<=) its limit; this comparison demands the opposite
errors>=1% => column 7: errors must stay below (<) or at most at (<=) its limit; this comparison demands the opposite
achieved<99% => column 9: achieved must stay above (>) or at least at (>=) its limit; this comparison demands the opposite
errors<inf% => column 8: expected a percentage, such as "0.5%"
errors<1 => column 8: expected a percentage, such as "0.5%"
errors<101% => column 8: a percentage must lie between 0% and 100%
errors<0% => column 8: nothing can ever meet "errors<0%"
p99<=0ms => column 6: nothing can ever meet "p99<=0ms"
sessions<99% => column 9: sessions must stay above (>) or at least at (>=) its limit; this comparison demands the opposite
sessions>100% => column 10: nothing can ever meet "sessions>100%"
achieved>100% => column 10: nothing can ever meet "achieved>100%"
recall<60% => column 7: recall must stay above (>) or at least at (>=) its limit; this comparison demands the opposite
fpr>=1% => column 4: fpr must stay below (<) or at most at (<=) its limit; this comparison demands the opposite
recall[]>=1% => column 8: expected a label in brackets, such as "recall[card_testing]"
recall[bust_out>=1% => column 8: expected a label in brackets, such as "recall[card_testing]"
p99<=baseline*0 => column 14: expected nothing more or a factor above 0, such as "baseline*1.1"
p99<=baselines => column 14: expected nothing more or a factor above 0, such as "baseline*1.1"
p99<1ms, p99.0<=2ms => column 10: "p99.0<=2ms" promises something about a subject that has an SLO already; keep one of the two
"#;

#[test]
fn faults_name_their_column() {
    let rows = FAULTS.lines().filter_map(|line| line.split_once(" => "));
    let count = rows.inspect(|(text, expected)| {
        let text = if *text == "(nothing)" { "" } else { text };
        let error = parse_list(text).unwrap_err();
        assert_eq!(error.to_string(), format!("{text:?}, {expected}"));
    });
    assert_eq!(count.count(), 36);
}

#[test]
fn the_default_for_sessions_is_what_its_text_says() {
    let default = default_for_sessions();
    assert_eq!(parse_list(&default.text).unwrap(), [default]);
}

#[test]
fn overrides_replace_their_subject_and_add_the_rest() {
    let rows = [
        ("errors<=1%", "p99<30ms", "errors<=1%,p99<30ms"),
        ("errors<=1%,p99<9ms", "errors<0.5%", "errors<0.5%,p99<9ms"),
        ("p99<9ms", "p99.0<8ms,p50<1ms", "p99.0<8ms,p50<1ms"),
    ];
    for (defaults, overrides, expected) in rows {
        let [defaults, overrides, expected] =
            [defaults, overrides, expected].map(|text| parse_list(text).unwrap());
        assert_eq!(merge(&defaults, &overrides), expected);
    }
}

#[test]
fn comparisons_differ_at_the_limit_and_refuse_nan() {
    use Comparison::{Above, AtLeast, AtMost, Below};

    let rows = [
        (Below, [true, false, false]),
        (AtMost, [true, true, false]),
        (Above, [false, false, true]),
        (AtLeast, [false, true, true]),
    ];
    for (comparison, expected) in rows {
        let holds = [1.0, 2.0, 3.0].map(|measured| comparison.holds(measured, 2.0));
        assert_eq!(holds, expected, "{comparison:?}");
        assert!(!comparison.holds(f64::NAN, 2.0));
    }
}

fn slo() -> impl Strategy<Value = String> {
    let latency = (1..=100u32, "(<|<=)", 1..=9999u32, "(us|µs|ms|s)");
    let errors = ("(<|<=)", 1..=100u32);
    let achieved = ("(>|>=)", 0..100u32);
    let relative = ("(errors|fpr|p95)", 1..=300u32);
    prop_oneof![
        relative.prop_map(|(subject, percent)| format!(
            "{subject} <= baseline * {}.{:02}",
            percent / 100,
            percent % 100
        )),
        latency
            .prop_map(|(p, comparison, limit, unit)| format!("p{p} {comparison} {limit} {unit}")),
        errors.prop_map(|(comparison, limit)| format!("errors{comparison}{limit}%")),
        achieved.prop_map(|(comparison, limit)| format!(" achieved{comparison}{limit}% ")),
    ]
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "[p0-9.<>=,%a-zµ \u{a0}]{0,24}|.{0,12}") {
        if let Err(Error::Expression { column, .. }) = parse_list(&text) {
            prop_assert!(column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn the_text_of_an_slo_parses_to_the_same_slo(text in slo()) {
        let parsed = parse_list(&text).unwrap();
        prop_assert_eq!(parse_list(&parsed[0].text).unwrap(), parsed);
    }

    #[test]
    fn merging_keeps_one_slo_for_each_subject(lists in prop::array::uniform2(prop::collection::vec(slo(), 0..4))) {
        let [defaults, overrides] = lists.map(|texts| {
            let slos = texts.iter().map(|text| locate(text).unwrap());
            merge(&[], &slos.collect::<Vec<_>>())
        });
        let merged = merge(&defaults, &overrides);
        for slo in &merged {
            let same = merged.iter().filter(|other| other.subject == slo.subject);
            prop_assert_eq!(same.count(), 1);
        }
        prop_assert!(overrides.iter().all(|slo| merged.contains(slo)));
        let subjects = defaults.iter().zip(&merged);
        prop_assert!(subjects.into_iter().all(|(default, held)| default.subject == held.subject));
    }
}

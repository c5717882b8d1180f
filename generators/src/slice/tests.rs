//! What slices promise, at a rate a debug build keeps up with.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::corpus::Corpus;
use crate::fraud::Amendments;
use crate::index::CardIdx;
use crate::population::card::Card;
use crate::progress::Unwatched;
use crate::requests::requests_of;
use crate::transaction::{Transaction, TransactionType};

const RATE: f64 = 200.0;
const SPAN_MS: u64 = 600_000;

fn options(seed: u64, slice: Slice) -> GenerateOptions {
    GenerateOptions {
        slice: Some(slice),
        ..GenerateOptions::new(seed, 0)
    }
}

fn ten_minutes() -> Slice {
    Slice {
        natural_rate: RATE,
        span_ms: SPAN_MS,
        at: EventTime::DEFAULT_SLICE,
    }
}

fn corpus(options: &GenerateOptions) -> Corpus {
    let service = tapdeck_services::registry::find("rule-engine").unwrap();
    Corpus::build(&service, options, &std::env::temp_dir(), &Unwatched).unwrap()
}

fn rows(corpus: &Corpus) -> Vec<Transaction> {
    let mut rows = Vec::new();
    corpus.for_each(|row| rows.push(*row)).unwrap();
    rows
}

/// Gives the instants of all requests, milliseconds from the beginning of the slice.
fn request_times(corpus: &Corpus) -> Vec<u64> {
    let from_ms = Window::new(SPAN_MS).requests().start;
    let requests = requests_of(corpus);
    requests
        .iter()
        .map(|request| request.at_ms - from_ms)
        .collect()
}

#[test]
fn a_slice_offers_its_rate_from_the_first_second_on() {
    let corpus = corpus(&options(1, ten_minutes()));
    let times = request_times(&corpus);
    assert!(times.is_sorted() && times.last().unwrap() < &SPAN_MS);
    let expected = RATE * 600.0;
    let total = times.len() as f64;
    assert!((total / expected - 1.0).abs() < 0.01, "{total}");
    // A request in three comes with another one within two seconds, which makes counts vary by half as much again as
    // those of independent arrivals: 1.2 / sqrt(12,000) is 1.1 %.
    let mut minutes = [0u32; 10];
    for time in &times {
        minutes[usize::try_from(time / 60_000).unwrap()] += 1;
    }
    for count in minutes {
        let ratio = f64::from(count) / (expected / 10.0);
        assert!((ratio - 1.0).abs() < 0.035, "{minutes:?}");
    }
    // Twenty first halves of a minute, pooled: no ramp.
    let early = times.iter().filter(|&&time| time < 30_000).count() as f64;
    assert!((early / (RATE * 30.0) - 1.0).abs() < 0.05, "{early}");
}

#[test]
fn every_kind_of_row_is_in_balance_from_the_first_minute_on() {
    let corpus = corpus(&options(2, ten_minutes()));
    let from_ms = Window::new(SPAN_MS).requests().start;
    let mut firsts: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    let mut cards = BTreeSet::new();
    for row in rows(&corpus).iter().filter(|row| row.at_ms >= from_ms) {
        let half = usize::from(row.at_ms - from_ms >= SPAN_MS / 2);
        let mut count = |kind| firsts.entry(kind).or_default()[half] += 1.0;
        if !cards.insert(row.card) {
            count("further purchases of cards seen before");
        }
        if row.transaction_type == TransactionType::Refund {
            count("refunds");
        } else if !row.answer.is_approved() {
            count("refusals");
        } else if row.card_present {
            count("in shops");
        } else {
            count("absent");
        }
    }
    for (kind, [first, second]) in &firsts {
        // What was seen before is seen again the more often the longer one looks.
        if kind.starts_with("further") {
            assert!(first < second, "{firsts:?}");
            continue;
        }
        let sum = first + second;
        assert!(sum > 200.0, "{firsts:?}");
        assert!(
            (first - second).abs() < 4.0 * sum.sqrt(),
            "{kind}: {firsts:?}"
        );
    }
}

#[test]
fn cards_are_as_busy_as_in_life() {
    let corpus = corpus(&options(3, ten_minutes()));
    let mut lives: BTreeMap<CardIdx, Vec<u64>> = BTreeMap::new();
    let (mut genuine, mut fraud) = (0.0, 0.0);
    for row in rows(&corpus) {
        if row.label.is_fraud() {
            fraud += 1.0;
        } else {
            genuine += 1.0;
            lives.entry(row.card).or_default().push(row.at_ms);
        }
    }
    let share = fraud / (fraud + genuine);
    assert!((0.0020..0.0045).contains(&share), "{share}");
    let busy = |times: &Vec<u64>| times.len().saturating_sub(4);
    let busy: usize = lives.values().map(busy).sum();
    assert!((busy as f64) < 0.02 * genuine, "{busy}");
    let mean = genuine / lives.len() as f64;
    assert!((1.02..1.25).contains(&mean), "{mean}");
}

#[test]
fn nine_cards_in_ten_go_out_once_and_some_go_again() {
    let service = tapdeck_services::registry::find("rule-engine").unwrap();
    let mix = RequestMix::new(&service).unwrap();
    let slice = ten_minutes();
    let (world, plan) = slice.found(&options(5, slice), &mix).unwrap();
    let mut appointments = Vec::new();
    for district in plan.districts(0..3) {
        district.appoint(&world, &plan, 1.0, &mut appointments);
    }
    let chunks = appointments.chunk_by(|one, other| one.card == other.card);
    let counts: Vec<usize> = chunks.map(<[_]>::len).collect();
    let once = counts.iter().filter(|&&count| count == 1).count();
    let share = once as f64 / counts.len() as f64;
    assert!(counts.len() > 5_000, "{}", counts.len());
    assert!((0.90..0.999).contains(&share), "{share}");
}

#[test]
fn nobody_is_faster_than_a_plane() {
    let corpus = corpus(&options(6, ten_minutes()));
    let world = corpus.world();
    let mut rows = rows(&corpus);
    rows.retain(|row| !row.label.is_fraud() && row.card_present);
    rows.sort_by_key(|row| (row.card, row.at_ms));
    let (mut pairs, mut fastest) = (0, 0.0_f64);
    for pair in rows.windows(2).filter(|pair| pair[0].card == pair[1].card) {
        let place = |row: &Transaction| world.shop_of(row.merchant).unwrap().1;
        let km = place(&pair[0]).distance_km(place(&pair[1]));
        let hours = (pair[1].at_ms - pair[0].at_ms) as f64 / 3_600_000.0;
        if km > 50.0 {
            fastest = fastest.max(km / hours);
        }
        pairs += 1;
    }
    assert!(pairs > 1_000, "{pairs}");
    assert!(fastest < 900.0, "{fastest}");
}

#[test]
fn bursts_of_card_testing_keep_their_tempo() {
    let slice = Slice {
        natural_rate: 400.0,
        ..ten_minutes()
    };
    let options = GenerateOptions {
        fraud_rate: 0.01,
        ..options(7, slice)
    };
    let mut campaigns: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for row in rows(&corpus(&options)) {
        if row.label == crate::Label(1) {
            campaigns.entry(row.campaign).or_default().push(row.at_ms);
        }
    }
    let gaps: Vec<f64> = campaigns
        .values()
        .flat_map(|times| times.windows(2))
        .map(|pair| (pair[1] - pair[0]) as f64 / 1e3)
        .collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    assert!(gaps.len() > 150, "{}", gaps.len());
    // Exponential gaps of 14 s: the mean of 150 is off by one more than one time in six, by four hardly ever.
    assert!((mean - 14.0).abs() < 4.0, "{mean}");
    let short = gaps.iter().filter(|&&gap| gap < 9.7).count() as f64;
    assert!((short / gaps.len() as f64 - 0.5).abs() < 0.15, "{short}");
}

#[test]
fn every_typology_has_its_share_among_cards_of_the_slice() {
    let slice = Slice {
        natural_rate: 400.0,
        ..ten_minutes()
    };
    let options = GenerateOptions {
        fraud_rate: 0.01,
        ..options(8, slice)
    };
    let corpus = corpus(&options);
    let world = corpus.world();
    let window = corpus.window();
    let (mut found, mut campaigns) = (vec![0.0; 9], BTreeSet::new());
    let (mut genuine, mut issued, mut made_up) = (0.0, BTreeMap::new(), BTreeSet::new());
    for row in rows(&corpus)
        .iter()
        .filter(|row| window.contains(&row.at_ms))
    {
        if !row.label.is_fraud() {
            genuine += 1.0;
            continue;
        }
        found[usize::from(row.label.0) - 1] += 1.0;
        campaigns.insert(row.campaign);
        if row.card.is_ghost() {
            assert_eq!(row.label, crate::Label(4), "{row:?}");
            made_up.insert(row.card);
            continue;
        }
        let card = Card::draw(world, row.card);
        assert_eq!((row.iin, row.card_country), (card.iin, card.country));
        assert!(row.seq >= 1 << 31);
        issued
            .entry(row.card)
            .or_insert_with(BTreeSet::new)
            .insert(row.campaign);
    }
    let shares = options.typologies.normalized();
    let total = (genuine / 99.0_f64).round();
    for (count, share) in found.iter().zip(shares) {
        assert!((count - share * total).abs() < 0.51, "{found:?} of {total}");
    }
    let last = u32::try_from(campaigns.len()).unwrap();
    assert_eq!(
        (campaigns.first(), campaigns.last()),
        (Some(&1), Some(&last))
    );
    // Small cities run out of cards that nobody hit, which hardly any victim lives in.
    let shared = issued.values().filter(|campaigns| campaigns.len() > 1);
    assert!(shared.count() * 50 < issued.len(), "{}", issued.len());
    assert!(
        issued.len() > 200 && made_up.len() > 100,
        "{}",
        made_up.len()
    );
}

#[test]
fn shards_leave_no_trace() {
    let slice = Slice {
        natural_rate: 60.0,
        span_ms: 60_000,
        ..ten_minutes()
    };
    let options = options(4, slice);
    let service = tapdeck_services::registry::find("rule-engine").unwrap();
    let mix = RequestMix::new(&service).unwrap();
    let (world, plan) = slice.found(&options, &mix).unwrap();
    let told = |errands_per_shard: f64| {
        let spill = crate::spill::Spill::create(&std::env::temp_dir()).unwrap();
        let emitted = plan
            .tell_in_shards(errands_per_shard, &world, &mix, &spill, &Unwatched)
            .unwrap();
        let amendments = Amendments::default();
        let mut merge = crate::merge::Merge::new(&spill, &emitted.runs, &amendments).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = merge.next().unwrap() {
            rows.push(row);
        }
        (emitted.rows, emitted.cards, rows)
    };
    let expected = told(1e9);
    assert!(expected.2.len() > 2_000);
    assert!(
        expected
            .2
            .is_sorted_by(|a, b| a.order_key() < b.order_key())
    );
    for errands in [1.0, 100.0] {
        assert!(told(errands) == expected);
    }
}

#[test]
fn impossible_slices_are_named() {
    let good = ten_minutes();
    let at = |text: &str| text.parse().unwrap();
    let rows = [
        (
            Slice {
                natural_rate: 0.0,
                ..good
            },
            "natural rate is 0, expected requests per second, above 0",
        ),
        (
            Slice {
                natural_rate: f64::NAN,
                ..good
            },
            "natural rate is NaN, expected requests per second, above 0",
        ),
        (
            Slice {
                natural_rate: f64::INFINITY,
                ..good
            },
            "natural rate is inf, expected requests per second, above 0",
        ),
        (
            Slice { span_ms: 0, ..good },
            "span is 0 s, expected 1 s to 24 h",
        ),
        (
            Slice {
                span_ms: 86_400_001,
                ..good
            },
            "span is 86400.001 s, expected 1 s to 24 h",
        ),
        (
            Slice {
                at: at("1970-01-01"),
                ..good
            },
            "at is 1970-01-01T00:00:00.000Z, expected an instant from 1970-01-15 to the end of the year 9999",
        ),
    ];
    for (slice, expected) in rows {
        let error = options(1, slice).validate().unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let service = tapdeck_services::registry::find("rule-engine").unwrap();
    let mix = RequestMix::new(&service).unwrap();
    let absurd = Slice {
        natural_rate: 1e6,
        ..good
    };
    let error = absurd.found(&options(1, absurd), &mix).unwrap_err();
    assert!(
        error.to_string().contains("which 2^31 cards offer"),
        "{error}"
    );
}

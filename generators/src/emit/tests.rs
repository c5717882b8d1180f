//! Where cards are cut into shards, and who tells them, leaves no trace.

use super::*;
use crate::event_time::EventTime;
use crate::fraud::Amendments;
use crate::merge::Merge;
use crate::progress::Unwatched;
use crate::seed::Seed;
use crate::world::Span;

fn world(days: u32, cards: u32) -> World {
    let start = EventTime::DEFAULT_START;
    World::build(Seed(21), Span { start, days }, u64::from(cards)).unwrap()
}

/// Tells the cards in stages and shards of a given size, and merges what comes out.
fn merged(world: &World, shard_cards: u32, stages: &[u32]) -> (Emitted, Vec<Transaction>) {
    let spill = Spill::create(&std::env::temp_dir()).unwrap();
    let candidates = Candidates::choose(world, stages[stages.len() - 1], 0.003);
    let emitter = Emitter {
        least_shards: 1,
        most_cards_per_shard: shard_cards,
        ..Emitter::new(world, &spill, &candidates)
    };
    let mut emitted = Emitted::default();
    for &cards in stages {
        emitter.emit(&mut emitted, cards, &Unwatched).unwrap();
    }
    let amendments = Amendments::default();
    let mut merge = Merge::new(&spill, &emitted.runs, &amendments).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = merge.next().unwrap() {
        rows.push(row);
    }
    (emitted, rows)
}

#[test]
fn shards_and_stages_leave_no_trace_in_the_order() {
    const CARDS: u32 = 150;
    let world = world(20, CARDS);
    let (emitted, expected) = merged(&world, CARDS, &[CARDS]);
    assert_eq!(emitted.cards, CARDS);
    assert_eq!(emitted.rows, expected.len() as u64);
    assert!(expected.len() > 2_000 && !emitted.hits.is_empty());
    assert!(expected.is_sorted_by(|a, b| a.order_key() < b.order_key()));
    let cuts: [(u32, &[u32]); 3] = [(1, &[CARDS]), (7, &[40, 41, CARDS]), (64, &[CARDS])];
    for (shard_cards, stages) in cuts {
        let (again, rows) = merged(&world, shard_cards, stages);
        assert_eq!(rows, expected);
        assert_eq!(
            (again.rows, again.hits),
            (emitted.rows, emitted.hits.clone())
        );
    }
}

#[test]
fn shards_and_threads_leave_no_trace_in_a_large_world() {
    const CARDS: u32 = 5_000;
    let world = world(6, CARDS);
    let told = |threads: usize, shard_cards: u32| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| merged(&world, shard_cards, &[CARDS]).1)
    };
    let expected = told(1, 4_096);
    assert!(expected.len() > 20_000, "{}", expected.len());
    for (threads, shard_cards) in [(1, 512), (2, 512), (8, 512), (2, 4_096), (8, 4_096)] {
        let rows = told(threads, shard_cards);
        assert!(rows == expected, "{threads} threads, {shard_cards} cards");
    }
}

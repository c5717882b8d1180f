//! Who plays the victims of campaigns that were rehearsed among others: cards of a slice.
//!
//! Invariants: a victim is played by a card of the same city and, where one is found, of the same issuer number, that no
//! other campaign has hit; numbers that nobody was ever given stay such. Campaigns count from 1.

use std::collections::{BTreeMap, BTreeSet};

use super::scene;
use crate::dist;
use crate::fields::address::DeviceId;
use crate::index::CardIdx;
use crate::numeric::low_half;
use crate::population::card::Card;
use crate::population::census::Census;
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::Transaction;
use crate::world::World;

/// Cards looked at before the last one is taken, whatever its issuer and whoever has hit it.
const LOOKS: u32 = 256;

/// What of a campaign crosses a window: transactions in time order.
#[derive(Debug)]
pub(super) struct Crossing {
    rows: Vec<Transaction>,
    /// The holders of the cards that were ever issued.
    victims: BTreeMap<CardIdx, Card>,
}

impl Crossing {
    /// Takes transactions, and who they were rehearsed with.
    pub(super) fn new(rehearsed: &World, rows: Vec<Transaction>) -> Self {
        let cards = rows.iter().map(|row| row.card);
        let victims = cards
            .filter(|card| !card.is_ghost())
            .map(|card| (card, Card::draw(rehearsed, card)))
            .collect();
        Self { rows, victims }
    }
}

/// Gives the parts of all victims to cards of the world's census, and everything that happens to them by card and number.
pub(super) fn give_parts(world: &World, crossings: Vec<Crossing>) -> Vec<Transaction> {
    let Some(census) = &world.census else {
        return Vec::new();
    };
    let mut cast = Cast {
        world,
        census,
        hit: BTreeSet::new(),
        ghosts: 0,
    };
    let mut rows = Vec::new();
    for (campaign, crossing) in (1..).zip(crossings) {
        let id = u64::from(campaign);
        let mut stream = world.seed.stream(Entity::Campaign, id, Purpose::Identity);
        rows.extend(
            cast.play(crossing, &mut stream)
                .into_iter()
                .map(|row| Transaction { campaign, ..row }),
        );
    }
    scene::number(&mut rows);
    rows
}

/// Who plays.
struct Cast<'w> {
    world: &'w World,
    census: &'w Census,
    /// Cards that play a victim.
    hit: BTreeSet<CardIdx>,
    /// Numbers made up so far.
    ghosts: u32,
}

impl Cast<'_> {
    fn play(&mut self, crossing: Crossing, stream: &mut Stream) -> Vec<Transaction> {
        let Crossing { mut rows, victims } = crossing;
        let mut ghosts: BTreeMap<CardIdx, CardIdx> = BTreeMap::new();
        let players: BTreeMap<CardIdx, Card> = victims
            .values()
            .map(|victim| (victim.idx, self.player(victim, stream)))
            .collect();
        for row in &mut rows {
            match (victims.get(&row.card), players.get(&row.card)) {
                (Some(victim), Some(player)) => stand_in(row, victim, player),
                _ => {
                    row.card = *ghosts.entry(row.card).or_insert_with(|| {
                        self.ghosts += 1;
                        CardIdx::ghost(self.ghosts - 1)
                    });
                }
            }
        }
        rows
    }

    /// Finds the card that plays a victim.
    fn player(&mut self, victim: &Card, stream: &mut Stream) -> Card {
        let at_home = self.census.cards_of(victim.city);
        let cards = if at_home.is_empty() {
            0..self.census.cards()
        } else {
            at_home
        };
        let mut look = || {
            let place = dist::below(stream, u64::from(cards.end - cards.start));
            Card::draw(self.world, CardIdx(cards.start + low_half(place)))
        };
        let mut player = look();
        for _ in 1..LOOKS {
            if player.iin == victim.iin && !self.hit.contains(&player.idx) {
                break;
            }
            player = look();
        }
        self.hit.insert(player.idx);
        player
    }
}

/// Lets a card play a victim in a transaction; what was done at the victim's home is done at the player's.
fn stand_in(row: &mut Transaction, victim: &Card, player: &Card) {
    let owned =
        |device: DeviceId| (0..victim.device_count).find(|&own| victim.device(own) == device);
    row.card = player.idx;
    row.card_country = player.country;
    row.iin = player.iin;
    if row.ip == Some(victim.household) {
        row.ip = Some(player.household);
    }
    if let Some(own) = row.device.and_then(owned) {
        row.device = Some(player.device(own % player.device_count));
    }
}

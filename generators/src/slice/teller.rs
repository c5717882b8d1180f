//! Tells districts in parallel, sorts what comes of them shard by shard, and spills it as runs.
//!
//! Invariants: which districts share a shard has no influence on any byte of the outcome. What follows from a purchase
//! after the window is over (it is tried again, or sent back) follows in the window from an earlier purchase of somebody
//! else of the district: as much is yet to come of purchases before it as of those inside.

use std::ops::Range;

use rayon::prelude::*;

use super::district::District;
use super::plan::Plan;
use super::tempo::Kind;
use crate::behavior::arrivals::appointed::Appointment;
use crate::behavior::life::{self, Desk};
use crate::emit::{Emitted, Sorter};
use crate::error::Error;
use crate::index::CardIdx;
use crate::population::card::Card;
use crate::progress::Progress;
use crate::seed::{Purpose, Stream};
use crate::spill::Spill;
use crate::transaction::Transaction;
use crate::world::World;

/// Numbers of what follows from purchases that were not told start here, between those of lives and of fraud.
const FIRST_FOLLOWING_SEQ: u32 = 1 << 30;

/// Cards looked at before one is taken that is out; one in a hundred is.
const LOOKS: u32 = 16;

/// Tells districts.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    pub(super) world: &'a World,
    pub(super) plan: &'a Plan,
    pub(super) spill: &'a Spill,
    pub(super) errands_per_shard: f64,
}

/// What a thread works with, kept from shard to shard for its allocations.
#[derive(Debug, Default)]
struct Workplace {
    desk: Desk,
    appointments: Vec<Appointment>,
    /// One card's transactions.
    life: Vec<Transaction>,
    /// What follows from purchases after the window.
    late: Vec<Transaction>,
    rows: Vec<Transaction>,
    sorter: Sorter,
}

impl Teller<'_> {
    /// Tells districts, which come in the order of their cards, at `pace` times the pace of the plan.
    ///
    /// Errors: `Cancelled`, and whatever the spill file says.
    pub(super) fn tell(
        &self,
        districts: &[District],
        pace: f64,
        emitted: &mut Emitted,
        progress: &(dyn Progress + Sync),
    ) -> Result<(), Error> {
        let tell_shard = |place: &mut Workplace, shard: Range<usize>| {
            if progress.cancelled() {
                return Err(Error::Cancelled);
            }
            let districts = &districts[shard];
            let told = self.tell_shard(districts, pace, place)?;
            let cards = districts.iter().map(|district| district.cards.len() as u64);
            progress.advance(cards.sum());
            Ok(told)
        };
        let told: Vec<Emitted> = self
            .shards(districts, pace)
            .into_par_iter()
            // Whoever is done takes over single shards, so that all end together.
            .with_max_len(1)
            .map_init(Workplace::default, tell_shard)
            .collect::<Result<_, Error>>()?;
        for shard in told {
            emitted.add(shard);
        }
        Ok(())
    }

    /// Cuts districts into stretches of about as many errands as a shard holds.
    fn shards(&self, districts: &[District], pace: f64) -> Vec<Range<usize>> {
        let most_cards =
            self.errands_per_shard / (self.plan.errands_per_card() * pace).max(f64::MIN_POSITIVE);
        let mut shards = Vec::new();
        let (mut start, mut cards) = (0, 0.0);
        for (idx, district) in districts.iter().enumerate() {
            cards += district.cards.len() as f64;
            if cards >= most_cards || idx + 1 == districts.len() {
                shards.push(start..idx + 1);
                (start, cards) = (idx + 1, 0.0);
            }
        }
        shards
    }

    /// Tells a shard and spills it as one run.
    fn tell_shard(
        &self,
        districts: &[District],
        pace: f64,
        place: &mut Workplace,
    ) -> Result<Emitted, Error> {
        place.rows.clear();
        let mut cards = 0;
        for district in districts {
            cards += self.tell_district(district, pace, place);
        }
        let requests = self.plan.window().requests();
        let inside = place
            .rows
            .iter()
            .filter(|row| requests.contains(&row.at_ms));
        let told = Emitted {
            cards,
            rows: inside.count() as u64,
            ..Emitted::default()
        };
        let run = self.spill.append(place.sorter.sort(&place.rows))?;
        Ok(Emitted {
            runs: vec![run],
            ..told
        })
    }

    /// Appends the transactions of a district by card and number, and gives the number of cards that were used.
    fn tell_district(&self, district: &District, pace: f64, place: &mut Workplace) -> u32 {
        let (world, window) = (self.world, self.plan.window());
        place.appointments.clear();
        place.late.clear();
        district.appoint(world, self.plan, pace, &mut place.appointments);
        let first = place.rows.len();
        let mut cards = 0;
        for appointments in place
            .appointments
            .chunk_by(|one, other| one.card == other.card)
        {
            let card = Card::draw(world, appointments[0].card);
            place.life.clear();
            life::tell_appointments(
                world,
                &card,
                appointments,
                window.kept(),
                &mut place.desk,
                &mut place.life,
            );
            for row in &place.life {
                if window.keeps(row.at_ms) {
                    place.rows.push(*row);
                } else {
                    place.late.push(*row);
                }
            }
            cards += 1;
        }
        self.follow_up(district, &place.appointments, &place.late, &mut place.rows);
        place.rows[first..].sort_by_key(|row| (row.card, row.seq));
        cards
    }

    /// Appends what follows from purchases before the window: the same as from those inside, by others of the city.
    fn follow_up(
        &self,
        district: &District,
        out: &[Appointment],
        late: &[Transaction],
        rows: &mut Vec<Transaction>,
    ) {
        let mut stream = district.stream(self.world.seed, Purpose::Answers);
        for (seq, row) in (FIRST_FOLLOWING_SEQ..).zip(late) {
            let idx = self.somebody_at_home(district, out, &mut stream);
            let card = Card::draw(self.world, idx);
            rows.push(Transaction {
                at_ms: self.plan.window().wrap(row.at_ms),
                card: idx,
                seq,
                iin: card.iin,
                // Made at home, like most.
                ip: row.ip.map(|_| card.household),
                device: row.device.map(|_| card.device(0)),
                dice: stream.next_u64(),
                ..*row
            });
        }
    }
    /// Draws a card of a district whose holder has no appointment, which come by card, and cannot be in two places.
    fn somebody_at_home(
        &self,
        district: &District,
        out: &[Appointment],
        stream: &mut Stream,
    ) -> CardIdx {
        let is_out = |idx: &CardIdx| out.binary_search_by_key(idx, |other| other.card).is_ok();
        let mut somebody = || district.somebody(self.world, self.plan, Kind::Outing, stream);
        let mut idx = somebody();
        for _ in 0..LOOKS {
            if !is_out(&idx) {
                break;
            }
            idx = somebody();
        }
        idx
    }
}

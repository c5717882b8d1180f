//! Which request meets which fault, settled from the seed and nothing else.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::delay::Delays;
use super::{Faults, Share, Shed};
use crate::stand_in::Error;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stand_in) enum Fate {
    Answer,
    Shed,
    FailOpen,
    WrongId,
    Reset,
    Garbage,
    Hang,
}

/// The shares of all faults stacked on one another, and the delay law: drawn from by every connection.
#[derive(Clone, Debug)]
pub(in crate::stand_in) struct Ladder {
    /// Each step ends where the next begins; above the last one a request is answered.
    steps: [(f64, Fate); 6],
    delays: Delays,
}

impl Ladder {
    /// Stacks the shares.
    ///
    /// Errors: `Shares` if they are more than one whole.
    pub(in crate::stand_in) fn new(faults: &Faults) -> Result<Self, Error> {
        let shed = match faults.shed {
            Shed::Share(share) => share,
            Shed::Above(_) => Share::NONE,
        };
        let mut height = 0.0;
        let steps = [
            (shed, Fate::Shed),
            (faults.fail_open, Fate::FailOpen),
            (faults.wrong_id, Fate::WrongId),
            (faults.reset, Fate::Reset),
            (faults.garbage, Fate::Garbage),
            (faults.hang, Fate::Hang),
        ]
        .map(|(share, fate)| {
            height += share.get();
            (height, fate)
        });
        // Ten shares of 10 % add up to a little more than one in floating point.
        if height > 1.0 + 1e-9 {
            return Err(Error::Shares {
                percent: height * 100.0,
            });
        }
        Ok(Self {
            steps,
            delays: Delays::new(faults.delay),
        })
    }

    fn fate_at(&self, height: f64) -> Fate {
        self.steps
            .iter()
            .find(|(top, _)| height < *top)
            .map_or(Fate::Answer, |&(_, fate)| fate)
    }
}

/// The randomness of one connection: separate streams, so that asking for a delay changes no fate.
#[derive(Debug)]
pub(in crate::stand_in) struct Fates {
    dice: Pcg64,
    delays: Pcg64,
    ids: Pcg64,
}

impl Fates {
    /// Starts the streams of the connection that was accepted as number `connection_idx`.
    pub(in crate::stand_in) fn new(seed: u64, connection_idx: u64) -> Self {
        // Seeding mixes a word thoroughly, so neighboring seeds, connections and purposes have nothing in common.
        let root = Pcg64::seed_from_u64(seed).next_u64();
        let stream = |purpose| Pcg64::seed_from_u64(root ^ (connection_idx << 2 | purpose));
        Self {
            dice: stream(0),
            delays: stream(1),
            ids: stream(2),
        }
    }

    /// Settles the fate of the connection's next request.
    pub(in crate::stand_in) fn next_fate(&mut self, ladder: &Ladder) -> Fate {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        ladder.fate_at((self.dice.next_u64() >> 11) as f64 * STEP)
    }

    /// Draws the delay of the connection's next request, in nanoseconds.
    pub(in crate::stand_in) fn next_delay_ns(&mut self, ladder: &Ladder) -> u64 {
        ladder.delays.draw(&mut self.delays)
    }

    /// Draws 128 bits to name a decision with.
    pub(in crate::stand_in) fn next_id(&mut self) -> u128 {
        u128::from(self.ids.next_u64()) << 64 | u128::from(self.ids.next_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DelayLaw, Faults, Share, Shed};
    use super::{Fate, Fates, Ladder};

    fn share(percent: f64) -> Share {
        Share::new(percent / 100.0).unwrap()
    }

    fn mixed() -> Faults {
        Faults {
            shed: Shed::Share(share(10.0)),
            fail_open: share(5.0),
            reset: share(1.0),
            garbage: share(2.0),
            wrong_id: share(3.0),
            hang: share(4.0),
            ..Faults::default()
        }
    }

    fn draw(faults: &Faults, seed: u64, connection_idx: u64, count: usize) -> Vec<Fate> {
        let ladder = Ladder::new(faults).unwrap();
        let mut fates = Fates::new(seed, connection_idx);
        (0..count)
            .map(|_| {
                fates.next_delay_ns(&ladder);
                fates.next_fate(&ladder)
            })
            .collect()
    }

    #[test]
    fn shares_are_met_and_exclude_each_other() {
        let drawn = draw(&mixed(), 42, 0, 100_000);
        for (fate, percent) in [
            (Fate::Shed, 10.0),
            (Fate::FailOpen, 5.0),
            (Fate::Reset, 1.0),
            (Fate::Garbage, 2.0),
            (Fate::WrongId, 3.0),
            (Fate::Hang, 4.0),
            (Fate::Answer, 75.0),
        ] {
            let found = drawn.iter().filter(|&&drawn| drawn == fate).count() as f64 / 1000.0;
            assert!(
                (found - percent).abs() < 0.3,
                "{fate:?}: {found} % instead of {percent} %"
            );
        }
    }

    #[test]
    fn fates_depend_on_seed_and_connection_only() {
        let delayed = Faults {
            delay: "lognormal:5ms,1".parse().unwrap(),
            ..mixed()
        };
        let fates = draw(&mixed(), 42, 7, 500);
        assert_eq!(fates, draw(&mixed(), 42, 7, 500));
        assert_eq!(
            fates,
            draw(&delayed, 42, 7, 500),
            "a delay law must not change who is hit"
        );
        assert_ne!(fates, draw(&mixed(), 43, 7, 500));
        assert_ne!(fates, draw(&mixed(), 42, 8, 500));
    }

    #[test]
    fn whole_shares_hit_every_request_and_none_hits_no_request() {
        let all = Faults {
            reset: Share::ALL,
            delay: DelayLaw::None,
            ..Faults::default()
        };
        assert!(
            draw(&all, 1, 0, 10_000)
                .iter()
                .all(|&fate| fate == Fate::Reset)
        );
        assert!(
            draw(&Faults::default(), 1, 0, 10_000)
                .iter()
                .all(|&fate| fate == Fate::Answer)
        );
    }

    #[test]
    fn shares_above_one_whole_are_refused() {
        let faults = Faults {
            reset: share(60.0),
            garbage: share(50.0),
            ..Faults::default()
        };
        let error = Ladder::new(&faults).unwrap_err().to_string();
        assert_eq!(
            error,
            "the fault shares add up to 110.0 %: at most 100 % of the requests can be hit"
        );
        let exact = Faults {
            reset: share(70.0),
            garbage: share(20.0),
            hang: share(10.0),
            ..Faults::default()
        };
        assert!(Ladder::new(&exact).is_ok());
    }
}

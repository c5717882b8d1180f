//! What one typology has to do: whole campaigns, side by side, until its budget is used up exactly.

use rayon::prelude::*;

use super::campaign::{Campaign, Deeds};
use super::scene::Scene;
use super::{Profile, Typology};
use crate::behavior::life::Desk;
use crate::error::Error;
use crate::numeric::round_half_up;
use crate::progress::Progress;
use crate::seed::{Entity, Purpose, Stream};
use crate::transaction::Label;
use crate::world::World;

/// Most campaigns that are carried out side by side.
const MAX_BATCH: i64 = 1_024;

/// Campaigns that a thread carries out before others may take over.
const CAMPAIGNS_PER_TURN: usize = 4;

/// How often in a row the cards of unused sources are tried again, where nothing came of them before.
const MAX_FUTILE_ROUNDS: u32 = 4;

/// A campaign that was planned: who is hit, and from which source.
#[derive(Debug)]
pub(super) struct Plot<P> {
    source: Option<usize>,
    plan: P,
}

impl<P> Plot<P> {
    /// Plans a campaign whose victims come from no source.
    pub(super) fn at_large(plan: P) -> Self {
        Self { source: None, plan }
    }

    /// Plans a campaign whose victims come from a source.
    pub(super) fn from_source(number: usize, plan: P) -> Self {
        let source = Some(number);
        Self { source, plan }
    }
}

/// A plot, and the randomness to carry it out with.
struct Plotted<P> {
    plot: Plot<P>,
    stream: Stream,
    dice: Stream,
}

/// The share of one typology.
pub(crate) struct Job<'a, 'w> {
    world: &'w World,
    scene: &'a mut Scene<'w>,
    label: Label,
    profile: &'static Profile,
    budget: u64,
    progress: &'a (dyn Progress + Sync),
}

impl<'a, 'w> Job<'a, 'w> {
    pub(super) fn new(
        scene: &'a mut Scene<'w>,
        label: Label,
        typology: &dyn Typology,
        budget: u64,
        progress: &'a (dyn Progress + Sync),
    ) -> Self {
        Self {
            world: scene.world(),
            scene,
            label,
            profile: typology.profile(),
            budget,
            progress,
        }
    }

    /// Plans campaigns one after the other, claiming their victims, and carries them out side by side.
    ///
    /// `plan` hears how many transactions are still to come and gives nothing once there is no victim left; `act` is a
    /// function of its arguments. The last campaign is cut. Errors: `VictimsExhausted`, `Cancelled`.
    pub(super) fn lay<P: Send + Sync>(
        mut self,
        mut plan: impl FnMut(&mut Scene<'w>, u64, &mut Stream) -> Option<Plot<P>>,
        act: impl Fn(&P, &mut Stream, &mut Campaign<'_>) + Sync,
    ) -> Result<(), Error> {
        let (world, label) = (self.world, self.label);
        let carry_out = |desk: &mut Desk, plotted: &Plotted<P>, budget| {
            let mut campaign = Campaign::new(world, label, budget, plotted.dice.clone(), desk);
            let mut stream = plotted.stream.clone();
            act(&plotted.plot.plan, &mut stream, &mut campaign);
            campaign.finish()
        };
        let (mut laid, mut numbers, mut futile_rounds) = (0, 0u64.., 0);
        while laid < self.budget {
            if self.progress.cancelled() {
                return Err(Error::Cancelled);
            }
            let rest = self.budget - laid;
            let plots: Vec<Plotted<P>> = (0..self.batch(rest))
                .zip(&mut numbers)
                .map_while(|(_, number)| {
                    self.plot(number, |scene, stream| plan(scene, rest, stream))
                })
                .collect();
            futile_rounds += u32::from(plots.is_empty());
            if plots.is_empty()
                && (futile_rounds > MAX_FUTILE_ROUNDS || !self.scene.release_unused_sources())
            {
                return Err(self.exhausted(laid));
            }
            let all_deeds: Vec<Deeds> = plots
                .par_iter()
                .with_max_len(CAMPAIGNS_PER_TURN)
                .map_init(Desk::default, |desk, plot| carry_out(desk, plot, rest))
                .collect();
            for (plotted, mut deeds) in plots.iter().zip(all_deeds) {
                let left = self.budget - laid;
                if left == 0 {
                    break;
                }
                if deeds.count() > left {
                    deeds = carry_out(&mut Desk::default(), plotted, left);
                }
                let count = deeds.count();
                if count > 0 {
                    futile_rounds = 0;
                    self.scene.accept(self.label, plotted.plot.source, deeds);
                    laid += count;
                    self.progress.advance(count);
                }
            }
        }
        self.scene.release_unused_claims();
        Ok(())
    }

    /// Plans campaign `number`.
    fn plot<P>(
        &mut self,
        number: u64,
        plan: impl FnOnce(&mut Scene<'w>, &mut Stream) -> Option<Plot<P>>,
    ) -> Option<Plotted<P>> {
        let id = self.scene.stream_id(self.label, number);
        let stream = |purpose| self.world.seed.stream(Entity::Campaign, id, purpose);
        let (mut plot_stream, dice) = (stream(Purpose::Plot), stream(Purpose::Requests));
        let plot = plan(self.scene, &mut plot_stream)?;
        Some(Plotted {
            plot,
            stream: plot_stream,
            dice,
        })
    }

    /// Gives the number of campaigns that will about use up the rest.
    fn batch(&self, rest: u64) -> i64 {
        round_half_up(rest as f64 / self.profile.campaign_rows).clamp(1, MAX_BATCH)
    }

    fn exhausted(&self, laid: u64) -> Error {
        Error::VictimsExhausted {
            typology: self.profile.name,
            laid,
            budget: self.budget,
        }
    }
}

//! Who stands by while a run is carried out, and who puts data there for it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tapdeck_generators::Progress;

use super::member::Member;
use super::metadata::SeededArtifact;
use super::phases::Phase;
use crate::auth::Tokens;
use crate::error::Error;
use crate::events::Watcher;
use crate::harness::play::RunPlan;
use crate::harness::target::Access;

/// Who stands by: says how targets are reached and how the engine is built, and hears what happens.
pub trait Host {
    /// Gives how the target of one service may be reached.
    fn access(&self, member: &Member) -> Access;

    /// Plans the load on one service, whose target, tape and tokens are known by now.
    ///
    /// Errors: everything that can be wrong with a plan.
    fn plan(
        &self,
        member: &Member,
        target: &str,
        tape: &Path,
        tokens: &Tokens,
    ) -> Result<RunPlan, Error>;

    /// Gives who puts data there before the load and removes it, in the place of `usual`, whom the services need.
    fn seeder(&self, usual: Option<Box<dyn Seeder>>) -> Option<Box<dyn Seeder>> {
        usual
    }

    /// Hears that a phase begins, so many seconds after the run.
    fn begins(&mut self, phase: Phase, at_s: f64, what: &str);

    /// Gives who watches a tape being made.
    fn generation(&self) -> Box<dyn Progress + Sync>;

    /// Gives who watches the load on one service.
    fn watcher(&self, member: &Member, plan: &RunPlan) -> Box<dyn Watcher + Send>;
}

/// Puts data there before the load, and removes it.
pub trait Seeder {
    /// Gives the bucket it works in.
    fn bucket(&self) -> &str;

    /// Puts everything there and makes sure that it arrived; stops early once `stop` is set.
    ///
    /// Errors: what did not work. What was put there until then is for [`Seeder::teardown`].
    fn seed(&mut self, stop: &Arc<AtomicBool>) -> Result<Vec<SeededArtifact>, Error>;

    /// Removes what was put there, and puts back what stood there before.
    ///
    /// Errors: what did not work; a later cleanup can go on from there.
    fn teardown(&mut self) -> Result<(), Error>;
}

//! Shows how far a generation has come, and passes on the wish to end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tapdeck_generators::{Progress, Stage};

use crate::cli::progress::{Bar, Visibility};

/// Watches one generation.
#[derive(Debug)]
pub(in crate::cli) struct Watch {
    bar: Bar,
    interrupted: Arc<AtomicBool>,
}

impl Watch {
    pub(in crate::cli) fn new(visibility: Visibility, interrupted: Arc<AtomicBool>) -> Self {
        Self {
            bar: Bar::new(visibility),
            interrupted,
        }
    }
}

impl Progress for Watch {
    fn stage(&self, stage: Stage, total: u64) {
        let unit = match stage {
            Stage::World => "",
            Stage::Spending => "cards",
            Stage::Fraud => "transactions",
            Stage::Rendering => "requests",
        };
        self.bar.start(stage.label(), total, unit);
    }

    fn advance(&self, by: u64) {
        self.bar.advance(by);
    }

    fn cancelled(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

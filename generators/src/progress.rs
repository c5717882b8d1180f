//! How far generation is, for those who watch it.

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Cities are founded and merchants open; nothing is counted.
    World,
    /// Cards are used; counted in cards.
    Spending,
    /// Fraud campaigns are laid; counted in transactions.
    Fraud,
    /// Requests are merged, rendered and written, and the truth with them; counted in requests.
    Rendering,
}

impl Stage {
    /// Gives a word for it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Spending => "spending",
            Self::Fraud => "fraud",
            Self::Rendering => "rendering",
        }
    }
}

/// Watches generation, and may end it. Called from several threads.
pub trait Progress {
    /// Hears that a stage begins, which will advance by `total`; 0 if that is not known.
    fn stage(&self, stage: Stage, total: u64);

    /// Hears that the stage went on.
    fn advance(&self, by: u64);

    /// Tells whether to stop; asked many times per second.
    fn cancelled(&self) -> bool;
}

/// Watches nothing and never stops.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn stage(&self, _stage: Stage, _total: u64) {}

    fn advance(&self, _by: u64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

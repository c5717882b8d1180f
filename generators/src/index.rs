//! Indices into the populations and tables of a world, one type each so that none is taken for another.

macro_rules! index_type {
    ($(#[$docs:meta])* $name:ident($raw:ty)) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub(crate) $raw);

        impl $name {
            /// Gives the place in its list.
            pub const fn get(self) -> usize {
                self.0 as usize
            }
        }
    };
}

/// Adds the way from a place in a list back to its index, for lists that are addressed by counting.
macro_rules! counted {
    ($($name:ident($raw:ty))*) => {$(
        impl $name {
            /// Takes a place in its list, which is shorter than the index reaches.
            #[expect(clippy::cast_possible_truncation, reason = "tables are refused before they outgrow their index")]
            pub(crate) const fn at(idx: usize) -> Self {
                debug_assert!(idx <= <$raw>::MAX as usize);
                Self(idx as $raw)
            }
        }
    )*};
}

index_type!(
    /// A row of the currency table.
    CurrencyIdx(u8)
);
index_type!(
    /// A row of the country table.
    CountryIdx(u8)
);
index_type!(
    /// A row of the table of merchant categories.
    MccIdx(u8)
);
index_type!(
    /// An issuer identification number, counted through all networks.
    IinIdx(u8)
);
index_type!(
    /// A city, counted through all countries.
    CityIdx(u16)
);
index_type!(
    /// A merchant.
    MerchantIdx(u32)
);
index_type!(
    /// A card; with the top bit set a ghost, a number that somebody made up and that was never issued.
    CardIdx(u32)
);

impl CardIdx {
    /// Bit that marks a ghost.
    const GHOST: u32 = 1 << 31;

    /// Gives a number that was never issued.
    pub(crate) const fn ghost(number: u32) -> Self {
        Self(number | Self::GHOST)
    }

    /// Gives the ghost that comes so many after a ghost.
    pub(crate) const fn later_ghost(self, by: u32) -> Self {
        debug_assert!(self.is_ghost());
        Self(self.0 + by)
    }

    /// Tells whether the card was never issued.
    pub const fn is_ghost(self) -> bool {
        self.0 & Self::GHOST != 0
    }
}

counted! {
    CurrencyIdx(u8)
    CountryIdx(u8)
    MccIdx(u8)
    IinIdx(u8)
    CityIdx(u16)
}

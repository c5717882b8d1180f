//! How a card was read (ISO 8583 data element 22).

/// How a card was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryMode {
    /// Chip in the terminal.
    Chip = 0,
    /// Chip near the terminal.
    Contactless = 1,
    /// Magnetic stripe.
    Magstripe = 2,
    /// Typed in.
    Manual = 3,
    /// Online.
    Ecom = 4,
    /// By mail or telephone.
    Moto = 5,
}

impl EntryMode {
    const ALL: [Self; 6] = [
        Self::Chip,
        Self::Contactless,
        Self::Magstripe,
        Self::Manual,
        Self::Ecom,
        Self::Moto,
    ];

    /// Gives the word used in requests.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chip => "CHIP",
            Self::Contactless => "CONTACTLESS",
            Self::Magstripe => "MAGSTRIPE",
            Self::Manual => "MANUAL",
            Self::Ecom => "ECOM",
            Self::Moto => "MOTO",
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

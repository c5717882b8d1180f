//! Which class each fault belongs to.

use super::{ErrorKind, Fault, Located};

impl Fault {
    /// Gives the class of this fault.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Syntax { .. } => ErrorKind::Syntax,
            Self::UnknownKey { .. }
            | Self::MissingKey { .. }
            | Self::OneOf { .. }
            | Self::WrongType { .. } => ErrorKind::Shape,
            Self::UnknownWord { .. }
            | Self::Unfit { .. }
            | Self::Address { .. }
            | Self::Duplicate { .. }
            | Self::Reserved { .. }
            | Self::NoWeight { .. }
            | Self::NothingToEcho
            | Self::NoParameter { .. }
            | Self::TokenNotSent
            | Self::TooMany { .. }
            | Self::Misplaced { .. }
            | Self::UnknownOutlet { .. }
            | Self::MixSyntax { .. } => ErrorKind::Value,
            Self::OutsideSession { .. }
            | Self::NeverCaptured { .. }
            | Self::CapturedLater { .. }
            | Self::CapturesDisagree { .. }
            | Self::CapturedHere { .. }
            | Self::TakeMissing { .. }
            | Self::NotAList { .. }
            | Self::ThinkSyntax { .. }
            | Self::ThinkRange { .. } => ErrorKind::Session,
            Self::Unclosed
            | Self::UnknownPlaceholder { .. }
            | Self::DrawArguments { .. }
            | Self::NeedsNull { .. }
            | Self::FireOutsideBody { .. }
            | Self::PlaceholderInHeader { .. }
            | Self::TokenOutsideHeader
            | Self::NotJson { .. } => ErrorKind::Template,
            Self::PointerStart | Self::PointerEscape | Self::PointerStars => ErrorKind::Pointer,
            Self::SloSyntax { .. }
            | Self::SloRange { .. }
            | Self::SloDirection { .. }
            | Self::SloTwice { .. }
            | Self::SloNever { .. } => ErrorKind::Slo,
        }
    }

    pub(crate) fn at(self, offset: usize) -> Located {
        Located {
            offset,
            fault: self,
        }
    }
}

//! Who exists: cities, the merchants in them, and the cards that are used there.

pub(crate) mod atlas;
pub(crate) mod card;
pub(crate) mod census;
pub(crate) mod city;
pub(crate) mod merchant;
pub(crate) mod pool;
pub(crate) mod repute;
pub(crate) mod residents;
pub(crate) mod taste;

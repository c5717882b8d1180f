//! Addresses as people write them: read exactly, or refused.
//!
//! Every address in the project is read here: targets, object stores, providers of tokens, base URLs of definitions, and
//! the URLs in answers. Must not know what an address is for, and resolves no name. The invariant: no part of an address is
//! ever replaced by a default because it could not be read.
//!
//! Source: RFC 3986 (the generic syntax), RFC 9110 section 4.2 (http and https), RFC 952 and RFC 1123 section 2.1 (names of
//! hosts), RFC 4291 section 2.2 (IPv6). What these allow and no target needs is refused; `docs/decisions/` says why.

mod authority;
mod error;
mod host;
mod path;
mod place;
mod url;

pub use self::authority::Authority;
pub use self::error::{AddressError, Fault};
pub use self::host::Host;
pub use self::path::is_path;
pub use self::place::Place;
pub use self::url::{HttpUrl, Scheme};

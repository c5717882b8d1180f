//! Network addresses and devices of online purchases.
//!
//! Addresses come only from blocks that nobody can own: benchmarking (RFC 2544) for homes, shared carrier space
//! (RFC 6598) for mobile networks, documentation (RFC 5737, 3849, 9637) for hosting and for IPv6 households.

use crate::dist;
use crate::index::CountryIdx;
use crate::numeric::{low_half, low_quarter, mix64, scale_to_index};
use crate::seed::Stream;
use crate::tables::Country;
use crate::text;

/// Residential blocks of 256 addresses, from 198.18.0.0 on.
const RESIDENTIAL_BLOCKS: usize = 512;

/// Blocks dealt out by weight; the others let every country have one.
const WEIGHTED_BLOCKS: usize = 460;

/// Mobile blocks, from 100.64.0.0 on, per residential one.
const MOBILE_PER_RESIDENTIAL: u64 = 32;

const RESIDENTIAL_BASE: u32 = u32::from_be_bytes([198, 18, 0, 0]);
const MOBILE_BASE: u32 = u32::from_be_bytes([100, 64, 0, 0]);
pub(crate) const HOSTING_BASES: [u32; 3] = [
    u32::from_be_bytes([192, 0, 2, 0]),
    u32::from_be_bytes([198, 51, 100, 0]),
    u32::from_be_bytes([203, 0, 113, 0]),
];

/// Where data centers stand, as far as the world has these countries.
const HOSTING_COUNTRIES: [&str; 5] = ["US", "NL", "GB", "DE", "SG"];

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpAddress {
    /// IPv4.
    V4(u32),
    /// IPv6 of a household.
    V6 {
        /// Country it lies in.
        country: CountryIdx,
        /// Number of the household.
        household: u32,
    },
}

impl IpAddress {
    /// Gives a number that addresses share if and only if they are written alike.
    pub(crate) fn key(self) -> u64 {
        match self {
            Self::V4(bits) => u64::from(bits),
            Self::V6 { country, household } => {
                let groups = household_groups(country, household);
                groups
                    .iter()
                    .fold(1, |key, group| (key << 16) | u64::from(*group))
            }
        }
    }

    /// Appends the address as text (RFC 5952).
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::V4(bits) => {
                for (idx, byte) in bits.to_be_bytes().into_iter().enumerate() {
                    if idx > 0 {
                        out.push(b'.');
                    }
                    text::decimal(out, u64::from(byte));
                }
            }
            Self::V6 { country, household } => write_household(country, household, out),
        }
    }
}

fn write_household(country: CountryIdx, household: u32, out: &mut Vec<u8>) {
    let [overflow, of_country, of_household] = household_groups(country, household);
    if overflow == 0 {
        out.extend_from_slice(b"2001:db8");
    } else {
        out.extend_from_slice(b"3fff:");
        text::hex(out, overflow);
    }
    for group in [of_country, of_household] {
        out.push(b':');
        text::hex(out, group);
    }
    out.extend_from_slice(b"::1");
}

/// Gives the groups of a household's address: the number of the overflow block, country and household.
fn household_groups(country: CountryIdx, household: u32) -> [u16; 3] {
    // The last group counts from 1, so that the only run of zero groups is the one written `::`.
    const PER_GROUP: u32 = 0xffff;
    const OVERFLOW_GROUPS: u32 = 0x1000;
    let overflow = household / PER_GROUP % OVERFLOW_GROUPS;
    [
        low_quarter(overflow),
        u16::from(country.0) + 1,
        low_quarter(household % PER_GROUP + 1),
    ]
}

/// Which blocks belong to which country.
#[derive(Debug, Clone)]
pub(crate) struct AddressPlan {
    /// First residential block of each country, and their number.
    blocks: Vec<(u64, u64)>,
    /// Countries with data centers; never empty.
    hosting: Vec<CountryIdx>,
}

impl AddressPlan {
    /// Gives the country an address lies in, by what anybody could look up.
    pub(crate) fn country_of(&self, address: IpAddress) -> CountryIdx {
        let bits = match address {
            IpAddress::V6 { country, .. } => return country,
            IpAddress::V4(bits) => bits,
        };
        let block = u64::from(bits >> 8);
        let mobile = u64::from(MOBILE_BASE >> 8);
        let residential = u64::from(RESIDENTIAL_BASE >> 8);
        if (residential..residential + RESIDENTIAL_BLOCKS as u64).contains(&block) {
            self.owner(block - residential)
        } else if (mobile..mobile + RESIDENTIAL_BLOCKS as u64 * MOBILE_PER_RESIDENTIAL)
            .contains(&block)
        {
            self.owner((block - mobile) / MOBILE_PER_RESIDENTIAL)
        } else {
            // Data centers are rented out by the address: each lies in one of the countries that have them.
            self.hosting[(bits & 0xff) as usize % self.hosting.len()]
        }
    }

    fn owner(&self, block: u64) -> CountryIdx {
        let place = self.blocks.partition_point(|&(first, _)| first <= block);
        CountryIdx::at(place.saturating_sub(1))
    }

    /// Deals the blocks to the countries by weight, at least one to each; returns nothing if they do not suffice.
    pub(crate) fn new(countries: &[Country]) -> Option<Self> {
        let total: f64 = countries.iter().map(|country| country.weight).sum();
        let mut first = 0;
        let blocks = countries
            .iter()
            .map(|country| {
                let share = (country.weight / total).min(1.0 - f64::EPSILON);
                let count = scale_to_index(share, WEIGHTED_BLOCKS).max(1) as u64;
                first += count;
                (first - count, count)
            })
            .collect();
        let mut hosting: Vec<CountryIdx> = (0..countries.len())
            .filter(|&idx| HOSTING_COUNTRIES.contains(&countries[idx].code.as_str()))
            .map(CountryIdx::at)
            .collect();
        if hosting.is_empty() {
            hosting.push(CountryIdx(0));
        }
        (first <= RESIDENTIAL_BLOCKS as u64).then_some(Self { blocks, hosting })
    }

    /// Draws an address of some home in a country.
    pub(crate) fn residential(&self, country: CountryIdx, stream: &mut Stream) -> IpAddress {
        let (first, count) = self.blocks[country.get()];
        host(RESIDENTIAL_BASE, first, count, stream)
    }

    /// Draws an address of a mobile network in a country, shared by many subscribers.
    pub(crate) fn mobile(&self, country: CountryIdx, stream: &mut Stream) -> IpAddress {
        let (first, count) = self.blocks[country.get()];
        host(
            MOBILE_BASE,
            first * MOBILE_PER_RESIDENTIAL,
            count * MOBILE_PER_RESIDENTIAL,
            stream,
        )
    }
}

/// Draws an address of a data center or a tunnel that ends there.
pub(crate) fn hosting(stream: &mut Stream) -> IpAddress {
    let base = *dist::pick(stream, &HOSTING_BASES);
    host(base, 0, 1, stream)
}

/// Draws a host in a range of blocks, never the first or last address of a block.
fn host(base: u32, first_block: u64, blocks: u64, stream: &mut Stream) -> IpAddress {
    let place = dist::below(stream, blocks * 254);
    let (block, host) = (first_block + place / 254, 1 + place % 254);
    IpAddress::V4(base + low_half(block * 256 + host))
}

/// A device that purchases are made on.
///
/// Shape: odd, so never 0; the upper sixty bits are its identity, the second one tells its holder's own from new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceId(pub(crate) u64);

/// Bytes of every device id as written.
const DEVICE_DIGITS: usize = 12;

impl DeviceId {
    const OWN: u64 = 2;

    /// Gives device `number` of an owner, who is known by a random word; the bank sees it for the first time.
    pub(crate) const fn of(owner: u64, number: u64) -> Self {
        Self(mix64(owner.wrapping_add(number)) & !0b1111 | 1)
    }

    /// Makes it one that the bank knows as its cardholder's.
    pub(crate) const fn own(self) -> Self {
        Self(self.0 | Self::OWN)
    }

    /// Tells whether the bank sees it for the first time in the span.
    pub const fn is_new(self) -> bool {
        self.0 & Self::OWN == 0
    }

    /// Gives a number that devices share if and only if they are written alike.
    pub(crate) const fn key(self) -> u64 {
        self.0 >> (u64::BITS as usize - 5 * DEVICE_DIGITS)
    }

    /// Appends the id as text; twelve digits at most stand in a row.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"dev_");
        out.extend_from_slice(&text::base32::<DEVICE_DIGITS>(self.0));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;
    use crate::seed::{Entity, Purpose, Seed};
    use crate::tables::Tables;

    fn written(address: IpAddress) -> String {
        let mut out = Vec::new();
        address.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn drawn_addresses_lie_in_their_reserved_blocks() {
        let tables = Tables::builtin().unwrap();
        let plan = AddressPlan::new(&tables.countries).unwrap();
        let mut stream = Seed(1).stream(Entity::Card, 0, Purpose::Network);
        for country in tables.country_idxs() {
            for _ in 0..200 {
                let home: Ipv4Addr = written(plan.residential(country, &mut stream))
                    .parse()
                    .unwrap();
                assert!(
                    matches!(home.octets(), [198, 18 | 19, _, 1..=254]),
                    "{home}"
                );
                let mobile: Ipv4Addr = written(plan.mobile(country, &mut stream)).parse().unwrap();
                assert!(
                    matches!(mobile.octets(), [100, 64..=127, _, 1..=254]),
                    "{mobile}"
                );
                let hosting: Ipv4Addr = written(hosting(&mut stream)).parse().unwrap();
                assert!(hosting.is_documentation(), "{hosting}");
                let household = IpAddress::V6 {
                    country,
                    household: 7,
                };
                for address in [
                    plan.residential(country, &mut stream),
                    plan.mobile(country, &mut stream),
                    household,
                ] {
                    assert_eq!(plan.country_of(address), country, "{address:?}");
                }
            }
        }
    }

    #[test]
    fn data_centers_lie_in_few_countries() {
        let tables = Tables::builtin().unwrap();
        let plan = AddressPlan::new(&tables.countries).unwrap();
        let mut stream = Seed(1).stream(Entity::Card, 0, Purpose::Network);
        let mut found = BTreeSet::new();
        for _ in 0..500 {
            let country = plan.country_of(hosting(&mut stream));
            found.insert(tables.country(country).code.clone());
        }
        let mut expected = HOSTING_COUNTRIES;
        expected.sort_unstable();
        assert!(found.iter().eq(expected.iter()), "{found:?}");
    }

    #[test]
    fn households_are_written_canonically_and_apart() {
        let country = CountryIdx(9);
        let rows = [
            (0, "2001:db8:a:1::1"),
            (0xfffe, "2001:db8:a:ffff::1"),
            (0xffff, "3fff:1:a:1::1"),
            (u32::MAX, "3fff:1:a:1::1"),
        ];
        for (household, expected) in rows {
            let text = written(IpAddress::V6 { country, household });
            assert_eq!(text, expected);
            let parsed: Ipv6Addr = text.parse().unwrap();
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn keys_tell_apart_what_is_written_differently() {
        let countries = [0, 1, 255].map(CountryIdx);
        let households = [0, 1, 0xfffe, 0xffff, 0x0fff_efff, 0x0fff_f000, u32::MAX];
        let v6 = countries
            .into_iter()
            .flat_map(|country| households.map(|household| IpAddress::V6 { country, household }));
        let v4 = [0, 1, u32::MAX].map(IpAddress::V4);
        let (mut keys, mut texts) = (BTreeSet::new(), BTreeSet::new());
        for address in v6.chain(v4) {
            assert_eq!(
                keys.insert(address.key()),
                texts.insert(written(address)),
                "{address:?}"
            );
        }
        assert_eq!(keys.len(), 5 * 3 + 3);
    }

    #[test]
    fn countries_do_not_share_blocks() {
        let tables = Tables::builtin().unwrap();
        let plan = AddressPlan::new(&tables.countries).unwrap();
        let mut next = 0;
        for (first, count) in plan.blocks {
            assert_eq!(first, next);
            assert!(count >= 1);
            next = first + count;
        }
        assert!(next <= RESIDENTIAL_BLOCKS as u64);
    }

    #[test]
    fn devices_have_a_prefix_and_twelve_digits() {
        let mut out = Vec::new();
        DeviceId::of(5, 0).write(&mut out);
        assert_eq!(out.len(), 16);
        assert!(out.starts_with(b"dev_"));
        assert_ne!(DeviceId::of(5, 0), DeviceId::of(5, 1));
    }
}

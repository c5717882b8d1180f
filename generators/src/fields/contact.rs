//! E-mail addresses and telephone numbers of cardholders.
//!
//! Addresses lie under names reserved by RFC 2606, with a label before the reserved word. Numbers are the lines
//! reserved for fiction in North America, else under a country code that is not assigned.

use crate::dist::AliasTable;
use crate::index::CardIdx;
use crate::numeric::mix64;
use crate::seed::{Entity, Purpose, Seed};
use crate::tables::{Country, MailDomain, PhonePlan};
use crate::text;

/// Base-32 digits before the `@`; too few for a card number even if all are decimal.
const LOCAL_DIGITS: usize = 10;

/// The domains to choose among.
#[derive(Debug, Clone)]
pub(crate) struct MailDomains {
    domains: Vec<MailDomain>,
    choice: AliasTable,
}

impl MailDomains {
    pub(crate) fn new(domains: &[MailDomain]) -> Self {
        Self {
            choice: AliasTable::of(domains, |domain| domain.weight),
            domains: domains.to_vec(),
        }
    }
}

/// How a holder can be reached, as the random word that it is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contact(u64);

impl Contact {
    /// Gives what is known of a card's holder; the holder's own as version 0, else that of who took over.
    pub(crate) fn of(seed: Seed, card: CardIdx, version: u8) -> Self {
        let own = seed.word(Entity::Card, u64::from(card.0), Purpose::Contact);
        if version == 0 {
            Self(own)
        } else {
            Self(mix64(own.wrapping_add(u64::from(version))))
        }
    }

    /// Appends the e-mail address.
    pub(crate) fn write_email(self, domains: &MailDomains, country: &Country, out: &mut Vec<u8>) {
        out.extend_from_slice(&text::base32::<LOCAL_DIGITS>(self.0));
        out.push(b'@');
        let domain = &domains.domains[domains.choice.choose(mix64(self.0))];
        out.extend_from_slice(domain.head.as_bytes());
        if let Some(tail) = &domain.tail {
            out.extend(country.code.bytes().map(|byte| byte.to_ascii_lowercase()));
            out.extend_from_slice(tail.as_bytes());
        }
    }

    /// Appends the telephone number (ITU-T E.164).
    pub(crate) fn write_phone(self, country: &Country, out: &mut Vec<u8>) {
        let word = mix64(!self.0);
        match country.phone {
            PhonePlan::NorthAmerican => {
                // An area code is 2-9, 0-8, and here 2-9 again, which keeps clear of service codes such as 911.
                let (first, second, third) = (2 + word % 8, word / 8 % 9, 2 + word / 72 % 8);
                out.extend_from_slice(b"+1");
                text::padded_decimal(out, first * 100 + second * 10 + third, 3);
                out.extend_from_slice(b"55501");
                text::padded_decimal(out, word / 576, 2);
            }
            PhonePlan::Unassigned => {
                out.extend_from_slice(b"+999");
                text::padded_decimal(out, word, 9);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Tables;

    #[test]
    fn contacts_are_reserved_for_fiction() {
        let tables = Tables::builtin().unwrap();
        let domains = MailDomains::new(&tables.mail_domains);
        for (card, country) in (0..500).zip(tables.countries.iter().cycle()) {
            let contact = Contact::of(Seed(3), CardIdx(card), u8::from(card % 2 == 0));
            let mut email = Vec::new();
            contact.write_email(&domains, country, &mut email);
            let email = String::from_utf8(email).unwrap();
            let (local, domain) = email.split_once('@').unwrap();
            assert_eq!(local.len(), LOCAL_DIGITS);
            let (label, reserved) = domain.rsplit_once('.').unwrap();
            assert!(!label.is_empty() && !label.contains('{'), "{email}");
            assert!(
                ["test", "example", "invalid"].contains(&reserved),
                "{email}"
            );

            let mut phone = Vec::new();
            contact.write_phone(country, &mut phone);
            let phone = String::from_utf8(phone).unwrap();
            let fictional =
                phone.starts_with("+1") && phone.len() == 12 && &phone[5..10] == "55501";
            let unassigned = phone.starts_with("+999") && phone.len() == 13;
            assert!(fictional || unassigned, "{phone}");
            assert!(
                phone[1..].bytes().all(|byte| byte.is_ascii_digit()),
                "{phone}"
            );
        }
    }
}

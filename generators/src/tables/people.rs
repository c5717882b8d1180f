//! Networks, issuers' refusals, e-mail domains, telephone plans and the syllables of names.

use std::ops::Range;

use super::sheet::{Form, Sheet};
use crate::error::Error;
use crate::transaction::AnswerCode;

/// Most issuer numbers of all networks, so that a byte counts them.
const MAX_IINS: usize = 255;

/// A card network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Name, as in rule scopes.
    pub name: String,
    /// Share of cards.
    pub weight: f64,
    /// Its issuer identification numbers, in falling order of use.
    pub iins: Range<usize>,
}

/// An issuer identification number (ISO/IEC 7812).
#[derive(Debug, Clone, Copy)]
pub struct Iin {
    /// Six digits.
    pub digits: [u8; 6],
    /// Place of its network in the table.
    pub network: usize,
}

/// One way for an issuer to refuse a genuine transaction (ISO 8583 data element 39).
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// Code with the card present.
    pub present: AnswerCode,
    /// Code without it.
    pub absent: AnswerCode,
    /// Share of refusals.
    pub weight: f64,
    /// Whether it makes sense to try again at once.
    pub retry: bool,
}

/// A domain of e-mail addresses.
#[derive(Debug, Clone)]
pub struct MailDomain {
    /// Name before the holder's country, or all of it.
    pub head: String,
    /// Rest of the name after the holder's country, if the country is in it.
    pub tail: Option<String>,
    /// Share of addresses.
    pub weight: f64,
}

/// Which telephone numbers a country's people have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhonePlan {
    /// `+1`, an area code, and the lines 555-0100 to 555-0199 reserved for fiction.
    NorthAmerican,
    /// `+999`, which is assigned to no country, and nine digits.
    Unassigned,
}

/// Syllables of invented names.
#[derive(Debug, Clone)]
pub struct Words {
    /// First halves of cities' names.
    pub city_starts: Vec<String>,
    /// Second halves of cities' names.
    pub city_ends: Vec<String>,
    /// First halves of merchants' names.
    pub merchant_starts: Vec<String>,
    /// Second halves of merchants' names.
    pub merchant_ends: Vec<String>,
}

pub(super) const NETWORKS: Form = Form {
    name: "networks",
    columns: &["name", "weight", "iins"],
    builtin: include_str!("../../tables/networks.tsv"),
};

pub(super) const REFUSALS: Form = Form {
    name: "refusals",
    columns: &["present", "absent", "weight", "retry"],
    builtin: include_str!("../../tables/refusals.tsv"),
};

pub(super) const MAIL: Form = Form {
    name: "mail",
    columns: &["domain", "weight"],
    builtin: include_str!("../../tables/mail.tsv"),
};

pub(super) const WORDS: Form = Form {
    name: "words",
    columns: &["part", "words"],
    builtin: include_str!("../../tables/words.tsv"),
};

/// Reads the networks and all their issuer numbers, one network after the other.
pub(super) fn networks(sheet: &Sheet) -> Result<(Vec<Network>, Vec<Iin>), Error> {
    let rows = sheet.read(|row| {
        let iin = |word: &str| match word.as_bytes().try_into() {
            Ok(digits) if word.bytes().all(|byte| byte.is_ascii_digit()) => Ok(digits),
            _ => Err(row.misfit("iins", "six digits each, a space in between")),
        };
        let words = row.text("iins")?.split(' ');
        let iins: Vec<[u8; 6]> = words.map(iin).collect::<Result<_, _>>()?;
        let name = row.name("name")?.to_owned();
        Ok((name, row.number("weight", 0.0..=1e6)?, iins))
    })?;
    let (mut networks, mut iins) = (Vec::new(), Vec::new());
    for (name, weight, digits) in rows {
        let network = networks.len();
        let first = iins.len();
        iins.extend(digits.into_iter().map(|digits| Iin { digits, network }));
        networks.push(Network {
            name,
            weight,
            iins: first..iins.len(),
        });
    }
    if iins.len() > MAX_IINS {
        let found = iins.len();
        let detail = format!("found {found} issuer numbers, expected at most {MAX_IINS}");
        return Err(sheet.error(&detail));
    }
    Ok((networks, iins))
}

pub(super) fn refusals(sheet: &Sheet) -> Result<Vec<Refusal>, Error> {
    sheet.read(|row| {
        let code = |column| {
            let bytes = row.text(column)?.as_bytes().try_into();
            bytes
                .map(AnswerCode)
                .map_err(|_| row.misfit(column, "two characters"))
        };
        Ok(Refusal {
            present: code("present")?,
            absent: code("absent")?,
            weight: row.number("weight", 0.0..=1e6)?,
            retry: row.one_of("retry", &[("yes", true), ("no", false)])?,
        })
    })
}

pub(super) fn mail_domains(sheet: &Sheet) -> Result<Vec<MailDomain>, Error> {
    const RESERVED: [&str; 3] = [".test", ".example", ".invalid"];
    sheet.read(|row| {
        let domain = row.name("domain")?;
        let reserved = |ending: &&str| domain.len() > ending.len() && domain.ends_with(*ending);
        if !RESERVED.iter().any(reserved) {
            return Err(row.misfit("domain", "NAME.test, NAME.example or NAME.invalid"));
        }
        let (head, tail) = match domain.split_once("{country}") {
            Some((head, tail)) => (head, Some(tail.to_owned())),
            None => (domain, None),
        };
        Ok(MailDomain {
            head: head.to_owned(),
            tail,
            weight: row.number("weight", 0.0..=1e6)?,
        })
    })
}

pub(super) fn words(sheet: &Sheet) -> Result<Words, Error> {
    let rows = sheet.read(|row| {
        let words: Vec<String> = row.name("words")?.split(' ').map(str::to_owned).collect();
        Ok((row.text("part")?.to_owned(), words))
    })?;
    let part = |name: &str| {
        let found = rows.iter().find(|(part, _)| part == name);
        found
            .map(|(_, words)| words.clone())
            .ok_or_else(|| sheet.error(&format!("part {name} is missing")))
    };
    Ok(Words {
        city_starts: part("city_start")?,
        city_ends: part("city_end")?,
        merchant_starts: part("merchant_start")?,
        merchant_ends: part("merchant_end")?,
    })
}

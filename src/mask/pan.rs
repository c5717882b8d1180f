//! Card numbers in any text: by the networks' numbers, lengths and check digit, across separators of every kind.
//!
//! Digits stand together, or in groups with the same separator between them. What is no card number by its first
//! digits, its length or its grouping stays: instants, amounts, addresses, versions, identifiers.
//!
//! Source: ISO/IEC 7812-1 (digits, check digit), the networks' published ranges.

use std::ops::RangeInclusive;

use tapdeck_reports::printable::is_obeyed;

use super::decode::Letter;

/// Digits of a payment card's number.
const DIGITS: RangeInclusive<usize> = 13..=19;

/// Most characters of a separator.
const SEPARATOR: usize = 3;

/// Digits at both ends that are shown: of the issuer, and the last four.
const SHOWN: (usize, usize) = (6, 4);

/// First digits of issuers, from and to, and how many digits their numbers have.
const ISSUERS: [(&str, &str, RangeInclusive<usize>); 18] = [
    ("2131", "2131", 15..=15),
    ("2200", "2205", 16..=19),
    ("2221", "2720", 16..=16),
    ("300", "305", 14..=19),
    ("309", "309", 14..=19),
    ("34", "34", 15..=15),
    ("3528", "3589", 16..=19),
    ("36", "36", 14..=19),
    ("37", "37", 15..=15),
    ("38", "39", 14..=19),
    ("4", "4", 13..=13),
    ("4", "4", 16..=19),
    ("50", "50", 13..=19),
    ("51", "55", 16..=16),
    ("56", "58", 13..=19),
    ("6", "6", 13..=19),
    ("81", "82", 16..=19),
    ("9792", "9792", 16..=16),
];

/// How card numbers are printed on cards and typed into forms.
const GROUPINGS: [&[usize]; 10] = [
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 1],
    &[4, 4, 4, 4, 2],
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 1],
    &[4, 4, 4, 2],
    &[4, 4, 4, 3],
    &[4, 3, 3, 3],
    &[4, 6, 5],
    &[4, 6, 4],
];

/// Where the digits of other scripts begin that are typed and printed as decimal digits (Unicode, category Nd).
const ZEROS: [u32; 12] = [
    0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
    0x1fbf0,
];

/// A digit, and its place among the letters.
#[derive(Debug, Clone, Copy)]
struct Digit {
    is: u8,
    at: usize,
}

/// Digits that stand together, and what stands between them and the group before.
#[derive(Debug)]
struct Group {
    digits: Vec<Digit>,
    /// Nothing where too much stands between them, or a letter.
    behind: Option<String>,
}

/// Marks the digits of card numbers that are not to be shown, byte by byte of the original text.
pub(super) fn mark(reading: &[Letter], marks: &mut [bool]) {
    let groups = groups(reading);
    let mut hide = |groups: &[Group]| hide(reading, groups, marks);
    for chain in groups.chunk_by(|_, next| next.behind.is_some()) {
        for (idx, group) in chain.iter().enumerate() {
            if is_number(&group.digits) && !is_other(reading, chain, idx) {
                hide(std::slice::from_ref(group));
            }
        }
        // From each separator to the last one that is like it.
        let mut from = 0;
        while from + 1 < chain.len() {
            let like = |group: &&Group| group.behind == chain[from + 1].behind;
            let length = 1 + chain[from + 1..].iter().take_while(like).count();
            grouped(reading, &chain[from..from + length], &mut hide);
            from += length - 1;
        }
    }
}

/// Looks for card numbers in groups with the same separator between them.
fn grouped(reading: &[Letter], groups: &[Group], hide: &mut impl FnMut(&[Group])) {
    let separator = groups[1].behind.as_deref().unwrap_or_default();
    let is_card = |groups: &[Group]| is_number(&digits(groups)) && !touches(reading, groups);
    if is_one_number(groups, separator) && is_card(groups) {
        hide(groups);
    }
    // Addresses have groups of four, too.
    if separator == ":" {
        return;
    }
    for grouping in GROUPINGS {
        let is_so = |groups: &&[Group]| {
            groups
                .iter()
                .map(|it| it.digits.len())
                .eq(grouping.iter().copied())
        };
        for window in groups.windows(grouping.len()).filter(is_so) {
            if is_card(window) {
                hide(window);
            }
        }
    }
}

fn digits(groups: &[Group]) -> Vec<Digit> {
    groups
        .iter()
        .flat_map(|group| group.digits.iter().copied())
        .collect()
}

/// Tells whether all the groups can be one card number by their sizes: of one size but for the last, or none of them
/// short. Decimal numbers and those with separators of thousands are none.
fn is_one_number(groups: &[Group], separator: &str) -> bool {
    let sizes: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let is_decimal = sizes.len() == 2 && matches!(separator, "." | ",");
    let is_thousands = sizes[0] <= 3 && sizes[1..].iter().all(|&size| size == 3);
    let [rest @ .., last] = sizes.as_slice() else {
        return false;
    };
    let is_even = rest.len() > 1 && rest.iter().all(|size| *size == rest[0]) && *last <= rest[0];
    let is_long = sizes.iter().all(|&size| size >= 4);
    !is_decimal && !is_thousands && (is_even || is_long)
}

/// Tells whether a group by itself is a phone number, or the fraction of a decimal number.
fn is_other(reading: &[Letter], chain: &[Group], idx: usize) -> bool {
    let group = &chain[idx];
    let before = group.digits[0].at.checked_sub(1).map(|at| reading[at].is);
    let is_fraction = || {
        let whole = chain[..idx].last().map_or(0, |whole| whole.digits.len());
        let is_first = idx == 1 || chain[idx - 1].behind.as_deref() != Some(".");
        let ends = chain
            .get(idx + 1)
            .is_none_or(|next| next.behind.as_deref() != Some("."));
        group.behind.as_deref() == Some(".")
            && before == Some('.')
            && whole <= 9
            && is_first
            && ends
    };
    before == Some('+') || (idx > 0 && is_fraction())
}

/// Tells whether groups go on in letters that are hexadecimal digits, as those of a UUID do, or follow a plus sign, as
/// those of a phone number do.
fn touches(reading: &[Letter], groups: &[Group]) -> bool {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
        return false;
    };
    let before = first.digits[0].at.checked_sub(1);
    let before = before.map(|at| reading[at].is);
    let behind = last
        .digits
        .last()
        .and_then(|digit| reading.get(digit.at + 1));
    let is_letter = |letter: char| matches!(letter, 'a'..='f' | 'A'..='F');
    before.is_some_and(|letter| letter == '+' || is_letter(letter))
        || behind.is_some_and(|letter| is_letter(letter.is))
}

/// Tells whether digits are a card number: some issuer's, of the right length, with the right check digit.
fn is_number(digits: &[Digit]) -> bool {
    DIGITS.contains(&digits.len()) && is_issued(digits) && passes_luhn(digits)
}

fn is_issued(digits: &[Digit]) -> bool {
    ISSUERS.iter().any(|(from, to, lengths)| {
        let first = digits.iter().take(from.len()).map(|digit| digit.is + b'0');
        let is_from = first.clone().ge(from.bytes());
        is_from && first.le(to.bytes()) && lengths.contains(&digits.len())
    })
}

/// Checks the last digit against the others (ISO/IEC 7812-1, annex B).
fn passes_luhn(digits: &[Digit]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(idx, digit)| {
        let doubled = u32::from(digit.is) * if idx % 2 == 0 { 1 } else { 2 };
        doubled / 10 + doubled % 10
    });
    weighted.sum::<u32>().is_multiple_of(10)
}

fn hide(reading: &[Letter], groups: &[Group], marks: &mut [bool]) {
    let digits = digits(groups);
    let (first, last) = SHOWN;
    for digit in &digits[first..digits.len() - last] {
        let letter = reading[digit.at];
        marks[letter.from..letter.to].fill(true);
    }
}

/// Finds all groups of digits.
fn groups(reading: &[Letter]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut between = String::new();
    let mut between_letters = 0;
    let mut is_broken = true;
    for (at, letter) in reading.iter().enumerate() {
        let Some(is) = value(letter.is) else {
            between_letters += 1;
            is_broken |= is_word(letter.is) || between_letters > SEPARATOR;
            between.push(letter.is);
            continue;
        };
        let digit = Digit { is, at };
        match groups.last_mut() {
            Some(group) if between_letters == 0 && !is_broken => group.digits.push(digit),
            _ => groups.push(Group {
                digits: vec![digit],
                behind: (!is_broken).then(|| kind(&between)),
            }),
        }
        between.clear();
        between_letters = 0;
        is_broken = false;
    }
    groups
}

/// Gives a separator as it is compared: blanks and dashes of every kind are alike.
fn kind(separator: &str) -> String {
    let is_blank = |letter: char| letter.is_whitespace() || is_obeyed(letter) || is_dash(letter);
    separator
        .chars()
        .filter(|&letter| !is_blank(letter))
        .collect()
}

/// Tells whether a character belongs to a word; a long vowel mark of Japanese is typed as a dash.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() && !is_dash(letter)
}

fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        '-' | '\u{ad}' | '\u{58a}' | '\u{5be}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207b}'
                | '\u{208b}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2796}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{30fc}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{2800}'
    )
}

/// Gives the value of a decimal digit of any common script.
fn value(letter: char) -> Option<u8> {
    if let Some(digit) = letter.to_digit(10) {
        return u8::try_from(digit).ok();
    }
    let code = u32::from(letter);
    let offset = ZEROS.iter().map(|zero| code.wrapping_sub(*zero));
    offset
        .filter_map(|offset| u8::try_from(offset).ok())
        .find(|&value| value < 10)
}

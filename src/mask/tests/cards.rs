//! Card numbers: of every network, across every separator, in every surrounding.

use super::super::*;

/// First digits and lengths of the networks.
const NETWORKS: [(&str, usize); 20] = [
    ("400000", 13),
    ("411111", 16),
    ("422222", 16),
    ("434256", 19),
    ("510510", 16),
    ("555555", 16),
    ("222100", 16),
    ("272099", 16),
    ("220070", 16),
    ("341111", 15),
    ("378282", 15),
    ("300000", 14),
    ("361489", 14),
    ("385200", 14),
    ("352800", 16),
    ("601111", 16),
    ("622126", 16),
    ("622888", 19),
    ("508500", 16),
    ("675964", 16),
];

/// What may stand between the groups of a number.
const SEPARATORS: [&str; 66] = [
    "", " ", "-", ".", "/", ",", "_", "|", ":", ";", "+", "*", "~", "=", "#", "'", "\"", "\\", "&",
    "%", "^", "`", "!", "?", "(", ")", "[", "]", "<", ">", "$", "@", "\t", "\n", "\r\n", "\0",
    "\u{a0}", "\u{2002}", "\u{2003}", "\u{2007}", "\u{2009}", "\u{200b}", "\u{202f}", "\u{3000}",
    "\u{feff}", "\u{ad}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}",
    "\u{2212}", "\u{ff0d}", "\u{b7}", "\u{2022}", " - ", ", ", "--", "\\u00a0", "%20", "&nbsp;",
    "&#45;", "\\n", "<wbr>", "\u{3002}",
];

/// Adds the check digit.
fn number(first: &str, length: usize, account: u64) -> String {
    let digits = length - first.len() - 1;
    let payload = format!(
        "{first}{:0digits$}",
        account % 10_u64.pow(u32::try_from(digits).unwrap())
    );
    let checked = (0..10).map(|check| format!("{payload}{check}"));
    checked
        .into_iter()
        .find(|number| passes_luhn(number))
        .unwrap()
}

/// Likewise, written anew.
fn passes_luhn(number: &str) -> bool {
    let mut sum = 0;
    for (place, digit) in number.bytes().rev().enumerate() {
        let digit = u32::from(digit - b'0');
        sum += match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit @ 0..=4) => 2 * digit,
            (_, digit) => 2 * digit - 9,
        };
    }
    sum % 10 == 0
}

fn numbers() -> Vec<String> {
    let accounts = (0..10_u64).map(|nth| 987_654_321_012 / (nth + 1) + 31 * nth);
    accounts
        .flat_map(|account| NETWORKS.map(|(first, length)| number(first, length, account)))
        .collect()
}

/// Groups digits as cards do: fours, or 4-6-rest.
fn grouped(number: &str, separator: &str) -> String {
    let sizes: &[usize] = match number.len() {
        14 | 15 => &[4, 6, 5],
        _ => &[4, 4, 4, 4, 3],
    };
    let mut rest = number;
    let mut groups = Vec::new();
    for &size in sizes {
        let (group, behind) = rest.split_at(size.min(rest.len()));
        groups.push(group);
        rest = behind;
    }
    groups.retain(|group| !group.is_empty());
    groups.join(separator)
}

/// Gives the digits that are shown between the first six and the last four.
fn shows_account(shown: &str, number: &str) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    digits(shown).contains(number) || digits(shown).contains(&number[6..number.len() - 4])
}

#[test]
fn no_separator_hides_a_card_number() {
    let numbers = numbers();
    assert!(numbers.len() >= 200 && SEPARATORS.len() >= 60);
    let mask = Mask::default();
    for number in &numbers {
        for separator in SEPARATORS {
            let written = grouped(number, separator);
            for (before, behind) in [
                ("", ""),
                ("pan ", "."),
                ("{\"pan\":\"", "\",\"amount\":12}"),
                ("card=", "&exp=12/29"),
            ] {
                let said = format!("{before}{written}{behind}");
                let masked = mask_pans(&said);
                assert_eq!(masked.len(), said.len());
                assert!(
                    masked.contains('*') || written.contains('*'),
                    "{said:?}: {masked:?}"
                );
                let shown = mask.foreign(&written);
                assert!(!shows_account(&shown, number), "{said:?}: {shown:?}");
            }
        }
    }
}

#[test]
fn digits_of_other_scripts_are_digits() {
    let number = number("411111", 16, 4_242_424_242);
    for zero in [
        '\u{ff10}',
        '\u{660}',
        '\u{6f0}',
        '\u{966}',
        '\u{1d7ce}',
        '\u{1d7f6}',
    ] {
        let digit = |digit: u8| char::from_u32(u32::from(zero) + u32::from(digit - b'0')).unwrap();
        let written: String = number.bytes().map(digit).collect();
        for text in [
            written.clone(),
            grouped_letters(&written, " "),
            grouped_letters(&written, "－"),
        ] {
            let masked = mask_pans(&format!("pan {text}"));
            let shown = masked
                .chars()
                .filter(|letter| !letter.is_ascii() && *letter != '－')
                .count();
            assert_eq!(shown, 10, "{text}: {masked}");
        }
    }
}

fn grouped_letters(text: &str, separator: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(separator)
}

#[test]
fn a_card_number_keeps_only_its_ends_wherever_it_stands() {
    for (text, expected) in [
        ("4111111111111111", "411111******1111"),
        ("pan 4111 1111-1111 1111.", "pan 4111 11**-**** 1111."),
        ("3782 822463 10005", "3782 82**** *0005"),
        (
            "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
            "4-1-1-1-1-1-*-*-*-*-*-*-1-1-1-1",
        ),
        ("41111111 11111111", "411111** ****1111"),
        ("411111 1111111111", "411111 ******1111"),
        ("x4111111111111111y", "x411111******1111y"),
        ("txn_4111111111111111", "txn_411111******1111"),
        ("1,4111111111111111,2", "1,411111******1111,2"),
        (
            "4111111111111111|12|2029|123",
            "411111******1111|12|2029|123",
        ),
        ("4111 1111 1111 1111 12/29", "4111 11** **** 1111 12/29"),
        (
            "2 of 4111 1111 1111 1111 4242 4242 4242 4242",
            "2 of 4111 11** **** 1111 4242 42** **** 4242",
        ),
        (
            r"\u00344111111111111111".trim_start_matches(r"\u0034"),
            "411111******1111",
        ),
        (r"\u0034111111111111111", r"\u003411111******1111"),
        ("%34111111111111111", "%3411111******1111"),
    ] {
        assert_eq!(mask_pans(text), expected);
    }
}

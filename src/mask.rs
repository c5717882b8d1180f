//! Foreign text made safe to show: no secret, no card number, nothing that a terminal obeys.
//!
//! Everything that is quoted passes through [`excerpt`] or [`foreign`], everything that is printed through [`printed`].
//! They know the secrets of this process: whoever is given one, or fetches one, says so ([`know`], [`know_token`]) before
//! it is used. The secrets belong to the process and not to a run, because a run beside another one, a message of the
//! command line or a note must not show them either. Nothing here runs for an answer that nobody quotes.

mod decode;
mod hints;
mod known;
mod pan;

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tapdeck_reports::printable;

use self::decode::readings;
use self::known::{Folded, Known, Words};

/// Most characters of an excerpt.
const EXCERPT_CHARS: usize = 240;

/// Most bytes that an excerpt is made from.
const EXCERPT_BYTES: usize = 4 * EXCERPT_CHARS;

/// Most characters of a card number with its separators.
const LONGEST_NUMBER: usize = 80;

/// Tokens that are remembered; older ones have ended.
const MOST_TOKENS: usize = 32;

/// How the first and the last line of a key in PEM form begin (RFC 7468).
const PEM_LINE: &str = "-----";

/// What a secret is shown as.
const HIDDEN: &str = "***";

static PROCESS: LazyLock<Process> = LazyLock::new(Process::default);

/// The secrets of this process.
#[derive(Default)]
struct Process {
    mask: ArcSwap<Mask>,
    changing: Mutex<()>,
}

/// Secrets, and the masking of text by them.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    secrets: Vec<Arc<Known>>,
    tokens: VecDeque<Arc<Known>>,
}

impl Mask {
    /// Adds a secret that is in use as long as the process runs. Of a key in PEM form the lines around it are none.
    pub fn add(&mut self, secret: &str) {
        let lines = secret.lines().filter(|line| !line.starts_with(PEM_LINE));
        let known = Known::new(&lines.collect::<Vec<_>>().join("\n")).map(Arc::new);
        let is_new = |known: &Arc<Known>| !self.secrets.contains(known);
        if let Some(known) = known.filter(is_new) {
            self.secrets.push(known);
        }
    }

    /// Adds a token, which others follow.
    pub fn add_token(&mut self, token: &str) {
        self.tokens.extend(Known::new(token).map(Arc::new));
        if self.tokens.len() > MOST_TOKENS {
            self.tokens.pop_front();
        }
    }

    /// Makes foreign text safe to show, on one line.
    pub fn foreign(&self, text: &str) -> String {
        let masked = hints::mask(&mask_pans(&self.without_secrets(text, Words::Masked)));
        printable::on_one_line(&masked)
    }

    /// Gives the beginning of foreign bytes, safe to show.
    pub fn excerpt(&self, body: &[u8]) -> String {
        if body.is_empty() {
            return "empty".to_owned();
        }
        let begin = &body[..body.len().min(EXCERPT_BYTES)];
        let mut text = String::from_utf8_lossy(begin).into_owned();
        if begin.len() < body.len() {
            text.truncate(before_number(&text));
        }
        let masked = self.foreign(&text);
        let mut excerpt: String = masked.chars().take(EXCERPT_CHARS).collect();
        if excerpt.len() < masked.len() || body.len() > EXCERPT_BYTES {
            excerpt.push('…');
        }
        excerpt
    }

    /// Makes text of ours safe to print: it may hold names and remarks that came from elsewhere. Short secrets are not
    /// looked for, as they may be words of ours.
    pub fn printed(&self, text: &str) -> String {
        if self.secrets.is_empty() && self.tokens.is_empty() {
            return printable::in_lines(text);
        }
        printable::in_lines(&self.without_secrets(text, Words::Left))
    }

    fn without_secrets(&self, text: &str, words: Words) -> String {
        let mut marks = vec![false; text.len()];
        for reading in readings(text) {
            let folded = Folded::new(&reading);
            for known in self.secrets.iter().chain(&self.tokens) {
                known.mark(&folded, words, &mut marks);
            }
        }
        replaced(text, &marks, |_| HIDDEN.to_owned())
    }
}

/// Gives where the number begins that a cut text ends in, if it does: nobody knows any more whether it was a card's.
fn before_number(text: &str) -> usize {
    let tail = text.char_indices().rev().take(LONGEST_NUMBER);
    let number = tail.take_while(|(_, letter)| !letter.is_alphabetic());
    number.last().map_or(text.len(), |(at, _)| at)
}

/// Masks the digits of card numbers but for the first six and the last four. What is shown has as many bytes as the text.
pub fn mask_pans(text: &str) -> String {
    let mut marks = vec![false; text.len()];
    for reading in readings(text) {
        pan::mark(&reading, &mut marks);
    }
    replaced(text, &marks, |hidden| "*".repeat(hidden.len()))
}

/// Puts something else in the place of every marked stretch.
fn replaced(text: &str, marks: &[bool], other: impl Fn(&str) -> String) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for stretch in marks.chunk_by(|left, right| left == right) {
        let piece = &text[at..at + stretch.len()];
        match stretch.first() {
            Some(true) => shown.push_str(&other(piece)),
            _ => shown.push_str(piece),
        }
        at += stretch.len();
    }
    shown
}

/// Remembers a secret of this process, so that nothing shows it; too short a text is none.
pub fn know(secret: &str) {
    change(|mask| mask.add(secret));
}

/// Remembers a token of this process.
pub fn know_token(token: &str) {
    change(|mask| mask.add_token(token));
}

/// Tells whether a name in small letters, of a header or a field, is that of a secret.
pub fn announces_secret(name: &str) -> bool {
    hints::announces(name)
}

/// Gives what a text holds that looks like a secret by the name before it.
pub fn secret_values(text: &str) -> Vec<String> {
    let values = hints::values(text).into_iter();
    values.map(|value| text[value].to_owned()).collect()
}

/// Gives the beginning of foreign bytes for a person to read.
pub fn excerpt(body: &[u8]) -> String {
    PROCESS.mask.load().excerpt(body)
}

/// Likewise, without secrets that belong to one exchange, such as the cookies it was sent with.
pub fn excerpt_without(body: &[u8], secrets: &[&str]) -> String {
    let mut mask = Mask::clone(&PROCESS.mask.load());
    for secret in secrets {
        mask.add(secret);
    }
    mask.excerpt(body)
}

/// Gives a redirect's destination for a person to read: without its query, which may hold a code or a token.
pub fn destination(location: &[u8]) -> String {
    let path = location.split(|&byte| byte == b'?').next();
    let query = path.is_some_and(|path| path.len() < location.len());
    let shown = excerpt(path.unwrap_or_default());
    if query {
        format!("{shown}?{HIDDEN}")
    } else {
        shown
    }
}

/// Makes foreign text safe to show, on one line.
pub fn foreign(text: &str) -> String {
    PROCESS.mask.load().foreign(text)
}

/// Makes text of ours safe to print.
pub fn printed(text: &str) -> String {
    PROCESS.mask.load().printed(text)
}

fn change(change: impl FnOnce(&mut Mask)) {
    let _changing = PROCESS
        .changing
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut mask = Mask::clone(&PROCESS.mask.load());
    change(&mut mask);
    PROCESS.mask.store(Arc::new(mask));
}

#[cfg(test)]
mod tests;

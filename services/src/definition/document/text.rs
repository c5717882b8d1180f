//! A string, or a free key that serves as one, with the way back from its bytes to those of the file.

use std::borrow::Cow;

use tapdeck_addresses::HttpUrl;

use super::Site;
use crate::definition::raw_string::raw_offset;
use crate::definition::rules::Rule;
use crate::error::{Error, Fault, Located, nearest};

/// A string and where it stands.
pub(in crate::definition) struct Text<'d> {
    site: Site<'d>,
    text: Cow<'d, str>,
}

impl<'d> Text<'d> {
    pub(super) fn new(site: Site<'d>, text: Cow<'d, str>) -> Self {
        Self { site, text }
    }

    pub(in crate::definition) fn as_str(&self) -> &str {
        &self.text
    }

    /// Checks the text against a rule and hands it out.
    pub(in crate::definition) fn obeying(self, rule: &Rule) -> Result<String, Error> {
        self.check(self.as_str(), rule)?;
        Ok(self.text.into_owned())
    }

    /// Checks that this is an address that paths are appended to as it stands, and hands it out. A definition travels inside
    /// tapes, so it must not carry credentials; nor are they repeated.
    pub(in crate::definition) fn address(self) -> Result<String, Error> {
        match self.as_str().parse::<HttpUrl>() {
            Err(error) => Err(self.error(Fault::Address {
                key: self.site.key.clone(),
                error,
            })),
            Ok(_) if self.as_str().ends_with('/') => Err(self.site.unfit(
                "an address without a final slash",
                format!("{:?}", self.text),
            )),
            Ok(_) => Ok(self.text.into_owned()),
        }
    }

    /// Checks `part`, something made of this text, against a rule.
    pub(in crate::definition) fn check(&self, part: &str, rule: &Rule) -> Result<(), Error> {
        if (rule.holds)(part) {
            return Ok(());
        }
        Err(self.site.unfit(rule.expected, format!("{:?}", self.text)))
    }

    /// Finds the text among the words its key knows.
    pub(in crate::definition) fn word<T: Copy>(
        &self,
        what: &'static str,
        all: &[T],
        spell: fn(T) -> &'static str,
    ) -> Result<T, Error> {
        let known = || all.iter().map(|&item| spell(item));
        let found = all.iter().find(|&&item| spell(item) == self.as_str());
        found.copied().ok_or_else(|| {
            self.error(Fault::UnknownWord {
                what,
                found: self.text.to_string(),
                nearest: nearest(&self.text, known()),
                known: known().collect(),
            })
        })
    }

    /// Runs a parser over the text; its faults keep their place.
    pub(in crate::definition) fn parsed<T>(
        &self,
        parser: impl FnOnce(&str) -> Result<T, Located>,
    ) -> Result<T, Error> {
        parser(self.as_str()).map_err(|Located { offset, fault }| {
            let offset = self.site.span.start + raw_offset(self.site.raw(), offset);
            self.site.document.error(fault.at(offset))
        })
    }

    /// Makes the report of a fault of the text as a whole.
    pub(in crate::definition) fn error(&self, fault: Fault) -> Error {
        self.site.error(fault)
    }
}

//! All tables of a world as text, before anybody reads meaning into them.

use tapdeck_corpora::Digest;

use super::sheet::{Form, Sheet};
use super::{money, people, time, trade};
use crate::error::Error;

/// Every table, in the order of their names.
const FORMS: [&Form; 9] = [
    &money::COUNTRIES,
    &money::CURRENCIES,
    &time::HOURS,
    &people::MAIL,
    &trade::MCCS,
    &people::NETWORKS,
    &people::REFUSALS,
    &time::WEEKDAYS,
    &people::WORDS,
];

/// All tables of a world as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSet {
    sheets: Vec<Sheet>,
}

impl TableSet {
    /// Takes the tables built into this crate.
    ///
    /// Errors: `Table` if one is not what it should be.
    pub fn builtin() -> Result<Self, Error> {
        let builtin =
            |form: &&'static Form| Sheet::parse(form, &format!("{}.tsv", form.name), form.builtin);
        Ok(Self {
            sheets: FORMS.iter().map(builtin).collect::<Result<_, _>>()?,
        })
    }

    /// Gives the digest of what all tables say, comments left out.
    pub fn digest(&self) -> Digest {
        let mut text = String::new();
        for sheet in &self.sheets {
            sheet.write(&mut text);
        }
        Digest::of(text.as_bytes())
    }

    /// Gives the names of all tables.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        FORMS.iter().map(|form| form.name)
    }

    pub(super) fn sheet(&self, form: &'static Form) -> &Sheet {
        let idx = FORMS.iter().position(|&other| other == form);
        &self.sheets[idx.unwrap_or_default()]
    }

    pub(super) fn sheet_mut(&mut self, name: &str) -> Option<&mut Sheet> {
        self.sheets
            .iter_mut()
            .find(|sheet| sheet.form().name == name)
    }

    /// Puts another text in the place of a table.
    ///
    /// Errors: `Table`.
    pub(super) fn replace(&mut self, name: &str, origin: &str, text: &str) -> Result<(), Error> {
        if let Some(sheet) = self.sheet_mut(name) {
            *sheet = Sheet::parse(sheet.form(), origin, text)?;
        }
        Ok(())
    }
}

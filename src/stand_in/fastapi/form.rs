//! An object of a body, read member by member; what does not fit is noted and the reading goes on.

use serde_json::{Map, Value};

use super::value::not_an_object;
use super::{Detail, Misfit, Place};

/// An object and where it stands.
pub(in crate::stand_in) struct Form<'v, 'd> {
    members: &'v Map<String, Value>,
    whole: &'v Value,
    place: Vec<Place>,
    details: &'d mut Vec<Detail>,
}

impl<'v, 'd> Form<'v, 'd> {
    /// Opens a body; nothing if it is no object, which is noted.
    pub(in crate::stand_in) fn open(body: &'v Value, details: &'d mut Vec<Detail>) -> Option<Self> {
        Self::at(vec![Place::Name("body")], body, details)
    }

    fn at(place: Vec<Place>, whole: &'v Value, details: &'d mut Vec<Detail>) -> Option<Self> {
        let Some(members) = whole.as_object() else {
            details.push(not_an_object().at(place, whole.clone()));
            return None;
        };
        Some(Self {
            members,
            whole,
            place,
            details,
        })
    }

    /// Reads a member that may be left out, or be null.
    pub(in crate::stand_in) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'v Value) -> Result<T, Misfit>,
    ) -> Option<T> {
        let value = self.members.get(name).filter(|value| !value.is_null())?;
        let read = read(value);
        self.noting(name, value, read)
    }

    /// Reads a member that must be there.
    pub(in crate::stand_in) fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'v Value) -> Result<T, Misfit>,
    ) -> Option<T> {
        let Some(value) = self.members.get(name) else {
            return self.noting(name, self.whole, Err(missing()));
        };
        let read = read(value);
        self.noting(name, value, read)
    }

    /// Opens an object that must be there.
    pub(in crate::stand_in) fn inner(&mut self, name: &'static str) -> Option<Form<'v, '_>> {
        let Some(value) = self.members.get(name) else {
            return self.noting(name, self.whole, Err(missing()));
        };
        Form::at(self.place_of(name), value, self.details)
    }

    /// Opens the objects of a list that may be left out, one after another.
    pub(in crate::stand_in) fn each(
        &mut self,
        name: &'static str,
        mut visit: impl FnMut(&mut Form<'v, '_>),
    ) {
        let items = self.optional(name, super::list).unwrap_or_default();
        for (number, item) in items.iter().enumerate() {
            let mut place = self.place_of(name);
            place.push(Place::Number(number));
            if let Some(mut form) = Form::at(place, item, self.details) {
                visit(&mut form);
            }
        }
    }

    /// Reads the values of a list that must be there, with so many of them.
    pub(in crate::stand_in) fn items<T>(
        &mut self,
        name: &'static str,
        (least, most): (usize, usize),
        read: impl Fn(&'v Value) -> Result<T, Misfit>,
    ) -> Option<Vec<T>> {
        let values = self.required(name, |value| super::items(value, (least, most)))?;
        let mut read_all = Vec::with_capacity(values.len());
        for (number, value) in values.iter().enumerate() {
            match read(value) {
                Ok(item) => read_all.push(item),
                Err(misfit) => {
                    let mut place = self.place_of(name);
                    place.push(Place::Number(number));
                    self.details.push(misfit.at(place, value.clone()));
                }
            }
        }
        Some(read_all)
    }

    /// Notes a fault that no single member is to blame for.
    pub(in crate::stand_in) fn fault(&mut self, message: impl Into<String>) {
        let misfit = Misfit::new("value_error", message);
        let detail = misfit.at(self.place.clone(), self.whole.clone());
        self.details.push(detail);
    }

    fn noting<T>(
        &mut self,
        name: &'static str,
        input: &Value,
        read: Result<T, Misfit>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(misfit) => {
                let detail = misfit.at(self.place_of(name), input.clone());
                self.details.push(detail);
                None
            }
        }
    }

    fn place_of(&self, name: &'static str) -> Vec<Place> {
        let mut place = self.place.clone();
        place.push(Place::Name(name));
        place
    }
}

fn missing() -> Misfit {
    Misfit::new("missing", "Field required")
}

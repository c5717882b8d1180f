//! The client: a dozen calls of S3's protocol, blocking, each bounded in time and size, each error explained.

mod bounds;
mod failure;
mod sdk;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::{self, Runtime};

use self::bounds::{ANSWER_TIME, LISTING_TIME, MOST_LISTED, Stop, bounded};
use self::failure::{Place, explain, is_absent, is_precondition};
use self::sdk::sdk_config;
use crate::config::StoreConfig;
use crate::error::Error;
use crate::layout;
use crate::manifest::checksum;

/// Most keys that one request may delete.
const DELETE_AT_ONCE: usize = 1_000;

/// What is encoded in a path of segments: everything but what RFC 3986 calls unreserved, and slashes.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The metadata member that tells which run wrote an object.
pub(crate) const RUN_ID: &str = "run_id";

/// One bucket of a store, as far as we may use it.
pub struct Store {
    client: Client,
    runtime: Runtime,
    place: Place,
    stop: Stop,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// When it was last written.
    pub modified: Timestamp,
}

/// An object as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    /// Checksum of its bytes.
    pub(crate) sha256: String,
    /// The run that wrote it, if one did.
    pub(crate) run_id: Option<String>,
    /// The store's name for this state of it.
    pub(crate) etag: Option<String>,
}

/// What an object is tagged with.
pub(crate) type Metadata = Vec<(&'static str, String)>;

/// Whether a write took place, where it was only to take place in a certain state of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Written {
    Yes,
    /// Somebody else was faster.
    No,
}

impl Store {
    /// Sets up a client and finds out whether the bucket can be used.
    ///
    /// Errors: `Unreachable`, `Slow`, `BucketMissing`, `Credentials`, `Denied`, `Answer`.
    pub fn connect(config: &StoreConfig) -> Result<Self, Error> {
        Self::connect_until(config, Arc::default())
    }

    /// Does the same, and ends this and every later wait with `Interrupted` once `stop` is set.
    ///
    /// Errors: as of [`Store::connect`], and `Interrupted`.
    pub fn connect_until(config: &StoreConfig, stop: Arc<AtomicBool>) -> Result<Self, Error> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::NoRuntime)?;
        let store = Self {
            client: Client::from_conf(sdk_config(config)),
            runtime,
            place: Place {
                endpoint: config.endpoint.clone(),
                bucket: config.bucket.clone(),
            },
            stop: Some(stop),
        };
        store.check()?;
        Ok(store)
    }

    /// Has later waits go on although a stop is asked for: what was written must be taken back also then.
    pub fn ignore_stop(&mut self) {
        self.stop = None;
    }

    /// Gives the bucket's name.
    pub fn bucket(&self) -> &str {
        &self.place.bucket
    }

    /// Gives the store's URL.
    pub fn endpoint(&self) -> &str {
        &self.place.endpoint
    }

    /// Finds out whether the bucket can still be used. A listing and no `HEAD`: an answer to that has no body to tell a
    /// wrong secret from a missing right.
    ///
    /// Errors: as of [`Store::connect`].
    pub fn check(&self) -> Result<(), Error> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(self.bucket())
            .prefix(layout::RUNS)
            .max_keys(1);
        let answer = self.wait("list", layout::RUNS, request.send())?;
        answer.map_err(|error| explain(&self.place, "list", layout::RUNS, &error))?;
        Ok(())
    }

    /// Reads an object; `None` if there is none.
    ///
    /// Errors: `Unreachable`, `Slow`, `Interrupted`, `Credentials`, `Denied`, `Answer`.
    pub fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.fetch(key)?.map(|(bytes, _)| bytes))
    }

    /// Lists everything whose key begins with `prefix`.
    ///
    /// Errors: `Unreachable`, `Slow`, `Interrupted`, `Credentials`, `Denied`, `Answer`. Shape: ascending by key.
    pub fn list(&self, prefix: &str) -> Result<Vec<Listed>, Error> {
        let listing = bounded(LISTING_TIME, &self.stop, self.list_pages(prefix));
        let listed = self.runtime.block_on(listing);
        listed.map_err(|ended| self.place.ended("list", prefix, ended))?
    }

    async fn list_pages(&self, prefix: &str) -> Result<Vec<Listed>, Error> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(self.bucket())
            .prefix(prefix)
            .into_paginator()
            .send();
        let mut listed = Vec::new();
        loop {
            let page = bounded(ANSWER_TIME, &self.stop, pages.next()).await;
            let page = page.map_err(|ended| self.place.ended("list", prefix, ended))?;
            let Some(page) = page else {
                return Ok(listed);
            };
            let page = page.map_err(|error| explain(&self.place, "list", prefix, &error))?;
            listed.extend(page.contents.into_iter().flatten().filter_map(|object| {
                let modified = object.last_modified.map_or(0, |instant| instant.secs());
                Some(Listed {
                    key: object.key?,
                    modified: Timestamp::from_second(modified).unwrap_or_default(),
                })
            }));
            if listed.len() > MOST_LISTED {
                return Err(self.place.too_many("list", prefix));
            }
        }
    }

    /// Tells what an object is; `None` if there is none.
    pub(crate) fn look(&self, key: &str) -> Result<Option<Object>, Error> {
        Ok(self.fetch(key)?.map(|(_, object)| object))
    }

    /// Tells how long an object is and which run wrote it, without fetching it; `None` if there is none.
    pub(crate) fn head(&self, key: &str) -> Result<Option<(usize, Option<String>)>, Error> {
        let request = self.client.head_object().bucket(self.bucket()).key(key);
        match self.wait("look at", key, request.send())? {
            Ok(answer) => {
                let length = answer.content_length().unwrap_or_default();
                let run_id = answer
                    .metadata()
                    .and_then(|found| found.get(RUN_ID))
                    .cloned();
                Ok(Some((usize::try_from(length).unwrap_or_default(), run_id)))
            }
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(explain(&self.place, "look at", key, &error)),
        }
    }

    /// Writes JSON under a key.
    pub(crate) fn write(&self, key: &str, json: Vec<u8>, tags: &Metadata) -> Result<(), Error> {
        let request = self.put(key, json, tags);
        let answer = self.wait("write", key, request.send())?;
        answer.map_err(|error| explain(&self.place, "write", key, &error))?;
        Ok(())
    }

    /// Writes JSON under a key that must not be there yet.
    pub(crate) fn create(
        &self,
        key: &str,
        json: Vec<u8>,
        tags: &Metadata,
    ) -> Result<Written, Error> {
        let request = self.put(key, json, tags).if_none_match("*");
        match self.wait("write", key, request.send())? {
            Ok(_) => Ok(Written::Yes),
            Err(error) if is_precondition(&error) => Ok(Written::No),
            Err(error) => Err(explain(&self.place, "write", key, &error)),
        }
    }

    /// Has the store copy an object, its bytes and everything it knows about it, to a key whose state does not matter.
    pub(crate) fn copy(&self, from: &str, to: &str) -> Result<(), Error> {
        let answer = self.wait("copy", from, self.copying(from, to).send())?;
        answer.map_err(|error| explain(&self.place, "copy", from, &error))?;
        Ok(())
    }

    /// Copies an object over one that must still be in the state `etag`, if that is known. Stores that do not know such
    /// conditions copy in any state.
    pub(crate) fn copy_over(
        &self,
        from: &str,
        to: &str,
        etag: Option<String>,
    ) -> Result<Written, Error> {
        let request = self.copying(from, to).set_if_match(etag);
        match self.wait("copy", from, request.send())? {
            Ok(_) => Ok(Written::Yes),
            Err(error) if is_precondition(&error) => Ok(Written::No),
            Err(error) => Err(explain(&self.place, "copy", from, &error)),
        }
    }

    /// Deletes an object that must still be in the state `etag`, if that is given.
    pub(crate) fn delete(&self, key: &str, etag: Option<String>) -> Result<Written, Error> {
        let request = self.client.delete_object();
        let request = request.bucket(self.bucket()).key(key).set_if_match(etag);
        match self.wait("delete", key, request.send())? {
            Ok(_) => Ok(Written::Yes),
            Err(error) if is_precondition(&error) => Ok(Written::No),
            Err(error) => Err(explain(&self.place, "delete", key, &error)),
        }
    }

    /// Deletes many objects; keys without an object are none to complain about.
    pub(crate) fn delete_all(&self, keys: &[String]) -> Result<(), Error> {
        let bug = |error| Error::Bug(format!("a request cannot be built: {error}"));
        for keys in keys.chunks(DELETE_AT_ONCE) {
            let named = |key: &String| ObjectIdentifier::builder().key(key).build();
            let objects: Result<Vec<_>, _> = keys.iter().map(named).collect();
            let delete = Delete::builder().set_objects(Some(objects.map_err(bug)?));
            let request = self
                .client
                .delete_objects()
                .bucket(self.bucket())
                .delete(delete.quiet(true).build().map_err(bug)?);
            let answer = self.wait("delete", &keys[0], request.send())?;
            let answer =
                answer.map_err(|error| explain(&self.place, "delete", &keys[0], &error))?;
            if let Some(refused) = answer.errors().first() {
                let key = refused.key().unwrap_or(&keys[0]);
                let code = refused.code().unwrap_or_default();
                let message = refused.message().unwrap_or_default();
                return Err(self.place.refusal("delete", key, 200, code, message));
            }
        }
        Ok(())
    }

    /// Waits for an answer within its bounds.
    fn wait<T>(&self, verb: &str, key: &str, work: impl Future<Output = T>) -> Result<T, Error> {
        let outcome = self
            .runtime
            .block_on(bounded(ANSWER_TIME, &self.stop, work));
        outcome.map_err(|ended| self.place.ended(verb, key, ended))
    }

    /// Has the same client talk to another place from now on.
    #[cfg(test)]
    pub(crate) fn move_to(&mut self, config: &StoreConfig) {
        self.client = Client::from_conf(sdk_config(config));
    }

    fn copying(&self, from: &str, to: &str) -> CopyObjectFluentBuilder {
        // The one key that travels in a header; S3 wants it encoded as a path would be.
        let from = utf8_percent_encode(from, IN_A_PATH);
        let source = format!("{}/{from}", self.bucket());
        let request = self.client.copy_object().bucket(self.bucket());
        request.copy_source(source).key(to)
    }

    fn put(&self, key: &str, json: Vec<u8>, tags: &Metadata) -> PutObjectFluentBuilder {
        let request = self.client.put_object().bucket(self.bucket()).key(key);
        let request = request.content_type("application/json");
        let tagged = tags.iter().fold(request, |request, (name, value)| {
            request.metadata(*name, value)
        });
        tagged.body(ByteStream::from(json))
    }

    fn fetch(&self, key: &str) -> Result<Option<(Vec<u8>, Object)>, Error> {
        let request = self.client.get_object().bucket(self.bucket()).key(key);
        let fetched = self.wait("read", key, async {
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) if is_absent(&error) => return Ok(None),
                Err(error) => return Err(explain(&self.place, "read", key, &error)),
            };
            let run_id = answer
                .metadata()
                .and_then(|found| found.get(RUN_ID))
                .cloned();
            let etag = answer.e_tag().map(str::to_owned);
            let body = answer.body.collect().await;
            let body = body.map_err(|error| self.place.broken_off("read", key, &error))?;
            Ok(Some((body.to_vec(), run_id, etag)))
        })??;
        Ok(fetched.map(|(bytes, run_id, etag)| {
            let sha256 = checksum(&bytes);
            let object = Object {
                sha256,
                run_id,
                etag,
            };
            (bytes, object)
        }))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Store")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

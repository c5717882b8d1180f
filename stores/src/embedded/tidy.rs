//! The folder's objects, with what s3s-fs leaves undone: writes one at a time, and nothing left of what is deleted.
//!
//! s3s-fs keeps an object's metadata in files beside the bucket, which outlive the object and turn up again with the next
//! one of that key; it leaves empty folders; and it looks whether a key is free before it writes, which two writers can do
//! at once. Only the calls that our client makes are there.

use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use base64_simd::URL_SAFE_NO_PAD;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopySource, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectsInput, DeleteObjectsOutput, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::RwLock;

use crate::key::{EXPECTED, is_key};

/// The objects of one folder.
pub(super) struct Tidy {
    objects: FileSystem,
    folder: PathBuf,
    /// Held by readers together, by a writer alone: an object is a file and its metadata another.
    turn: RwLock<()>,
}

impl Tidy {
    pub(super) fn new(objects: FileSystem, folder: PathBuf) -> Self {
        Self {
            objects,
            folder,
            turn: RwLock::new(()),
        }
    }

    /// Removes what is left of an object that is gone.
    fn forget(&self, bucket: &str, key: &str) -> S3Result<()> {
        let bucket_folder = self.folder.join(bucket);
        let object = bucket_folder.join(key);
        if object.exists() {
            return Ok(());
        }
        for kind in ["metadata", "internal"] {
            gone(std::fs::remove_file(self.beside(bucket, key, kind)))?;
        }
        let folders = object.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != bucket_folder) {
            match std::fs::remove_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => break,
                other => gone(other)?,
            }
        }
        Ok(())
    }

    /// Gives the file in which s3s-fs keeps what it knows about an object.
    fn beside(&self, bucket: &str, key: &str, kind: &str) -> PathBuf {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode_to_string(text);
        let (bucket, key) = (encoded(bucket), encoded(key));
        self.folder
            .join(format!(".bucket-{bucket}.object-{key}.{kind}.json"))
    }
}

/// Refuses keys that are no name of a file below the bucket: s3s-fs would look for them beside it, or nowhere.
fn check(key: &str) -> S3Result<()> {
    if is_key(key) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidArgument,
        "found the key {key:?}, expected {EXPECTED}"
    ))
}

/// Lets pass what is gone already.
fn gone(removed: io::Result<()>) -> S3Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(s3_error!(error, InternalError))
        }
        _ => Ok(()),
    }
}

#[async_trait]
impl S3 for Tidy {
    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let _turn = self.turn.read().await;
        self.objects.list_objects_v2(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let _turn = self.turn.read().await;
        check(&request.input.key)?;
        self.objects.head_object(request).await
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let _turn = self.turn.read().await;
        check(&request.input.key)?;
        self.objects.get_object(request).await
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let _turn = self.turn.write().await;
        check(&request.input.key)?;
        self.objects.put_object(request).await
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let _turn = self.turn.write().await;
        let CopySource::Bucket { bucket, key, .. } = &request.input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        check(key)?;
        check(&request.input.key)?;
        let source = self.beside(bucket, key, "metadata");
        let target = self.beside(&request.input.bucket, &request.input.key, "metadata");
        let copied = self.objects.copy_object(request).await?;
        if !source.exists() {
            // What lay under the key before does not describe what lies there now.
            gone(std::fs::remove_file(target))?;
        }
        Ok(copied)
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let _turn = self.turn.write().await;
        check(&request.input.key)?;
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let deleted = self.objects.delete_object(request).await?;
        self.forget(&bucket, &key)?;
        Ok(deleted)
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let _turn = self.turn.write().await;
        let bucket = request.input.bucket.clone();
        let objects = request.input.delete.objects.iter();
        let keys: Vec<String> = objects.map(|object| object.key.clone()).collect();
        keys.iter().try_for_each(|key| check(key))?;
        let deleted = self.objects.delete_objects(request).await?;
        for key in keys {
            self.forget(&bucket, &key)?;
        }
        Ok(deleted)
    }
}

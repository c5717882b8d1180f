//! The half of a connection that moves bytes, polled by the task that waits for the answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use hyper::client::conn::http1::Connection;

use super::doorbell::Doorbell;
use super::payload::PayloadBody;
use super::transport::stamped_io::StampedIo;

/// A pinned connection with the bell it rings for its task.
pub(super) struct Carrier<'a> {
    connection: Pin<&'a mut Connection<StampedIo, PayloadBody>>,
    bell: Arc<Doorbell>,
    waker: Waker,
}

impl<'a> Carrier<'a> {
    /// Takes a connection that will be polled by the task of this waker.
    pub(super) fn new(
        connection: Pin<&'a mut Connection<StampedIo, PayloadBody>>,
        task: &Waker,
    ) -> Self {
        let bell = Doorbell::new(task);
        Self {
            connection,
            waker: Waker::from(Arc::clone(&bell)),
            bell,
        }
    }

    /// Moves bytes as far as possible; tells whether the connection is gone. Not to be called again when it is.
    pub(super) fn is_gone(&mut self) -> bool {
        self.bell.take_ring();
        let mut cx = Context::from_waker(&self.waker);
        self.connection.as_mut().poll(&mut cx).is_ready()
    }

    /// Tells whether the connection asked for another look since it was last polled.
    pub(super) fn wants_look(&self) -> bool {
        self.bell.take_ring()
    }

    /// Moves bytes until the connection has nothing left to do; tells whether it is gone.
    pub(super) fn settle(&mut self) -> bool {
        loop {
            let is_gone = self.is_gone();
            if is_gone || !self.wants_look() {
                return is_gone;
            }
        }
    }

    /// Runs a step of the task, during which the connection's wake-ups are not passed on but remembered.
    pub(super) fn at_work<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        self.bell.begin_work();
        let result = step(self);
        self.bell.end_work();
        result
    }
}

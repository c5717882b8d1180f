//! The half of a connection that moves bytes, as the task sees it that waits for an answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::doorbell::Doorbell;

/// Whoever moves the bytes of an exchange.
pub(super) trait Carry {
    /// Moves bytes as far as possible; tells whether the connection is gone. Not to be called again when it is.
    fn is_gone(&mut self) -> bool;

    /// Tells whether the connection asked for another look since it was last polled.
    fn wants_look(&self) -> bool;

    /// Runs a step of the task, during which the connection's wake-ups are not passed on but remembered.
    fn at_work<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T;

    /// Gives whom the parts of an answer must wake when they change, of the task that waits for them.
    fn waker_of_parts(task: &Waker) -> &Waker;
}

/// A connection of this task's own: polled by it and nobody else.
pub(super) struct Carrier<'a, C> {
    connection: Pin<&'a mut C>,
    bell: Arc<Doorbell>,
    waker: Waker,
}

impl<'a, C: Future> Carrier<'a, C> {
    /// Takes a connection that will be polled by the task of this waker.
    pub(super) fn new(connection: Pin<&'a mut C>, task: &Waker) -> Self {
        let bell = Doorbell::new(task);
        Self {
            connection,
            waker: Waker::from(Arc::clone(&bell)),
            bell,
        }
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
}

impl<C: Future> Carry for Carrier<'_, C> {
    fn is_gone(&mut self) -> bool {
        self.bell.take_ring();
        let mut cx = Context::from_waker(&self.waker);
        self.connection.as_mut().poll(&mut cx).is_ready()
    }

    fn wants_look(&self) -> bool {
        self.bell.take_ring()
    }

    fn at_work<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        self.bell.begin_work();
        let result = step(self);
        self.bell.end_work();
        result
    }

    fn waker_of_parts(_: &Waker) -> &Waker {
        // They only ever change when the connection is polled, by this very task.
        Waker::noop()
    }
}

/// For a stream of a connection that others poll: they wake its task.
pub(super) struct Passenger;

impl Carry for Passenger {
    fn is_gone(&mut self) -> bool {
        // The answer's parts say so themselves.
        false
    }

    fn wants_look(&self) -> bool {
        false
    }

    fn at_work<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        step(self)
    }

    fn waker_of_parts(task: &Waker) -> &Waker {
        task
    }
}

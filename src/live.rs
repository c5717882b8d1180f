//! Those who watch a run while it goes on. They read events on a thread of their own; the lanes never wait for them.

pub mod line;

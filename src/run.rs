//! A whole run: what has to be in place before the load, and is put back after it.

pub mod seeding;

//! Personal details: sealed in the store, masked where they are listed, whole for who needs them.

mod keys;
mod showing;
mod subject;

//! The log of events: kept by the database, sealed by a job, proved, listed and published (Art. 18).

mod keeping;
mod listing;
mod sealing;
mod tampering;

use uuid::Uuid;
use voucher_storage::StorageError;
use voucher_storage::audit::EventSeal;
use voucher_storage::event::Event;

use crate::harness::{World, id};

impl World {
    /// Every seal, in the order of the chain.
    fn seals(&self) -> Vec<EventSeal> {
        self.program.store.read(|tx| -> Result<_, StorageError> { EventSeal::after(tx, 0, 10_000) }).unwrap()
    }

    /// The events that are not sealed yet.
    fn unsealed(&self) -> Vec<Event> {
        self.program.store.read(|tx| -> Result<_, StorageError> { Event::unsealed(tx, Uuid::nil(), 10_000) }).unwrap()
    }

    /// A log with a few sealed events, and the voucher of one of them.
    async fn sealed_log(&self) -> String {
        let cycle = self.open_cycle(10_000_000).await;
        let firm = self.enterprise().await;
        let voucher = id(&self.claim(&firm, &cycle, 3_000_000).await);
        self.claim(&firm, &cycle, 1_000_000).await;
        self.run_jobs();
        assert!(self.unsealed().is_empty());
        voucher
    }
}

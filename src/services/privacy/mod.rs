//! Personal details: sealed on the way into the store, opened for who may see them, and brought under
//! another key.
//!
//! Rows carry details as they are stored; only what is shown or compared is opened. Whole they are shown by
//! a GET of the one thing, to who needs them: a telephone number to the person, and to an administrator who
//! asks for that account; a bank account to its facility, and to the commission where it decides about it and
//! pays; an objector to the commission. Lists, answers to changes (they are kept under their idempotency key)
//! and events show them masked.

mod correction;
mod export;
mod keys;
mod making;

use uuid::Uuid;
use voucher_domain::event::{EventAction, SubjectKind};
use voucher_domain::privacy::{Disclosure, Personal, Place, Sealed, phone_key};

use super::{Call, Change, Failure, Outcome, Program};
use crate::services::ports::PortError;

pub use correction::{
    CorrectionDecisionForm, CorrectionEntry, CorrectionView, CorrectionsQuery, OwnCorrectionsQuery, ask, corrections,
    decide, own, show, withdraw,
};
pub use export::{DataExport, HistoryView, SignInView, export};
pub use keys::{Rotation, prepare, rotate};

impl Program {
    /// What is stored of a detail.
    ///
    /// # Errors
    /// Internal, when the system has no randomness.
    pub fn seal(&self, place: Place, id: Uuid, detail: &Personal) -> Outcome<Sealed> {
        self.vault.seal(place, id, detail).map_err(failed)
    }

    /// A stored detail.
    ///
    /// # Errors
    /// Internal, when it does not open.
    pub fn open(&self, place: Place, id: Uuid, sealed: &Sealed) -> Outcome<Personal> {
        self.vault.open(place, id, sealed).map_err(failed)
    }

    /// The index of a telephone number; none where it has no digits.
    ///
    /// # Errors
    /// Internal, when reckoning fails.
    pub fn phone_index(&self, phone: &Personal) -> Outcome<Option<String>> {
        Ok(self.phone_indexes(phone)?.into_iter().next())
    }

    /// The index of a telephone number under each key, so that an equal one is found whichever it is under.
    ///
    /// # Errors
    /// Internal, when reckoning fails.
    pub fn phone_indexes(&self, phone: &Personal) -> Outcome<Vec<String>> {
        match phone_key(phone.reveal()) {
            key if key.is_empty() => Ok(Vec::new()),
            key => self.vault.indexes(Place::UserPhone, &key).map_err(failed),
        }
    }
}

impl Call<'_> {
    /// What is stored of a detail, where there is one.
    ///
    /// # Errors
    /// As [`Program::seal`].
    pub fn seal(&self, place: Place, id: Uuid, detail: Option<&Personal>) -> Outcome<Option<Sealed>> {
        detail.map(|detail| self.program.seal(place, id, detail)).transpose()
    }

    /// A stored detail, where there is one.
    ///
    /// # Errors
    /// As [`Program::open`].
    pub fn open(&self, place: Place, id: Uuid, sealed: Option<&Sealed>) -> Outcome<Option<Personal>> {
        sealed.map(|sealed| self.program.open(place, id, sealed)).transpose()
    }

    /// A stored detail as it is shown, where there is one.
    ///
    /// # Errors
    /// As [`Program::open`].
    pub fn shown(
        &self,
        place: Place,
        id: Uuid,
        sealed: Option<&Sealed>,
        disclosure: Disclosure,
    ) -> Outcome<Option<String>> {
        Ok(self.open(place, id, sealed)?.map(|detail| detail.shown(place, disclosure)))
    }

    /// Records that the caller was shown a detail of somebody else whole.
    ///
    /// # Errors
    /// When the store fails.
    pub fn record_disclosure(&mut self, kind: SubjectKind, id: Uuid, organization_id: Option<Uuid>) -> Outcome<()> {
        self.record(Change {
            action: EventAction::DetailShown,
            kind,
            id,
            organization_id,
            cycle_id: None,
            before: None,
            after: None,
        })
    }
}

fn failed(error: PortError) -> Failure {
    Failure::internal(error.to_string())
}

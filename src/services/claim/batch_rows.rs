//! What a decided batch writes: gathered row by row, written together.

use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::attempt::Receipt;
use voucher_domain::event::EventAction;
use voucher_domain::ledger::{self, Movement};
use voucher_domain::period::Instant;
use voucher_storage::Together;
use voucher_storage::attempt::Attempt;
use voucher_storage::event::Event;
use voucher_storage::idempotency::IdempotencyKey;
use voucher_storage::judgement::Judgement;
use voucher_storage::voucher::Voucher;

use super::{Claim, Kept};
use crate::services::accounts::{self, Books, Posting};
use crate::services::voucher::VoucherView;
use crate::services::{Call, Change, Outcome};

/// The rows of a batch.
#[derive(Default)]
pub(super) struct Rows {
    judgements: Vec<Judgement>,
    vouchers: Vec<Voucher>,
    postings: Vec<Posting>,
    events: Vec<Event>,
    attempts: Vec<Attempt>,
    keys: Vec<IdempotencyKey>,
}

impl Rows {
    /// A voucher with its movement and its event.
    ///
    /// # Errors
    /// Internal, when the voucher has no JSON form.
    pub(super) fn grant(&mut self, call: &Call<'_>, row: Voucher, view: &VoucherView, claim: &Claim) -> Outcome<()> {
        let movements: Vec<Movement> = ledger::on_claim(row.amount_fen);
        self.postings.extend(movements.into_iter().map(|movement| Posting {
            movement,
            subject_id: row.id,
            voucher_id: Some(row.id),
            request_id: claim.request_id,
        }));
        let action = EventAction::VoucherClaimed;
        let granted = call.event(Change {
            action,
            kind: action.subject(),
            id: row.id,
            organization_id: Some(row.applicant_id),
            cycle_id: Some(row.cycle_id),
            before: None,
            after: Some(view),
        })?;
        // The batch is the lane's call; who claimed, and by which request, is said by the claim.
        self.events.push(Event {
            actor_user_id: Some(claim.claims.user_id),
            actor_role: Some(Role::Applicant),
            request_id: claim.request_id,
            ..granted
        });
        self.vouchers.push(row);
        Ok(())
    }

    /// What a voucher was granted by, if it is not kept yet.
    pub(super) fn judgement(&mut self, new: Option<Judgement>) {
        self.judgements.extend(new);
    }

    /// An attempt.
    pub(super) fn attempt(&mut self, receipt: &Receipt, applicant_id: Uuid, voucher_id: Option<Uuid>) {
        self.attempts.push(Attempt {
            cycle_id: receipt.cycle_id,
            sequence: receipt.sequence,
            decided_at: receipt.decided_at,
            outcome: receipt.outcome.clone(),
            amount_fen: receipt.amount_fen,
            remaining_fen: receipt.remaining_fen,
            previous_hash: receipt.previous_hash.clone(),
            hash: receipt.hash.clone(),
            applicant_id,
            voucher_id,
        });
    }

    /// An answer under its key; its place among the answers of the batch.
    pub(super) fn keep(&mut self, claim: &Claim, answer: Kept, now: Instant) -> usize {
        self.keys.push(IdempotencyKey {
            scope: claim.scope.clone(),
            key: claim.key.clone(),
            request_hash: claim.fingerprint.clone(),
            status: i32::from(answer.status),
            body: answer.body,
            created_at: now,
        });
        self.keys.len().saturating_sub(1)
    }

    /// Writes everything; what was kept under the keys, in the order of their places.
    pub(super) fn write(self, call: &mut Call<'_>, books: &mut Books, cycle_id: Uuid) -> Outcome<Vec<IdempotencyKey>> {
        let moved = books.move_all(call, cycle_id, &self.postings)?;
        let mut together = Together::default();
        together.add(&self.judgements);
        together.add(&self.vouchers);
        moved.join(&mut together);
        together.add(&self.events);
        together.add(&self.attempts);
        together.add(&self.keys);
        accounts::written(together.write(call.tx))?;
        Ok(self.keys)
    }
}

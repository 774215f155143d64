//! Payments that a sanction suspends (Art. 17): neither batched nor approved nor exported; taken out of a
//! batch, they wait until the sanction is lifted.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::disbursement::{self as rules, LineStatus};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::supervision::Sanction;

use super::subject::{PaidFor, Subject, Subjects};
use super::{DisbursementDetail, detail, record};
use crate::services::{Call, Outcome};

/// What a line that was taken out says.
const REASON: &str = "因违规处理暂停资金拨付(第十七条),解除后重新列入拨付";

/// Which of these things that are paid for have a party whose payments are suspended: the facility that is paid, or
/// the applicant whose voucher pays.
pub(in crate::services) fn by_parties(
    call: &mut Call<'_>,
    things: impl Iterator<Item = (Uuid, [Uuid; 2])> + Clone,
) -> Outcome<BTreeSet<Uuid>> {
    let mut parties: Vec<Uuid> = things.clone().flat_map(|(_, parties)| parties).collect();
    parties.sort_unstable();
    parties.dedup();
    let suspended: BTreeSet<Uuid> = Sanction::suspended_among(call.tx, &parties)?.into_iter().collect();
    let held = things.filter(|(_, parties)| parties.iter().any(|party| suspended.contains(party)));
    Ok(held.map(|(id, _)| id).collect())
}

/// The same of what a batch pays.
pub(super) fn among_subjects<'a>(
    call: &mut Call<'_>,
    subjects: impl Iterator<Item = &'a Subject> + Clone,
) -> Outcome<BTreeSet<Uuid>> {
    by_parties(call, subjects.map(|subject| (subject.id(), subject.parties())))
}

/// No line of the batch waits for a payment that is suspended.
///
/// # Errors
/// `payment_suspended`, naming the lines.
pub(super) fn require_none(call: &mut Call<'_>, batch_id: Uuid) -> Outcome<()> {
    let lines = DisbursementLine::of_batch(call.tx, batch_id)?;
    let subjects = Subjects::of(lines.iter().filter(|line| line.status == LineStatus::Pending))?.find(call)?;
    let suspended = among_subjects(call, subjects.iter())?;
    let Err(mut refusal) = rules::require_not_suspended(!suspended.is_empty()) else { return Ok(()) };
    for (place, line) in lines.iter().enumerate() {
        if suspended.contains(&PaidFor::of(line)?.id()) {
            refusal = refusal.about(&format!("lines[{place}]"));
        }
    }
    Err(refusal.into())
}

/// Takes the lines of suspended parties out of a batch (Art. 17): what they pay is payable again, once the sanction
/// is lifted, and the others can be paid. An officer who does so with an approved batch has seen to it that the bank
/// does not pay them.
///
/// # Errors
/// `not_found`; `invalid_state` for a settled batch, or one without such a line.
pub fn withhold(call: &mut Call<'_>, id: Uuid) -> Outcome<DisbursementDetail> {
    let row = Disbursement::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let lines = DisbursementLine::lock_batch(call.tx, id)?;
    let pending: Vec<DisbursementLine> = lines.into_iter().filter(|line| line.status == LineStatus::Pending).collect();
    let pending_lines = pending.len();
    let subjects = Subjects::of(&pending)?.lock(call)?;
    let suspended = among_subjects(call, subjects.iter())?;
    let mut withheld = Vec::new();
    for line in pending {
        if suspended.contains(&PaidFor::of(&line)?.id()) {
            withheld.push(line);
        }
    }
    let amounts: Vec<Money> = withheld.iter().map(|line| line.amount_fen).collect();
    let rules::Thinned { status, total_fen } = rules::withhold(row.status, row.total_fen, &amounts, pending_lines)?;
    let before = detail(call, row.clone())?;
    for subject in subjects.iter().filter(|subject| suspended.contains(&subject.id())) {
        subject.fail(call, Some(REASON.to_owned()))?;
    }
    for line in withheld {
        let settled_at = Some(call.now);
        let after =
            DisbursementLine { status: LineStatus::Failed, reason: Some(REASON.to_owned()), settled_at, ..line };
        DisbursementLine::save(call.tx, &after)?;
    }
    let after = Disbursement::save(call.tx, &Disbursement { status, total_fen, ..row })?;
    let after = detail(call, after)?;
    record(call, EventAction::DisbursementWithheld, Some(&before), &after)?;
    Ok(after)
}

//! Payments that a sanction suspends (Art. 17): neither batched nor approved nor exported; taken out of a
//! batch, they wait until the sanction is lifted.

use std::collections::BTreeSet;

use uuid::Uuid;
use voucher_domain::disbursement::{self as rules, LineStatus};
use voucher_domain::event::EventAction;
use voucher_domain::money::Money;
use voucher_domain::refusal::Refusal;
use voucher_storage::disbursement::{Disbursement, DisbursementLine};
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::Sanction;

use super::results::fail;
use super::{DisbursementDetail, detail, record};
use crate::services::{Call, Outcome};

/// What a line that was taken out says.
const REASON: &str = "因违规处理暂停资金拨付(第十七条),解除后重新列入拨付";

/// Which of these redemptions have a party whose payments are suspended, the facility that is paid or the
/// applicant whose voucher pays.
pub(in crate::services) fn among<'a>(
    call: &mut Call<'_>,
    redemptions: impl Iterator<Item = &'a Redemption> + Clone,
) -> Outcome<BTreeSet<Uuid>> {
    by_parties(call, redemptions.map(|row| (row.id, [row.applicant_id, row.facility_id])))
}

/// The same of anything that is paid for, by its parties.
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

/// No line of the batch waits for a payment that is suspended.
///
/// # Errors
/// `payment_suspended`, naming the redemptions.
pub(super) fn require_none(call: &mut Call<'_>, batch: &DisbursementDetail) -> Outcome<()> {
    let waiting = batch.lines.iter().filter(|line| line.status == LineStatus::Pending);
    let ids: Vec<Uuid> = waiting.map(|line| line.redemption_id).collect();
    let rows = Redemption::find_all(call.tx, &ids)?;
    let suspended = among(call, rows.iter())?;
    let Err(refusal) = rules::require_not_suspended(!suspended.is_empty()) else { return Ok(()) };
    let places = batch.lines.iter().enumerate().filter(|(_, line)| suspended.contains(&line.redemption_id));
    let named = places.fold(refusal, |refusal, (place, _)| refusal.about(&format!("lines[{place}]")));
    Err(named.into())
}

/// Takes the lines of suspended parties out of a batch (Art. 17): their redemptions are payable again, once
/// the sanction is lifted, and the others can be paid. An officer who does so with an approved batch has
/// seen to it that the bank does not pay them.
///
/// # Errors
/// `not_found`; `invalid_state` for a settled batch, or one without such a line.
pub fn withhold(call: &mut Call<'_>, id: Uuid) -> Outcome<DisbursementDetail> {
    let row = Disbursement::lock(call.tx, id)?.ok_or_else(Refusal::not_found)?;
    call.respect_version(row.version)?;
    let lines = DisbursementLine::lock_batch(call.tx, id)?;
    let pending: Vec<DisbursementLine> = lines.into_iter().filter(|line| line.status == LineStatus::Pending).collect();
    let ids: Vec<Uuid> = pending.iter().map(|line| line.redemption_id).collect();
    let redemptions = Redemption::lock_all(call.tx, &ids)?;
    let suspended = among(call, redemptions.iter())?;
    let (withheld, left): (Vec<_>, Vec<_>) =
        pending.into_iter().partition(|line| suspended.contains(&line.redemption_id));
    let amounts: Vec<Money> = withheld.iter().map(|line| line.amount_fen).collect();
    let pending_lines = withheld.len().saturating_add(left.len());
    let rules::Thinned { status, total_fen } = rules::withhold(row.status, row.total_fen, &amounts, pending_lines)?;
    let before = detail(call, row.clone())?;
    for redemption in redemptions.iter().filter(|row| suspended.contains(&row.id)) {
        fail(call, redemption, Some(REASON.to_owned()))?;
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

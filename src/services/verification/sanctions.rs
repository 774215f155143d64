//! What was clawed back is what the receipts say and what the ledger moved; who is banned is whom the
//! sanctions ban.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::ledger::MovementCause;
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_storage::Connection;
use voucher_storage::ledger::LedgerEntry;
use voucher_storage::organization::Organization;
use voucher_storage::supervision::{Clawback, Receipt, Sanction};

use super::{BATCH, Stop};

/// Proves the clawbacks and the bans.
pub(super) fn prove(tx: &mut Connection) -> Result<(), Stop> {
    prove_bans(tx)?;
    let mut moved: BTreeMap<Uuid, Money> =
        LedgerEntry::moved_by_each(tx, MovementCause::Recovery)?.into_iter().collect();
    let mut after = None;
    loop {
        let rows = Clawback::after(tx, after, BATCH)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for row in &rows {
            prove_clawback(tx, row, &mut moved)?;
        }
    }
    match moved.keys().next() {
        None => Ok(()),
        Some(stray) => Err(Stop::Fault(format!("the ledger recovers money for receipt {stray}, which is not there"))),
    }
}

fn prove_bans(tx: &mut Connection) -> Result<(), Stop> {
    let mut banned: BTreeMap<Uuid, Option<Day>> = BTreeMap::new();
    for (id, last_day) in Sanction::every_ban(tx)? {
        let longest = banned.entry(id).or_default();
        *longest = last_day.max(*longest);
    }
    let cached: BTreeMap<Uuid, Option<Day>> = Organization::every_banned(tx)?.into_iter().collect();
    let strays = banned.iter().chain(&cached).map(|(id, _)| id);
    match strays.into_iter().find(|id| banned.get(id) != cached.get(id)) {
        None => Ok(()),
        Some(id) => {
            let fault = format!(
                "organization {id}: it says banned until {:?}, its sanctions {:?}",
                cached.get(id),
                banned.get(id)
            );
            Err(Stop::Fault(fault))
        }
    }
}

fn prove_clawback(tx: &mut Connection, row: &Clawback, moved: &mut BTreeMap<Uuid, Money>) -> Result<(), Stop> {
    let receipts = Receipt::of_clawbacks(tx, &[row.id])?;
    let received = Money::sum(receipts.iter().map(|receipt| receipt.amount_fen));
    if received != Ok(row.received_fen) || row.received_fen > row.amount_fen {
        let fault =
            format!("clawback {}: it says {} yuan came, its receipts say {received:?}", row.id, row.received_fen);
        return Err(Stop::Fault(fault));
    }
    for receipt in receipts {
        let recovered = moved.remove(&receipt.id).unwrap_or_default();
        if recovered != receipt.amount_fen {
            let fault =
                format!("receipt {}: {} yuan came, the ledger moved {recovered}", receipt.id, receipt.amount_fen);
            return Err(Stop::Fault(fault));
        }
    }
    Ok(())
}

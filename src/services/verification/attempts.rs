//! Following a cycle's chain of attempts, and finding in it every voucher that was granted since it began.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::attempt::{ChainEnd, GRANTED};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_storage::Connection;
use voucher_storage::attempt::Attempt;
use voucher_storage::cycle::Cycle;
use voucher_storage::voucher::Voucher;

use super::{BATCH, Report, Stop};
use crate::services::claim::receipt;

/// The grants of a chain, to be held against the vouchers.
pub(super) struct Granted {
    /// When the first attempt was decided; vouchers granted before are in no chain.
    began_at: Option<Instant>,
    /// Voucher, number in the chain, applicant and amount.
    grants: BTreeMap<Uuid, (i64, Uuid, Money)>,
}

/// Follows a cycle's chain from its beginning to its end.
///
/// # Errors
/// The first attempt that does not follow the one before it, or is not what was sealed.
pub(super) fn follow(tx: &mut Connection, cycle: &Cycle, report: &mut Report) -> Result<Granted, Stop> {
    let mut granted = Granted { began_at: None, grants: BTreeMap::new() };
    let mut end = ChainEnd::default();
    loop {
        let attempts = Attempt::of_cycle(tx, cycle.id, end.sequence, BATCH)?;
        if attempts.is_empty() {
            return Ok(granted);
        }
        for attempt in attempts {
            granted.began_at.get_or_insert(attempt.decided_at);
            let (applicant_id, voucher_id) = (attempt.applicant_id, attempt.voucher_id);
            let receipt = receipt(attempt);
            let fault = |fault: &dyn std::fmt::Display| Stop::Fault(format!("cycle {}: {fault}", cycle.id));
            end.follow(&receipt).map_err(|broken| fault(&broken))?;
            if (receipt.outcome == GRANTED) != voucher_id.is_some() {
                let what =
                    format!("attempt {} is {}, and its voucher {voucher_id:?}", receipt.sequence, receipt.outcome);
                return Err(fault(&what));
            }
            if let Some(id) = voucher_id
                && let Some((earlier, ..)) =
                    granted.grants.insert(id, (receipt.sequence, applicant_id, receipt.amount_fen))
            {
                return Err(fault(&format!("voucher {id} was granted twice, by {earlier} and {}", receipt.sequence)));
            }
            report.attempts = report.attempts.saturating_add(1);
        }
    }
}

impl Granted {
    /// A voucher granted since the chain began has its place in it.
    pub(super) fn prove(&mut self, voucher: &Voucher) -> Result<(), String> {
        let told = format!("voucher {} ({}) over {} yuan", voucher.number, voucher.id, voucher.amount_fen);
        match self.grants.remove(&voucher.id) {
            Some((_, applicant_id, amount_fen))
                if applicant_id == voucher.applicant_id && amount_fen == voucher.amount_fen =>
            {
                Ok(())
            }
            Some((sequence, _, amount_fen)) => {
                Err(format!("{told} is another's, or another amount, than attempt {sequence} over {amount_fen} yuan"))
            }
            None if self.began_at.is_some_and(|began_at| voucher.claimed_at >= began_at) => {
                Err(format!("{told} has no place in the chain of attempts"))
            }
            None => Ok(()),
        }
    }

    /// No attempt may name a voucher that is not there.
    pub(super) fn done(&self, cycle: &Cycle) -> Result<(), String> {
        match self.grants.iter().next() {
            None => Ok(()),
            Some((id, (sequence, ..))) => {
                Err(format!("cycle {}: attempt {sequence} was granted the voucher {id}, which is not there", cycle.id))
            }
        }
    }
}

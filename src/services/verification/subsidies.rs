//! What assessments give out is what their ledgers moved, submission by submission.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::assessment::{CampaignStatus, SubmissionStatus};
use voucher_domain::code::Code;
use voucher_domain::cycle::CycleKind;
use voucher_domain::ledger::Account;
use voucher_domain::money::Money;
use voucher_storage::Connection;
use voucher_storage::assessment::{Assessment, Submission};
use voucher_storage::cycle::Cycle;
use voucher_storage::voucher::Voucher;

use super::{ByOwner, Report, Stop};

/// Each assessment that is announced has its ledger.
pub(super) fn prove_ledgers(tx: &mut Connection, cycles: &[Cycle]) -> Result<(), Stop> {
    let has_ledger = |id: Uuid| cycles.iter().any(|cycle| cycle.id == id && cycle.kind == CycleKind::Subsidy);
    match Assessment::announced(tx)?.iter().find(|row| !has_ledger(row.id)) {
        None => Ok(()),
        Some(row) => Err(Stop::Fault(format!("assessment {} is {} and has no ledger", row.id, row.status))),
    }
}

/// The budget is that of an announced assessment, each submission's money is where its state says, and no entry
/// names a submission that is not there. No voucher is paid from it.
pub(super) fn prove(
    tx: &mut Connection,
    ledger: &Cycle,
    by_submission: &mut ByOwner,
    report: &mut Report,
) -> Result<(), Stop> {
    let fault = |what: String| Stop::Fault(format!("assessment {}: {what}", ledger.id));
    let campaign = Assessment::find(tx, ledger.id)?.filter(|row| row.status != CampaignStatus::Draft);
    let campaign = campaign.ok_or_else(|| fault("its budget is in the ledger, and it is not announced".to_owned()))?;
    if campaign.budget_fen != ledger.budget_fen {
        let (says, has) = (campaign.budget_fen, ledger.budget_fen);
        return Err(fault(format!("it says its budget is {says} yuan, its ledger {has}")));
    }
    if let Some(voucher) = Voucher::of_cycle(tx, ledger.id, None, 1)?.first() {
        return Err(fault(format!("voucher {} was claimed from its budget", voucher.id)));
    }
    for row in Submission::of_campaign(tx, ledger.id, SubmissionStatus::ALL.iter().copied())? {
        let accounts = by_submission.remove(&row.id).unwrap_or_default();
        prove_submission(&row, &accounts).map_err(fault)?;
        report.submissions = report.submissions.saturating_add(1);
    }
    match by_submission.keys().next() {
        None => Ok(()),
        Some(stray) => Err(fault(format!("entries name the submission {stray}, which is not there"))),
    }
}

fn prove_submission(row: &Submission, accounts: &BTreeMap<Account, i128>) -> Result<(), String> {
    let at = |account: Account| accounts.get(&account).copied().unwrap_or_default();
    let subsidy_fen = row.subsidy_fen.unwrap_or_default();
    let subsidy = i128::from(subsidy_fen.fen());
    let (payable, paid) = match row.status {
        // What is proposed is not given yet.
        SubmissionStatus::Draft | SubmissionStatus::Submitted | SubmissionStatus::Dropped => (0, 0),
        SubmissionStatus::Graded
        | SubmissionStatus::Approved
        | SubmissionStatus::InNotice
        | SubmissionStatus::Concluded
        | SubmissionStatus::Payable
        | SubmissionStatus::InPayment
        | SubmissionStatus::Cancelled => (subsidy, 0),
        SubmissionStatus::Paid => (0, subsidy),
    };
    let holds = at(Account::Payable) == payable
        && at(Account::Paid).saturating_add(at(Account::Recovered)) == paid
        && at(Account::Available) == payable.saturating_add(paid).saturating_neg()
        && [Account::Held, Account::Committed, Account::Lapsed].iter().all(|account| at(*account) == 0);
    if holds && subsidy_fen >= Money::ZERO {
        Ok(())
    } else {
        let (id, status) = (row.id, row.status);
        Err(format!("submission {id} is {status} with {subsidy_fen} yuan, but its entries say {accounts:?}"))
    }
}

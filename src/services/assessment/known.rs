//! What the records say about a facility's year (Art. 14.2): nobody types what the system knows.

use std::collections::BTreeMap;

use uuid::Uuid;
use voucher_domain::assessment::figures::{Known, KnownContract, KnownRedemption, KnownSubsidy, OfferedInstrument};
use voucher_domain::assessment::{Figure, figures};
use voucher_domain::code::Code;
use voucher_domain::money::Money;
use voucher_domain::period::Day;
use voucher_domain::redemption::RedemptionStatus;
use voucher_storage::contract::Contract;
use voucher_storage::disbursement::DisbursementLine;
use voucher_storage::facility::{Instrument, Service};
use voucher_storage::redemption::Redemption;

use crate::services::{Call, Outcome};

/// The figures of a facility's year, each with its records, as they are now.
///
/// # Errors
/// When the store fails.
pub(super) fn figures_of(call: &mut Call<'_>, facility_id: Uuid, year: i32) -> Outcome<Vec<Figure>> {
    let instruments = Instrument::offered(call.tx, facility_id)?;
    let services = Service::offered(call.tx, facility_id)?;
    let contracts = Contract::of_facility(call.tx, facility_id)?;
    let lines = DisbursementLine::paid_to(call.tx, facility_id)?;
    let known = Known {
        instruments: instruments
            .iter()
            .map(|row| OfferedInstrument { id: row.id, original_value_fen: row.original_value_fen })
            .collect(),
        services: services.iter().map(|row| row.id).collect(),
        contracts: contracts.iter().map(contract).collect(),
        redemptions: redemptions(call, facility_id, &lines)?,
        subsidies: lines.iter().filter_map(subsidy).collect(),
    };
    Ok(figures(&known, year)?)
}

fn contract(row: &Contract) -> KnownContract {
    KnownContract {
        id: row.id,
        status: row.status,
        registered_on: row.registered_at.day(),
        amount_fen: row.actual_amount_fen.unwrap_or(row.amount_fen),
        redeem_by: row.redeem_by.last_day,
    }
}

/// The subsidy that a line paid, where it is one.
fn subsidy(line: &DisbursementLine) -> Option<KnownSubsidy> {
    let paid_on = line.settled_at.map(|at| at.day());
    Some(KnownSubsidy { submission_id: line.submission_id?, paid_on, paid_fen: line.amount_fen })
}

fn redemptions(call: &mut Call<'_>, facility_id: Uuid, lines: &[DisbursementLine]) -> Outcome<Vec<KnownRedemption>> {
    let paid: BTreeMap<Uuid, (Option<Day>, Money)> = lines
        .iter()
        .filter_map(|line| Some((line.redemption_id?, (line.settled_at.map(|at| at.day()), line.amount_fen))))
        .collect();
    let rows = Redemption::of_party_among(call.tx, facility_id, RedemptionStatus::ALL.iter().copied())?;
    let known = rows.iter().map(|row| {
        let (paid_on, paid_fen) = paid.get(&row.id).copied().unwrap_or((None, Money::ZERO));
        KnownRedemption {
            id: row.id,
            submitted_on: row.submitted_at.map(|at| at.day()).filter(|_| row.status.was_handed_in()),
            rating: row.applicant_rating,
            paid_on,
            paid_fen,
        }
    });
    Ok(known.collect())
}

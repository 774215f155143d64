//! Where open deadlines are found: vouchers, contracts, redemptions, notices, facilities, certificates,
//! reviews, the yearly assessment. What is past its end is not open any more, whether or not a job has written so.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::applicant::{Certificate, CertificateKind, Profile as Statement};
use voucher_domain::due::{DeadlineKind, Part};
use voucher_domain::event::SubjectKind;
use voucher_domain::facility::FacilityStatus;
use voucher_domain::period::{Day, Instant};
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::supervision::ViolationStatus;
use voucher_domain::transition::Named;
use voucher_domain::voucher::VoucherStatus;
use voucher_storage::applicant::Profile;
use voucher_storage::contract::Contract;
use voucher_storage::deadline::{OpenProject, Reached, VoucherDeadlines};
use voucher_storage::facility::Facility;
use voucher_storage::notice::{Notice, NoticeItem};
use voucher_storage::organization::Organization;
use voucher_storage::redemption::Redemption;
use voucher_storage::supervision::Violation;

use super::{Audience, Due, OpenDeadline, assessments};
use crate::services::{Call, Outcome};

/// What an applicant has to do.
pub(super) fn of_applicant(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let vouchers = VoucherDeadlines::of_applicant(call.tx, id, call.now)?;
    let mut open: Vec<OpenDeadline> =
        vouchers.iter().filter_map(|row| unbound(row, Audience::Organization(id), Part::Applicant)).collect();
    if let Some(row) = Profile::find(call.tx, id)? {
        open.extend(certificates(&row, call.today())?);
    }
    open.extend(published_of(call, id, Part::Applicant)?);
    open.extend(statements_of(call, Some(id))?);
    Ok(open)
}

/// What a facility has to do.
pub(super) fn of_facility(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let projects = OpenProject::of_facility(call.tx, id)?;
    let named: BTreeSet<Uuid> = projects.into_iter().flat_map(|project| project.voucher_ids).collect();
    let named: Vec<Uuid> = named.into_iter().collect();
    let mut open = of_vouchers(call, &named, id, Part::Facility)?;
    let contracts = Contract::redeemable_of(call.tx, id)?;
    open.extend(of_contracts(call, &contracts)?);
    open.extend(published_of(call, id, Part::Facility)?);
    let facility = Facility::find(call.tx, id)?;
    open.extend(leaving(call, facility.as_slice())?);
    open.extend(statements_of(call, Some(id))?);
    open.extend(assessments::of_facility(call, id)?);
    Ok(open)
}

/// What is open of these vouchers to an organization that acts in this part.
pub(in crate::services) fn of_vouchers(
    call: &mut Call<'_>,
    ids: &[Uuid],
    organization_id: Uuid,
    part: Part,
) -> Outcome<Vec<OpenDeadline>> {
    let rows = VoucherDeadlines::among(call.tx, ids, call.now)?;
    Ok(rows.iter().filter_map(|row| unbound(row, Audience::Organization(organization_id), part)).collect())
}

/// What the officers have to do: every notice that runs.
pub(super) fn of_officers(call: &mut Call<'_>) -> Outcome<Vec<OpenDeadline>> {
    let notices = Notice::ending(call.tx, call.now, None)?;
    Ok(notices.iter().map(for_officers).collect())
}

/// What an expert has to do: the reviews that wait for an opinion, and the submissions that wait for scores.
pub(super) fn of_expert(call: &mut Call<'_>, id: Uuid) -> Outcome<Vec<OpenDeadline>> {
    let waiting = Redemption::awaiting_expert(call.tx, id)?;
    let numbers = numbers(call, waiting.iter().map(|(_, redemption)| redemption.contract_id))?;
    let open = waiting.into_iter().map(|(review_id, redemption)| OpenDeadline {
        kind: DeadlineKind::Review,
        audience: Audience::User(id),
        part: Part::Expert,
        subject_kind: SubjectKind::Review,
        subject_id: review_id,
        name: numbers.get(&redemption.contract_id).cloned().unwrap_or_default(),
        due: None,
    });
    let mut open: Vec<OpenDeadline> = open.collect();
    open.extend(assessments::of_expert(call, id)?);
    Ok(open)
}

/// Everything about vouchers that ends by an instant: registrations and validities for the applicant and
/// each facility whose project names the voucher, redemptions and corrections for the contract's
/// facility. A part of it, and where it was read to; nothing more after the last part.
pub(super) fn about_vouchers(
    call: &mut Call<'_>,
    until: Instant,
    reached: Reached,
    limit: u16,
) -> Outcome<(Vec<OpenDeadline>, Reached)> {
    let vouchers = VoucherDeadlines::dying(call.tx, call.now, until, reached, limit)?;
    let last = vouchers.last().filter(|_| vouchers.len() == usize::from(limit));
    let next = last.and_then(|row| row.lapses_at.map(|at| (at, row.id)));
    let (bound, free): (Vec<_>, Vec<_>) = vouchers.into_iter().partition(|row| row.contract_id.is_some());
    let applicants: BTreeSet<Uuid> = free.iter().map(|row| row.applicant_id).collect();
    let applicants: Vec<Uuid> = applicants.into_iter().collect();
    let mut facilities: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for project in OpenProject::of_applicants(call.tx, &applicants)? {
        for voucher_id in project.voucher_ids {
            facilities.entry(voucher_id).or_default().insert(project.facility_id);
        }
    }
    let mut open = Vec::new();
    for row in &free {
        open.extend(unbound(row, Audience::Organization(row.applicant_id), Part::Applicant));
        for facility_id in facilities.get(&row.id).into_iter().flatten() {
            open.extend(unbound(row, Audience::Organization(*facility_id), Part::Facility));
        }
    }
    let contract_ids: BTreeSet<Uuid> = bound.iter().filter_map(|row| row.contract_id).collect();
    let contract_ids: Vec<Uuid> = contract_ids.into_iter().collect();
    let contracts = Contract::find_all(call.tx, &contract_ids)?;
    open.extend(of_contracts(call, &contracts)?);
    Ok((open, next))
}

/// The notices that end by an instant, for the officers and the parties of what they publish.
pub(super) fn about_notices(call: &mut Call<'_>, until: Instant) -> Outcome<Vec<OpenDeadline>> {
    let notices = Notice::ending(call.tx, call.now, Some(until))?;
    let mut open: Vec<OpenDeadline> = notices.iter().map(for_officers).collect();
    let ids: Vec<Uuid> = notices.iter().map(|notice| notice.id).collect();
    let subjects: Vec<Uuid> = NoticeItem::of_notices(call.tx, &ids)?.into_iter().map(|item| item.subject_id).collect();
    let published = Redemption::find_all(call.tx, &subjects)?;
    let published: Vec<Redemption> =
        published.into_iter().filter(|row| row.status == RedemptionStatus::InNotice).collect();
    open.extend(for_parties(call, &published, &notices, Part::Applicant, |row| row.applicant_id)?);
    open.extend(for_parties(call, &published, &notices, Part::Facility, |row| row.facility_id)?);
    Ok(open)
}

/// The statements about violations that may still be made: by one party, or by all.
pub(super) fn statements_of(call: &mut Call<'_>, party: Option<Uuid>) -> Outcome<Vec<OpenDeadline>> {
    let rows = Violation::in_state(call.tx, ViolationStatus::Recorded, party)?;
    statements(call, &rows)
}

/// Those of these violations about which the party may still state its side.
pub(super) fn statements(call: &mut Call<'_>, rows: &[Violation]) -> Outcome<Vec<OpenDeadline>> {
    let is_open = |row: &&Violation| row.status == ViolationStatus::Recorded && !row.statement_by.is_over(call.now);
    let rows: Vec<&Violation> = rows.iter().filter(is_open).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.organization_id).collect();
    let kinds: BTreeMap<Uuid, OrganizationKind> =
        Organization::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.kind)).collect();
    let open = rows.into_iter().map(|row| OpenDeadline {
        kind: DeadlineKind::Statement,
        audience: Audience::Organization(row.organization_id),
        part: match kinds.get(&row.organization_id) {
            Some(OrganizationKind::Facility) => Part::Facility,
            Some(OrganizationKind::Enterprise | OrganizationKind::Team) | None => Part::Applicant,
        },
        subject_kind: SubjectKind::Violation,
        subject_id: row.id,
        name: row.kind.chinese().to_owned(),
        due: Some(Due::reckoned(&row.statement_by)),
    });
    Ok(open.collect())
}

/// The facilities that leave by a day.
pub(super) fn about_exits(call: &mut Call<'_>, until: Day) -> Outcome<Vec<OpenDeadline>> {
    let rows = Facility::leaving(call.tx, call.today(), until)?;
    leaving(call, &rows)
}

/// The certificates that end by a day. A part of them, and where it was read to; nothing more after the
/// last part.
pub(super) fn about_certificates(
    call: &mut Call<'_>,
    until: Day,
    reached: Option<Uuid>,
    limit: u16,
) -> Outcome<(Vec<OpenDeadline>, Option<Uuid>)> {
    let rows = Profile::stated(call.tx, reached, limit)?;
    let next = rows.last().map(|row| row.id).filter(|_| rows.len() == usize::from(limit));
    let mut open = Vec::new();
    for row in &rows {
        let ending = certificates(row, call.today())?;
        open.extend(ending.into_iter().filter(|item| item.due.as_ref().is_some_and(|due| due.last_day <= until)));
    }
    Ok((open, next))
}

/// A voucher that no contract holds: to be registered, or, freed by a termination, to find another one.
pub(super) fn unbound(row: &VoucherDeadlines, audience: Audience, part: Part) -> Option<OpenDeadline> {
    let (kind, deadline) = match (row.status, row.contract_id) {
        (VoucherStatus::Claimed, _) => (DeadlineKind::Registration, &row.register_by),
        (VoucherStatus::Registered, None) => (DeadlineKind::Validity, row.valid_until.as_ref()?),
        (VoucherStatus::Registered | VoucherStatus::Redeeming | VoucherStatus::Redeemed | VoucherStatus::Void, _) => {
            return None;
        }
    };
    Some(OpenDeadline {
        kind,
        audience,
        part,
        subject_kind: SubjectKind::Voucher,
        subject_id: row.id,
        name: row.number.clone(),
        due: Some(Due::reckoned(deadline)),
    })
}

/// What the facilities of these contracts have to do: ask for redemption, or correct what was returned.
pub(super) fn of_contracts(call: &mut Call<'_>, contracts: &[Contract]) -> Outcome<Vec<OpenDeadline>> {
    let ids: Vec<Uuid> = contracts.iter().map(|row| row.id).collect();
    let with_commission = |status: &RedemptionStatus| status.holds_vouchers();
    let statuses = <RedemptionStatus as voucher_domain::code::Code>::ALL.iter().copied().filter(with_commission);
    let submitted = Redemption::of_contracts(call.tx, &ids, statuses)?;
    let submitted: BTreeMap<Uuid, Redemption> = submitted.into_iter().map(|row| (row.contract_id, row)).collect();
    let redeemable = contracts.iter().filter(|contract| contract.status.is_redeemable());
    let open = redeemable.filter_map(|contract| match submitted.get(&contract.id) {
        None => Some(of_contract(
            contract,
            DeadlineKind::Redemption,
            SubjectKind::Contract,
            contract.id,
            &contract.redeem_by,
        )),
        Some(redemption) if redemption.status == RedemptionStatus::Returned => {
            let correct_by = redemption.correct_by.as_ref()?;
            Some(of_contract(contract, DeadlineKind::Correction, SubjectKind::Redemption, redemption.id, correct_by))
        }
        Some(_) => None,
    });
    Ok(open.filter(|item| item.due.as_ref().is_some_and(|due| call.now < due.expires_at)).collect())
}

fn of_contract(
    contract: &Contract,
    kind: DeadlineKind,
    subject_kind: SubjectKind,
    subject_id: Uuid,
    deadline: &voucher_domain::period::Deadline,
) -> OpenDeadline {
    OpenDeadline {
        kind,
        audience: Audience::Organization(contract.facility_id),
        part: Part::Facility,
        subject_kind,
        subject_id,
        name: contract.number.clone(),
        due: Some(Due::reckoned(deadline)),
    }
}

pub(super) fn for_officers(notice: &Notice) -> OpenDeadline {
    OpenDeadline {
        kind: DeadlineKind::NoticeEnd,
        audience: Audience::Role(Role::Officer),
        part: Part::Officer,
        subject_kind: SubjectKind::Notice,
        subject_id: notice.id,
        name: notice.published_at.day().to_string(),
        due: Some(Due::reckoned(&notice.deadline)),
    }
}

/// What is published of an organization's.
fn published_of(call: &mut Call<'_>, id: Uuid, part: Part) -> Outcome<Vec<OpenDeadline>> {
    let published = Redemption::of_party(call.tx, id, RedemptionStatus::InNotice)?;
    let notice_ids: Vec<Uuid> = published.iter().filter_map(|row| row.notice_id).collect();
    let notices = Notice::find_all(call.tx, &notice_ids)?;
    for_parties(call, &published, &notices, part, |_| id)
}

/// The end of the notice of each redemption, for one of its parties.
pub(super) fn for_parties(
    call: &mut Call<'_>,
    published: &[Redemption],
    notices: &[Notice],
    part: Part,
    party: impl Fn(&Redemption) -> Uuid,
) -> Outcome<Vec<OpenDeadline>> {
    let numbers = numbers(call, published.iter().map(|row| row.contract_id))?;
    let open = published.iter().filter_map(|row| {
        let notice = notices.iter().find(|notice| Some(notice.id) == row.notice_id)?;
        Some(OpenDeadline {
            kind: DeadlineKind::NoticeEnd,
            audience: Audience::Organization(party(row)),
            part,
            subject_kind: SubjectKind::Redemption,
            subject_id: row.id,
            name: numbers.get(&row.contract_id).cloned().unwrap_or_default(),
            due: Some(Due::reckoned(&notice.deadline)),
        })
    });
    Ok(open.filter(|item| item.due.as_ref().is_some_and(|due| call.now < due.expires_at)).collect())
}

/// The announced last days of facilities that serve and have not left.
pub(super) fn leaving(call: &mut Call<'_>, rows: &[Facility]) -> Outcome<Vec<OpenDeadline>> {
    let today = call.today();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let names: BTreeMap<Uuid, String> =
        Organization::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.name)).collect();
    let mut open = Vec::new();
    for row in rows {
        let serves = matches!(row.status, FacilityStatus::Active | FacilityStatus::Exiting);
        let Some(last_day) = row.exit_last_day.filter(|last_day| serves && *last_day >= today) else { continue };
        open.push(OpenDeadline {
            kind: DeadlineKind::FacilityExit,
            audience: Audience::Organization(row.id),
            part: Part::Facility,
            subject_kind: SubjectKind::Facility,
            subject_id: row.id,
            name: names.get(&row.id).cloned().unwrap_or_default(),
            due: Some(Due::named(last_day)?),
        });
    }
    Ok(open)
}

/// The certificates of an applicant that have not ended, those of one day together. One that a later one
/// of its kind has taken over from asks for nothing.
pub(super) fn certificates(row: &Profile, today: Day) -> Outcome<Vec<OpenDeadline>> {
    let Some(Statement::Enterprise(enterprise)) = &row.document else { return Ok(Vec::new()) };
    let mut last: BTreeMap<CertificateKind, &Certificate> = BTreeMap::new();
    for certificate in &enterprise.certificates {
        let known = last.entry(certificate.kind).or_insert(certificate);
        if certificate.valid_until > known.valid_until {
            *known = certificate;
        }
    }
    let mut by_day: BTreeMap<Day, Vec<String>> = BTreeMap::new();
    for certificate in last.into_values().filter(|certificate| certificate.valid_until >= today) {
        let name = format!("{} {}", certificate.kind.chinese(), certificate.number);
        by_day.entry(certificate.valid_until).or_default().push(name);
    }
    let open = by_day.into_iter().map(|(last_day, names)| {
        Ok(OpenDeadline {
            kind: DeadlineKind::CertificateExpiry,
            audience: Audience::Organization(row.id),
            part: Part::Applicant,
            subject_kind: SubjectKind::Profile,
            subject_id: row.id,
            name: names.join("、"),
            due: Some(Due::named(last_day)?),
        })
    });
    open.collect()
}

/// What these contracts are called.
pub(in crate::services) fn numbers(
    call: &mut Call<'_>,
    contract_ids: impl Iterator<Item = Uuid>,
) -> Outcome<BTreeMap<Uuid, String>> {
    let ids: Vec<Uuid> = contract_ids.collect();
    Ok(Contract::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.number)).collect())
}

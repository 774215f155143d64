//! What waits for an officer; what one has prepared oneself waits for another one (两人).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use voucher_domain::disbursement::paying_day;
use voucher_domain::event::SubjectKind;
use voucher_domain::facility::FacilityStatus;
use voucher_domain::redemption::RedemptionStatus;
use voucher_domain::supervision::ViolationStatus;
use voucher_domain::text::Text;
use voucher_domain::worklist::TaskKind;
use voucher_storage::disbursement::Disbursement;
use voucher_storage::facility::Facility;
use voucher_storage::joining::{FacilityApplication, FacilityChange};
use voucher_storage::notice::{NoticeItem, Objection};
use voucher_storage::redemption::Redemption;
use voucher_storage::review::Inquiry;
use voucher_storage::supervision::{Statement, Violation};

use super::{MOST, READ, Task, campaigns};
use crate::services::facility::names;
use crate::services::{Call, Outcome, deadlines, disbursement, review};

/// What waits for an officer.
pub(super) fn of_officer(call: &mut Call<'_>, officer_id: Uuid) -> Outcome<Vec<Task>> {
    let mut tasks = about_facilities(call)?;
    tasks.extend(to_accept(call)?);
    tasks.extend(in_review(call)?);
    tasks.extend(inquiries(call)?);
    let concluded = Redemption::concluded_by_others(call.tx, officer_id, READ)?;
    tasks.extend(about(call, TaskKind::ApproveReview, &concluded)?);
    tasks.extend(to_publish(call)?);
    tasks.extend(objections(call)?);
    tasks.extend(payable(call)?);
    tasks.extend(batches(call, officer_id)?);
    tasks.extend(campaigns::of_officer(call, officer_id)?);
    tasks.extend(violations(call, officer_id)?);
    Ok(tasks)
}

/// Facilities on their way in, and what they want changed.
fn about_facilities(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let applications = FacilityApplication::waiting(call.tx, READ)?;
    let changes = FacilityChange::waiting(call.tx, READ)?;
    let approved = Facility::waiting(call.tx, FacilityStatus::Approved, READ)?;
    let ids = applications.iter().map(|row| row.facility_id).chain(changes.iter().map(|row| row.facility_id));
    let names = names(call, ids.chain(approved.iter().map(|row| row.id)))?;
    let name = |id: Uuid| names.get(&id).cloned().unwrap_or_default();
    let applications = applications.into_iter().map(|row| Task {
        since: Some(row.submitted_at),
        ..Task::of(TaskKind::DecideApplication, SubjectKind::FacilityApplication, row.id, name(row.facility_id))
    });
    let changes = changes.into_iter().map(|row| Task {
        since: Some(row.submitted_at),
        ..Task::of(TaskKind::DecideFacilityChange, SubjectKind::FacilityChange, row.id, name(row.facility_id))
    });
    let approved =
        approved.iter().map(|row| Task::of(TaskKind::PublishFacility, SubjectKind::Facility, row.id, name(row.id)));
    Ok(applications.chain(changes).chain(approved).collect())
}

/// The same to be done about each of these redemptions.
fn about(call: &mut Call<'_>, kind: TaskKind, rows: &[Redemption]) -> Outcome<Vec<Task>> {
    let numbers = deadlines::numbers(call, rows.iter().map(|row| row.contract_id))?;
    let tasks = rows.iter().map(|row| {
        let name = numbers.get(&row.contract_id).cloned().unwrap_or_default();
        Task {
            amount_fen: Some(row.approved_fen.or(row.concluded_fen).unwrap_or(row.claimable_fen)),
            since: row.approved_at.or(row.submitted_at),
            ..Task::of(kind, SubjectKind::Redemption, row.id, name)
        }
    });
    Ok(tasks.collect())
}

/// What is submitted; it can be accepted once the applicant has confirmed it.
fn to_accept(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let rows = Redemption::waiting(call.tx, RedemptionStatus::Submitted, None, READ)?;
    let mut tasks = about(call, TaskKind::AcceptRedemption, &rows)?;
    for (row, task) in rows.iter().zip(&mut tasks) {
        task.note = match row.applicant_agrees {
            Some(true) => None,
            Some(false) => {
                Some(Text::new("申领单位不认可该申请,不能受理。", "The applicant disagrees; it cannot be accepted."))
            }
            None => Some(Text::new(
                "申领单位尚未确认,确认后方可受理。",
                "The applicant has not confirmed yet; it can be accepted after that.",
            )),
        };
    }
    Ok(tasks)
}

/// What is in review and does not wait for experts. Those that do are passed over, part by part.
fn in_review(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let (mut tasks, mut after) = (Vec::new(), None);
    loop {
        let rows = Redemption::waiting(call.tx, RedemptionStatus::InReview, after, MOST)?;
        let next = review::next_tasks(call, &rows)?;
        for kind in [TaskKind::DrawPanel, TaskKind::ArrangeInquiry, TaskKind::ConcludeReview] {
            let asks = rows.iter().zip(&next).filter(|(_, next)| **next == Some(kind));
            let theirs: Vec<Redemption> = asks.map(|(row, _)| row.clone()).collect();
            tasks.extend(about(call, kind, &theirs)?);
        }
        after = rows.last().map(|row| row.id);
        // Three lists of which each shows so many at the most.
        if rows.len() < usize::from(MOST) || tasks.len() > usize::from(READ).saturating_mul(3) {
            return Ok(tasks);
        }
    }
}

/// The site visits and defences whose outcome is to be recorded, from the day on which they are held.
fn inquiries(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let rows = Inquiry::waiting(call.tx, READ)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.redemption_id).collect();
    let redemptions = Redemption::find_all(call.tx, &ids)?;
    let numbers = deadlines::numbers(call, redemptions.iter().map(|row| row.contract_id))?;
    let contracts: BTreeMap<Uuid, Uuid> = redemptions.iter().map(|row| (row.id, row.contract_id)).collect();
    let tasks = rows.iter().map(|row| {
        let number = contracts.get(&row.redemption_id).and_then(|contract_id| numbers.get(contract_id));
        Task {
            since: Some(row.created_at),
            opens_on: Some(row.scheduled_at.day()),
            ..Task::of(TaskKind::RecordInquiry, SubjectKind::Inquiry, row.id, number.cloned().unwrap_or_default())
        }
    });
    Ok(tasks.collect())
}

/// What is approved and not published; what an objection lowered is published again.
fn to_publish(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let rows = Redemption::waiting(call.tx, RedemptionStatus::Approved, None, READ)?;
    let mut tasks = about(call, TaskKind::PublishRedemption, &rows)?;
    tasks.extend(campaigns::to_publish(call)?);
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.subject_id).collect();
    let objected: BTreeSet<Uuid> = Objection::open_by_subject(call.tx, &ids)?.into_iter().collect();
    for task in tasks.iter_mut().filter(|task| objected.contains(&task.subject_id)) {
        task.note = Some(Text::new(
            "尚有异议未处理,处理后方可公示。",
            "An objection to it is open; it can be published once that is resolved.",
        ));
    }
    Ok(tasks)
}

/// The open objections, each by the thing it is about.
fn objections(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let rows = Objection::waiting(call.tx, READ)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.item_id).collect();
    let items: BTreeMap<Uuid, Uuid> =
        NoticeItem::find_all(call.tx, &ids)?.into_iter().map(|row| (row.id, row.subject_id)).collect();
    let subjects: Vec<Uuid> = items.values().copied().collect();
    let redemptions = Redemption::find_all(call.tx, &subjects)?;
    let numbers = deadlines::numbers(call, redemptions.iter().map(|row| row.contract_id))?;
    let payees = campaigns::payees(call, &subjects)?;
    let mut called = names(call, subjects.into_iter().chain(payees.iter().map(|(_, facility_id)| *facility_id)))?;
    for (submission_id, facility_id) in payees {
        let name = called.get(&facility_id).cloned().unwrap_or_default();
        called.insert(submission_id, name);
    }
    called.extend(redemptions.iter().filter_map(|row| Some((row.id, numbers.get(&row.contract_id)?.clone()))));
    let tasks = rows.iter().map(|row| {
        let name = items.get(&row.item_id).and_then(|subject_id| called.get(subject_id)).cloned();
        Task {
            since: Some(row.created_at),
            ..Task::of(TaskKind::ResolveObjection, SubjectKind::Objection, row.id, name.unwrap_or_default())
        }
    });
    Ok(tasks.collect())
}

/// What can be put into a batch, from the day on which its quarter is open.
fn payable(call: &mut Call<'_>) -> Outcome<Vec<Task>> {
    let rows = Redemption::waiting(call.tx, RedemptionStatus::Payable, None, READ)?;
    let mut tasks = about(call, TaskKind::PrepareDisbursement, &rows)?;
    let today = call.today();
    for (row, task) in rows.iter().zip(&mut tasks) {
        let opens_on = paying_day(&call.policy(&row.policy_id)?.voucher, today);
        task.opens_on = opens_on.filter(|day| *day > today);
    }
    let subsidies = campaigns::payable(call)?;
    let ids: Vec<Uuid> = subsidies.iter().map(|task| task.subject_id).collect();
    tasks.extend(subsidies);
    let payees = campaigns::payees(call, &ids)?.into_iter().map(|(id, facility_id)| (id, [facility_id; 2]));
    let parties = rows.iter().map(|row| (row.id, [row.applicant_id, row.facility_id])).chain(payees);
    let parties: Vec<(Uuid, [Uuid; 2])> = parties.collect();
    let suspended = disbursement::suspended_by_parties(call, parties.into_iter())?;
    for task in tasks.iter_mut().filter(|task| suspended.contains(&task.subject_id)) {
        task.note = Some(Text::new(
            "当事单位被暂停资金拨付,解除后方可列入拨付批次。",
            "Payments to a party are suspended; it can be put into a batch once that is lifted.",
        ));
    }
    Ok(tasks)
}

/// The violations whose party was heard or has let its time pass, and the sanctions that another officer
/// has proposed.
fn violations(call: &mut Call<'_>, officer_id: Uuid) -> Outcome<Vec<Task>> {
    let recorded = Violation::in_states(call.tx, [ViolationStatus::Recorded], None)?;
    let ids: Vec<Uuid> = recorded.iter().map(|row| row.id).collect();
    let heard: BTreeSet<Uuid> = Statement::heard_among(call.tx, &ids)?.into_iter().collect();
    let now = call.now;
    let ready = recorded.into_iter().filter(|row| heard.contains(&row.id) || row.statement_by.is_over(now));
    let ready: Vec<Violation> = ready.take(usize::from(READ)).collect();
    let proposed = Violation::in_states(call.tx, [ViolationStatus::Decided], None)?;
    let by_others = proposed.into_iter().filter(|row| row.decided_by != Some(officer_id));
    let by_others: Vec<Violation> = by_others.take(usize::from(READ)).collect();
    let names = names(call, ready.iter().chain(&by_others).map(|row| row.organization_id))?;
    let task = |kind, row: &Violation| Task {
        since: row.decided_at.or(Some(row.recorded_at)),
        ..Task::of(kind, SubjectKind::Violation, row.id, names.get(&row.organization_id).cloned().unwrap_or_default())
    };
    let ready = ready.iter().map(|row| task(TaskKind::DecideViolation, row));
    Ok(ready.chain(by_others.iter().map(|row| task(TaskKind::ApproveSanctions, row))).collect())
}

/// The batches that another officer has prepared, and those that wait for the bank's results.
fn batches(call: &mut Call<'_>, officer_id: Uuid) -> Outcome<Vec<Task>> {
    let task = |kind, row: Disbursement| Task {
        amount_fen: Some(row.total_fen),
        since: row.approved_at.or(Some(row.created_at)),
        ..Task::of(kind, SubjectKind::Disbursement, row.id, row.title)
    };
    let prepared = Disbursement::prepared_by_others(call.tx, officer_id, READ)?;
    let approved = Disbursement::waiting(call.tx, READ)?;
    let prepared = prepared.into_iter().map(|row| task(TaskKind::ApproveDisbursement, row));
    let approved = approved.into_iter().map(|row| task(TaskKind::RecordPayments, row));
    Ok(prepared.chain(approved).collect())
}

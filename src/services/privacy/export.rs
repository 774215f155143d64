//! Everything that is held about a person, for that person (个人信息保护法 第四十五条).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use voucher_domain::actor::Role;
use voucher_domain::event::EventAction;
use voucher_domain::period::Instant;
use voucher_domain::privacy::Disclosure;
use voucher_storage::applicant::Profile;
use voucher_storage::assessment::AssessmentReview;
use voucher_storage::event::Event;
use voucher_storage::facility::Facility;
use voucher_storage::file::File;
use voucher_storage::notification::Notification;
use voucher_storage::organization::Organization;
use voucher_storage::outbox::OutboxMail;
use voucher_storage::privacy::Correction;
use voucher_storage::reminder::DeadlineFeed;
use voucher_storage::review::Review;
use voucher_storage::token::RefreshToken;
use voucher_storage::user::User;
use voucher_storage::{Connection, Page as Rows, StorageError};

use super::CorrectionView;
use crate::services::applicant::{self, ProfileView};
use crate::services::assessment::AssessmentReviewView;
use crate::services::call::unauthenticated;
use crate::services::facility::{self, FacilityView};
use crate::services::file::FileView;
use crate::services::identity::{OrganizationView, UserView, record_act};
use crate::services::notification::NotificationView;
use crate::services::outbox::LetterView;
use crate::services::review::ReviewView;
use crate::services::{Call, Outcome};

/// So many rows are read at once.
const ROWS_AT_ONCE: u16 = 200;
/// So many rows of a kind are told at the most, the newest ones.
const MOST_ROWS: usize = 10_000;

/// What is held about a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataExport {
    /// When it was put together.
    pub exported_at: Instant,
    /// Whether it is everything: of each kind at the most the newest 10 000 are told.
    pub is_complete: bool,
    /// The account, with the telephone number, and with what is known of an expert.
    pub account: UserView,
    /// When the person logged in, as far as it is still kept.
    pub sign_ins: Vec<SignInView>,
    /// When the secret address of the calendar feed was made, where there is one.
    pub calendar_feed_since: Option<Instant>,
    /// The organization the person acts for.
    pub organization: Option<OrganizationView>,
    /// What it has stated as an applicant, the members of a team included.
    pub profile: Option<ProfileView>,
    /// What it has stated as a facility, the account included.
    pub facility: Option<FacilityView>,
    /// The organization's other people, as they are listed to each other.
    pub colleagues: Vec<UserView>,
    /// What the person has uploaded.
    pub files: Vec<FileView>,
    /// What the person has reviewed.
    pub reviews: Vec<ReviewView>,
    /// The submissions to the yearly assessment that the person has scored.
    pub assessment_reviews: Vec<AssessmentReviewView>,
    /// What the person was told.
    pub notifications: Vec<NotificationView>,
    /// The letters to the person: those that told the same, the reminders, and those with a link.
    pub letters: Vec<LetterView>,
    /// What the person wanted corrected.
    pub corrections: Vec<CorrectionView>,
    /// What happened to the account, and who was shown details of it.
    pub history: Vec<HistoryView>,
}

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInView {
    /// When the person logged in.
    pub since: Instant,
    /// Until when the login can go on at the most.
    pub until: Instant,
    /// When it was ended.
    pub ended_at: Option<Instant>,
}

/// Something that happened to an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// When.
    pub occurred_at: Instant,
    /// What.
    pub action: String,
    /// In which role somebody did it; nobody where the program did.
    pub by_role: Option<Role>,
    /// Whether the person did it.
    pub by_oneself: bool,
}

/// The newest rows of a kind, and whether these are all.
struct Newest<T>(Vec<T>, bool);

fn newest<T>(
    tx: &mut Connection,
    page: impl Fn(&mut Connection, Option<Uuid>) -> Result<Rows<T>, StorageError>,
) -> Result<Newest<T>, StorageError> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let Rows { items, next } = page(tx, before)?;
        all.extend(items);
        match next {
            None => return Ok(Newest(all, true)),
            Some(_) if all.len() >= MOST_ROWS => return Ok(Newest(all, false)),
            Some(last) => before = Some(last),
        }
    }
}

/// Everything that is held about the caller. That it was taken along is recorded.
///
/// # Errors
/// `unauthenticated`.
pub fn export(call: &mut Call<'_>) -> Outcome<DataExport> {
    let user_id = call.actor()?.user_id;
    let user = User::find(call.tx, user_id)?.ok_or_else(unauthenticated)?;
    record_act(call, EventAction::DataExported, &user)?;
    let limit = ROWS_AT_ONCE;
    let Newest(files, all_files) = newest(call.tx, |tx, before| File::of_uploader(tx, user_id, before, limit))?;
    let Newest(reviews, all_reviews) = newest(call.tx, |tx, before| Review::list(tx, user_id, None, before, limit))?;
    let Newest(scored, all_scored) =
        newest(call.tx, |tx, before| AssessmentReview::list(tx, user_id, None, before, limit))?;
    let Newest(letters, all_letters) = newest(call.tx, |tx, before| OutboxMail::of_user(tx, user_id, before, limit))?;
    let Newest(told, all_told) =
        newest(call.tx, |tx, before| Notification::of_user(tx, user_id, false, before, limit))?;
    let Newest(wanted, all_wanted) =
        newest(call.tx, |tx, before| Correction::list(tx, Some(user_id), None, before, limit))?;
    let Newest(events, all_events) =
        newest(call.tx, |tx, before| Event::of_subject(tx, "user", user_id, before, limit))?;
    let (colleagues, all_colleagues) = colleagues(call, &user)?;
    let all = [all_files, all_reviews, all_scored, all_letters, all_told, all_wanted, all_events, all_colleagues];
    Ok(DataExport {
        exported_at: call.now,
        is_complete: all.into_iter().all(|is_all| is_all),
        sign_ins: sign_ins(call, user_id)?,
        calendar_feed_since: DeadlineFeed::of_user(call.tx, user_id)?.map(|feed| feed.created_at),
        organization: organization(call, &user)?.map(OrganizationView::from),
        profile: profile(call, &user)?,
        facility: stated_facility(call, &user)?,
        colleagues,
        files: files.into_iter().map(FileView::from).collect(),
        reviews: reviews.into_iter().map(ReviewView::from).collect(),
        assessment_reviews: scored.into_iter().map(AssessmentReviewView::from).collect(),
        notifications: told.into_iter().map(|row| NotificationView::of(call.program, row)).collect::<Outcome<_>>()?,
        letters: letters.into_iter().map(LetterView::from).collect(),
        corrections: wanted
            .into_iter()
            .map(|row| CorrectionView::of(call, row, Disclosure::Whole))
            .collect::<Outcome<_>>()?,
        history: events.into_iter().map(|event| history(event, user_id)).collect(),
        account: UserView::disclosed(call, user, Disclosure::Whole)?,
    })
}

/// The logins, each by its first token; housekeeping removes the old ones.
fn sign_ins(call: &mut Call<'_>, user_id: Uuid) -> Outcome<Vec<SignInView>> {
    let mut families: Vec<(Uuid, SignInView)> = Vec::new();
    for token in RefreshToken::of_user(call.tx, user_id)? {
        match families.iter_mut().find(|(family, _)| *family == token.family_id) {
            Some((_, login)) => {
                login.until = token.expires_at;
                login.ended_at = token.revoked_at;
            }
            None => families.push((
                token.family_id,
                SignInView { since: token.created_at, until: token.expires_at, ended_at: token.revoked_at },
            )),
        }
    }
    Ok(families.into_iter().rev().map(|(_, login)| login).collect())
}

fn organization(call: &mut Call<'_>, user: &User) -> Outcome<Option<Organization>> {
    match user.organization_id {
        Some(id) => Ok(Organization::find(call.tx, id)?),
        None => Ok(None),
    }
}

fn profile(call: &mut Call<'_>, user: &User) -> Outcome<Option<ProfileView>> {
    let Some(id) = user.organization_id else { return Ok(None) };
    let row = Profile::find(call.tx, id)?;
    row.map(|row| applicant::view(call, row)).transpose()
}

fn stated_facility(call: &mut Call<'_>, user: &User) -> Outcome<Option<FacilityView>> {
    let Some(id) = user.organization_id else { return Ok(None) };
    match Facility::find(call.tx, id)? {
        Some(row) => facility::whole_view(call, row).map(Some),
        None => Ok(None),
    }
}

fn colleagues(call: &mut Call<'_>, user: &User) -> Outcome<(Vec<UserView>, bool)> {
    let Some(id) = user.organization_id else { return Ok((Vec::new(), true)) };
    let Newest(people, all) = newest(call.tx, |tx, before| User::of_organization(tx, id, before, ROWS_AT_ONCE))?;
    let others = people.into_iter().filter(|other| other.id != user.id);
    Ok((others.map(|other| UserView::load(call, other)).collect::<Outcome<_>>()?, all))
}

fn history(event: Event, user_id: Uuid) -> HistoryView {
    HistoryView {
        occurred_at: event.occurred_at,
        action: event.action,
        by_role: event.actor_role,
        by_oneself: event.actor_user_id == Some(user_id),
    }
}

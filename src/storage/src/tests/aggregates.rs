//! The rows of the first tables, and what every aggregate can do.

use serde_json::json;
use uuid::Uuid;
use voucher_domain::actor::{OrganizationKind, Role};
use voucher_domain::code::Code;
use voucher_domain::event::SubjectKind;
use voucher_domain::notification::{Facts, LetterState, NotificationKind};
use voucher_domain::text::Language;

use super::{instant, organization, user};
use crate::StorageError;
use crate::event::Event;
use crate::idempotency::IdempotencyKey;
use crate::organization::Organization;
use crate::outbox::OutboxMail;
use crate::testing::both;
use crate::token::{AccountToken, RefreshToken, TokenPurpose};
use crate::user::User;

#[test]
fn every_role_and_kind_is_accepted_by_the_tables() {
    for store in both() {
        store
            .write(|tx| -> Result<(), StorageError> {
                for kind in OrganizationKind::ALL {
                    let row = Organization { kind: *kind, ..organization(None) };
                    assert_eq!(Organization::insert(tx, &row)?, row);
                }
                for role in Role::ALL {
                    let email = format!("{role}@example.org");
                    let row = User { language: Language::English, ..user(&email, *role, None) };
                    assert_eq!(User::insert(tx, &row)?, row);
                    assert_eq!(User::find_by_email(tx, &email.to_uppercase())?, Some(row));
                }
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn a_second_of_the_same_is_refused_by_the_same_name_on_both() {
    for store in both() {
        let first = organization(Some("91110108MA00000000"));
        let person = user("a@example.org", Role::Officer, None);
        store
            .write(|tx| -> Result<(), StorageError> {
                Organization::insert(tx, &first)?;
                User::insert(tx, &person)?;
                Ok(())
            })
            .unwrap();
        let again = |row: Organization| store.write(|tx| Organization::insert(tx, &row)).unwrap_err();
        assert!(again(organization(Some("91110108MA00000000"))).is_unique("organizations_uscc"));
        assert!(again(Organization { uscc: None, ..first.clone() }).is_unique("organizations_id"));
        let email = store.write(|tx| User::insert(tx, &user("a@example.org", Role::Admin, None))).unwrap_err();
        assert!(email.is_unique("users_email"), "{email}");
        assert!(!store.write(|tx| Organization::insert_or_ignore(tx, &first)).unwrap());
        assert!(store.write(|tx| Organization::insert_or_ignore(tx, &organization(None))).unwrap());
    }
}

#[test]
fn a_user_of_no_known_organization_is_refused() {
    for store in both() {
        let stray = user("a@example.org", Role::Applicant, Some(Uuid::now_v7()));
        let refused = store.write(|tx| User::insert(tx, &stray)).unwrap_err();
        assert!(matches!(refused, StorageError::ForeignKey), "{refused}");
    }
}

#[test]
fn a_stale_or_absent_row_is_not_saved() {
    for store in both() {
        let old = store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
        let renamed = Organization { name: "新名".to_owned(), ..old.clone() };
        let saved = store.write(|tx| Organization::save(tx, &renamed)).unwrap();
        assert_eq!(saved, Organization { version: 2, ..renamed });
        let stale = store.write(|tx| Organization::save(tx, &old)).unwrap_err();
        assert!(matches!(stale, StorageError::Stale), "{stale}");
        let absent = store.write(|tx| Organization::save(tx, &organization(None))).unwrap_err();
        assert!(matches!(absent, StorageError::Stale), "{absent}");
        assert_eq!(store.read(|tx| Organization::find(tx, old.id)).unwrap(), Some(saved));
    }
}

#[test]
fn rows_are_found_and_locked_in_the_order_of_their_ids() {
    for store in both() {
        let mut rows: Vec<_> = (0..3).map(|_| organization(None)).collect();
        store.write(|tx| Organization::insert_all(tx, &rows)).unwrap();
        let ids = [rows[2].id, Uuid::now_v7(), rows[0].id, rows[1].id];
        rows.sort_by_key(|row| row.id);
        assert_eq!(store.write(|tx| Organization::lock_all(tx, &ids)).unwrap(), rows);
        assert_eq!(store.read(|tx| Organization::find_all(tx, &ids)).unwrap(), rows);
        assert_eq!(store.write(|tx| Organization::lock(tx, rows[1].id)).unwrap().as_ref(), Some(&rows[1]));
        assert_eq!(store.write(|tx| Organization::lock(tx, Uuid::now_v7())).unwrap(), None);
    }
}

#[test]
fn pages_run_from_the_newest_to_the_oldest_without_gap_or_repeat() {
    for store in both() {
        let home = store.write(|tx| Organization::insert(tx, &organization(None))).unwrap();
        let people: Vec<User> =
            (0..5).map(|n| user(&format!("{n}@example.org"), Role::Applicant, Some(home.id))).collect();
        let stranger = user("x@example.org", Role::Applicant, None);
        store
            .write(|tx| -> Result<(), StorageError> {
                User::insert_all(tx, &people)?;
                User::insert(tx, &stranger)?;
                Ok(())
            })
            .unwrap();
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = store.read(|tx| User::of_organization(tx, home.id, before, 2)).unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        let mut expected = people;
        expected.sort_by_key(|person| std::cmp::Reverse(person.id));
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_mailed_token_works_once_for_its_purpose_and_in_time() {
    for store in both() {
        let now = instant("2026-10-08T00:00:00Z");
        let person = user("a@example.org", Role::Officer, None);
        let token = AccountToken {
            token_hash: "h".to_owned(),
            user_id: person.id,
            purpose: TokenPurpose::VerifyEmail,
            expires_at: instant("2026-10-08T00:00:00.000001Z"),
            used_at: None,
        };
        let take = |purpose, now| store.write(|tx| AccountToken::take(tx, "h", purpose, now)).unwrap();
        store.write(|tx| User::insert(tx, &person)).unwrap();
        store.write(|tx| AccountToken::insert(tx, &token)).unwrap();
        assert_eq!(take(TokenPurpose::ResetPassword, now), None);
        assert_eq!(take(TokenPurpose::VerifyEmail, token.expires_at), None);
        assert_eq!(take(TokenPurpose::VerifyEmail, now), Some(AccountToken { used_at: Some(now), ..token.clone() }));
        assert_eq!(take(TokenPurpose::VerifyEmail, now), None);
        assert_eq!(store.write(|tx| AccountToken::remove_expired(tx, now)).unwrap(), 0);
        let later = instant("2026-10-09T00:00:00Z");
        assert_eq!(store.write(|tx| AccountToken::remove_expired(tx, later)).unwrap(), 1);
    }
}

#[test]
fn a_refresh_token_is_spent_once_and_dies_with_its_family() {
    for store in both() {
        let now = instant("2026-10-08T00:00:00Z");
        let person = user("a@example.org", Role::Officer, None);
        let family_id = Uuid::now_v7();
        let token = |hash: &str, family_id| RefreshToken {
            token_hash: hash.to_owned(),
            family_id,
            user_id: person.id,
            created_at: now,
            expires_at: instant("2026-11-08T00:00:00Z"),
            spent_at: None,
            revoked_at: None,
        };
        store
            .write(|tx| -> Result<(), StorageError> {
                User::insert(tx, &person)?;
                let others = Uuid::now_v7();
                RefreshToken::insert_all(tx, &[token("a", family_id), token("b", family_id), token("c", others)])?;
                assert!(RefreshToken::spend(tx, "a", now)?);
                assert!(!RefreshToken::spend(tx, "a", now)?);
                RefreshToken::revoke_family(tx, family_id, now)?;
                assert!(!RefreshToken::spend(tx, "b", now)?);
                let spent = RefreshToken { spent_at: Some(now), revoked_at: Some(now), ..token("a", family_id) };
                assert_eq!(RefreshToken::lock(tx, "a")?, Some(spent));
                RefreshToken::revoke_user(tx, person.id, now)?;
                assert!(!RefreshToken::spend(tx, "c", now)?);
                assert_eq!(RefreshToken::remove_expired(tx, instant("2026-12-08T00:00:00Z"))?, 3);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn an_answer_is_kept_under_its_key_once() {
    for store in both() {
        let answer = IdempotencyKey {
            scope: "user/claims".to_owned(),
            key: "k".to_owned(),
            request_hash: "h".to_owned(),
            status: 201,
            body: json!({"id": 1}).to_string(),
            created_at: instant("2026-10-08T00:00:00Z"),
        };
        let other = IdempotencyKey { body: String::new(), ..answer.clone() };
        assert!(store.write(|tx| IdempotencyKey::keep(tx, &answer)).unwrap());
        assert!(!store.write(|tx| IdempotencyKey::keep(tx, &other)).unwrap());
        let found = |scope| store.read(|tx| IdempotencyKey::find(tx, scope, "k")).unwrap();
        assert_eq!(found("user/claims"), Some(answer.clone()));
        assert_eq!(found("user/contracts"), None);
        assert!(
            store.write(|tx| IdempotencyKey::insert(tx, &other)).unwrap_err().is_unique("idempotency_keys_scope_key")
        );
    }
}

#[test]
fn many_keys_are_found_by_their_pairs_and_no_others() {
    for store in both() {
        let answer = |scope: &str, key: &str| IdempotencyKey {
            scope: scope.to_owned(),
            key: key.to_owned(),
            request_hash: "h".to_owned(),
            status: 201,
            body: json!({ "of": [scope, key] }).to_string(),
            created_at: instant("2026-10-08T00:00:00Z"),
        };
        let rows = [answer("a", "1"), answer("a", "2"), answer("b", "1"), answer("b", "2")];
        store.write(|tx| IdempotencyKey::insert_all(tx, &rows)).unwrap();
        let find = |pairs: &[(&str, &str)]| {
            let mut found = store.read(|tx| IdempotencyKey::find_many(tx, pairs)).unwrap();
            found.sort_by(|one, other| (&one.scope, &one.key).cmp(&(&other.scope, &other.key)));
            found
        };
        assert_eq!(find(&[]), []);
        assert_eq!(find(&[("b", "1"), ("a", "2"), ("c", "1"), ("a", "2")]), [answer("a", "2"), answer("b", "1")]);
        let texts: Vec<String> = (0..600).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = texts.iter().map(|text| ("a", text.as_str())).collect();
        assert_eq!(find(&many), [answer("a", "1"), answer("a", "2")]);
        // One that is taken refuses all of them, by the name it has alone.
        let refused = store.write(|tx| IdempotencyKey::insert_all(tx, &[answer("c", "1"), answer("a", "1")]));
        assert!(refused.unwrap_err().is_unique("idempotency_keys_scope_key"));
        assert_eq!(find(&[("c", "1")]), []);
    }
}

#[test]
fn events_of_one_thing_are_read_newest_first() {
    for store in both() {
        let subject_id = Uuid::now_v7();
        let event = |kind: &str, subject_id| Event {
            id: Uuid::now_v7(),
            occurred_at: instant("2026-10-08T00:00:00Z"),
            actor_user_id: None,
            actor_role: Some(Role::Auditor),
            action: "voucher.claimed".to_owned(),
            subject_kind: kind.to_owned(),
            subject_id,
            organization_id: Some(Uuid::now_v7()),
            cycle_id: None,
            before: None,
            after: Some(json!({"status": "claimed", "amount_fen": 5_000_000}).to_string()),
            request_id: Uuid::now_v7(),
        };
        let (first, second) = (event("voucher", subject_id), event("voucher", subject_id));
        let rows = [first.clone(), second.clone(), event("cycle", subject_id), event("voucher", Uuid::now_v7())];
        store.write(|tx| Event::insert_all(tx, &rows)).unwrap();
        let page = store.read(|tx| Event::of_subject(tx, "voucher", subject_id, None, 10)).unwrap();
        assert_eq!(page.items, [second, first]);
    }
}

#[test]
fn a_due_mail_is_taken_by_one_worker_and_again_when_that_one_died() {
    for store in both() {
        let now = instant("2026-10-08T00:00:00Z");
        let again_at = instant("2026-10-08T00:05:00Z");
        let mail = OutboxMail {
            id: Uuid::now_v7(),
            user_id: None,
            recipient: "a@example.org".to_owned(),
            name: "张三".to_owned(),
            language: Language::Chinese,
            kind: NotificationKind::VoucherClaimed,
            facts: NotificationKind::VoucherClaimed.sample(),
            subject_kind: Some(SubjectKind::Voucher),
            subject_id: Some(Uuid::now_v7()),
            state: LetterState::Waiting,
            created_at: now,
            attempts: 0,
            next_attempt_at: now,
            settled_at: None,
            last_error: None,
        };
        let early = OutboxMail { id: Uuid::now_v7(), next_attempt_at: again_at, ..mail.clone() };
        let take = |now| store.write(|tx| OutboxMail::take_due(tx, now, again_at, 10)).unwrap();
        store.write(|tx| OutboxMail::insert_all(tx, &[mail.clone(), early.clone()])).unwrap();
        let taken = OutboxMail { attempts: 1, next_attempt_at: again_at, ..mail.clone() };
        assert_eq!(take(now), std::slice::from_ref(&taken));
        assert_eq!(store.read(|tx| OutboxMail::find(tx, mail.id)).unwrap(), Some(taken));
        assert_eq!(take(now), []);
        store.write(|tx| OutboxMail::mark_failed(tx, mail.id, "refused", again_at)).unwrap();
        assert_eq!(take(again_at).iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2, 1]);
        store.write(|tx| OutboxMail::mark_sent(tx, mail.id, again_at)).unwrap();
        assert_eq!(take(again_at).iter().map(|mail| mail.id).collect::<Vec<_>>(), [early.id]);
        let find = |id| store.read(|tx| OutboxMail::find(tx, id)).unwrap().unwrap();
        let sent = find(mail.id);
        assert_eq!((sent.state, sent.facts, sent.settled_at), (LetterState::Sent, Facts::default(), Some(again_at)));
        store.write(|tx| OutboxMail::put_back(tx, &[early.id, mail.id], again_at)).unwrap();
        assert_eq!((find(early.id).attempts, find(mail.id).attempts), (1, 2));
        store.write(|tx| OutboxMail::park(tx, early.id, "no such mailbox", again_at)).unwrap();
        assert_eq!(take(again_at), []);
        let parked = store.read(|tx| OutboxMail::list(tx, Some(LetterState::Parked), None, 10)).unwrap().items;
        assert_eq!(parked.iter().map(|mail| mail.id).collect::<Vec<_>>(), [early.id]);
        let unpark = |id| store.write(|tx| OutboxMail::unpark(tx, id, again_at)).unwrap();
        assert_eq!([unpark(early.id), unpark(early.id), unpark(mail.id)], [true, false, false]);
        assert_eq!(take(again_at).iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [1]);
    }
}

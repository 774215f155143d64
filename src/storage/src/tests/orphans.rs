//! What refers to nothing: refused by SQLite, found on PostgreSQL.

use diesel::connection::SimpleConnection;

use crate::orphan::{self, Orphan};
use crate::testing::both;
use crate::{Connection, StorageError};

const ID: &str = "01a20000-0000-7000-8000-000000000001";
const GONE: &str = "01a20000-0000-7000-8000-000000000002";

#[test]
fn nothing_refers_to_nothing_in_an_empty_store() {
    for store in both() {
        assert_eq!(store.read(orphan::first).unwrap(), None);
    }
}

#[test]
fn a_row_without_what_it_refers_to_is_refused_or_found() {
    let entry = format!(
        "INSERT INTO ledger_entries (id, cycle_id, cycle_version, from_account, to_account, amount_fen, cause,
             subject_id, occurred_at, request_id)
         VALUES ('{ID}', '{GONE}', 1, 'available', 'held', 1, 'claim', '{GONE}', '2026-10-08 01:02:03Z', '{GONE}')"
    );
    let judgement = format!(
        "INSERT INTO judgements (id, applicant_id, policy_id, judged_on, profile, findings)
         VALUES ('{ID}', '{GONE}', 'p', '2026-10-08', '{{}}', '[]')"
    );
    for (insert, table, refers_to) in [(entry, "ledger_entries", "cycles"), (judgement, "judgements", "organizations")]
    {
        for store in both() {
            let inserted = store.write(|tx| -> Result<bool, StorageError> {
                tx.batch_execute(&insert)?;
                Ok(matches!(tx, Connection::Postgresql(_)))
            });
            match inserted {
                Ok(is_postgresql) => {
                    assert!(is_postgresql, "SQLite looks for what {table} refers to");
                    let found = store.read(orphan::first).unwrap();
                    assert_eq!(found, Some(Orphan { table, id: ID.parse().unwrap(), refers_to }));
                }
                Err(error) => assert!(matches!(error, StorageError::ForeignKey), "{error}"),
            }
        }
    }
}

//! The migrations: there, back and there again, and the same tables on both databases. What begins with
//! two underscores is one database's own.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

use crate::testing::{TestStore, both, empty_postgres, empty_sqlite, postgres, sqlite};
use crate::{StorageError, Store};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(store: &Store, query: &str) -> BTreeSet<String> {
    let lines: Vec<Line> =
        store.read(|tx| -> Result<Vec<Line>, StorageError> { Ok(diesel::sql_query(query).load(tx)?) }).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

const SQLITE_SCHEMA: &str =
    "SELECT coalesce(sql, name) AS line FROM sqlite_master WHERE tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\'";
// Columns by their order: one that was dropped leaves a gap in their numbers.
const POSTGRESQL_SCHEMA: &str = "
    SELECT concat_ws(' ', table_name, row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position),
                     column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass::text, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%'
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass::text, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace";

fn empty_with_schema_query() -> [(TestStore, &'static str); 2] {
    [(empty_sqlite(), SQLITE_SCHEMA), (empty_postgres(), POSTGRESQL_SCHEMA)]
}

#[test]
fn up_down_and_up_again_is_the_same_schema() {
    for (store, query) in empty_with_schema_query() {
        let up = store.migrate().unwrap();
        let first = lines(&store, query);
        assert!(first.iter().any(|line| line.contains("organizations")), "{first:?}");
        let down = store.revert_all().unwrap();
        assert_eq!(down.len(), up.len());
        assert_eq!(lines(&store, query), BTreeSet::new());
        assert_eq!(store.migrate().unwrap(), up);
        assert_eq!(lines(&store, query), first);
    }
}

#[test]
fn an_empty_an_older_and_a_current_schema_come_up_to_date() {
    for (store, query) in empty_with_schema_query() {
        let all = store.pending().unwrap();
        assert!(all.contains(&"2026-11-21-000001_identity".to_owned()), "{all:?}");
        assert_eq!(store.migrate().unwrap(), all);
        let current = lines(&store, query);
        assert_eq!(store.pending().unwrap(), [""; 0]);
        assert_eq!(store.migrate().unwrap(), [""; 0]);
        assert_eq!(store.revert(1).unwrap(), [all.last().unwrap().clone()]);
        assert_eq!(store.pending().unwrap(), [all.last().unwrap().clone()]);
        assert_eq!(store.migrate().unwrap(), [all.last().unwrap().clone()]);
        assert_eq!(lines(&store, query), current);
    }
}

#[test]
fn a_schema_newer_than_the_program_is_refused_and_named() {
    for store in both() {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        store.write(|tx| -> Result<(), StorageError> { Ok(tx.batch_execute(newer)?) }).unwrap();
        for refused in [store.migrate(), store.pending(), store.revert_all()] {
            let error = refused.unwrap_err();
            assert!(matches!(&error, StorageError::NewerSchema { version } if version == "99991231000000"), "{error}");
            assert!(error.to_string().contains("newer than this program"));
        }
    }
}

#[test]
fn a_template_store_is_up_to_date() {
    for store in both() {
        assert_eq!(store.pending().unwrap(), [""; 0]);
    }
}

#[test]
fn both_databases_have_the_same_tables_columns_and_types() {
    let on_sqlite = lines(
        &sqlite(),
        "SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c.\"notnull\" THEN ' NOT NULL' ELSE '' END AS line
         FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    );
    let on_postgresql = lines(
        &postgres(),
        "SELECT table_name || '.' || column_name || CASE data_type
             WHEN 'uuid' THEN ' TEXT' WHEN 'text' THEN ' TEXT' WHEN 'jsonb' THEN ' TEXT' WHEN 'date' THEN ' TEXT'
             WHEN 'timestamp with time zone' THEN ' TEXT' WHEN 'bigint' THEN ' INTEGER' WHEN 'integer' THEN ' INTEGER'
             WHEN 'boolean' THEN ' INTEGER' ELSE ' ' || data_type END
             || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS line
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'
             AND column_name NOT LIKE '\\_\\_%'",
    );
    assert_eq!(on_sqlite, on_postgresql);
}

#[test]
fn unique_constraints_are_the_same_and_named_after_table_and_columns() {
    // What SQLite's messages will say, made into names as `error.rs` does; an index on an expression is named
    // outright.
    let on_sqlite = lines(
        &sqlite(),
        "SELECT coalesce(m.name || '_' || (SELECT group_concat(i.name, '_') FROM pragma_index_info(l.name) i), l.name) AS line
         FROM sqlite_master m, pragma_index_list(m.name) l
         WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND l.\"unique\"",
    );
    let on_postgresql = lines(
        &postgres(),
        "SELECT i.indexrelid::regclass::text AS line FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
         WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE '\\_\\_%'
             AND i.indexrelid::regclass::text NOT LIKE '\\_\\_%'",
    );
    assert!(on_postgresql.contains("organizations_uscc"));
    assert_eq!(on_sqlite, on_postgresql);
}

#[test]
fn indexes_and_foreign_keys_are_the_same() {
    let on_sqlite = lines(
        &sqlite(),
        "SELECT name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
         UNION ALL SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\"
         FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    );
    let on_postgresql = lines(
        &postgres(),
        "SELECT indexname AS line FROM pg_indexes i WHERE schemaname = 'public'
             AND indexname NOT LIKE '\\_\\_%' AND NOT EXISTS
             (SELECT FROM pg_constraint c WHERE c.conname = i.indexname AND c.contype IN ('p', 'u'))
         UNION ALL SELECT c.conrelid::regclass || '.' || a.attname || ' -> ' || c.confrelid::regclass
         FROM pg_constraint c CROSS JOIN unnest(c.conkey) k JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k
         WHERE c.contype = 'f'",
    );
    assert!(on_postgresql.contains("users.organization_id -> organizations"));
    // PostgreSQL would pay for these at each claim of a rush; `orphan::first` looks for what they would refuse.
    let left_to_sqlite = [
        "judgements.applicant_id -> organizations",
        "ledger_entries.cycle_id -> cycles",
        "vouchers.applicant_id -> organizations",
        "vouchers.cycle_id -> cycles",
    ];
    assert!(left_to_sqlite.iter().all(|line| on_sqlite.contains(*line) && !on_postgresql.contains(*line)));
    let on_both: BTreeSet<String> =
        on_sqlite.into_iter().filter(|line| !left_to_sqlite.contains(&line.as_str())).collect();
    assert_eq!(on_both, on_postgresql);
}

//! Throw-away stores for tests: empty, migrated, gone when the test ends.
//!
//! ```text
//! for store in voucher_storage::testing::both() {
//!     store.write(|tx| Organization::insert(tx, &row))?;
//! }
//! ```
//!
//! PostgreSQL comes from the environment variable `VOUCHER_TEST_POSTGRES`: the URL of a server on which
//! databases may be created. Without it the test fails, rather than pass unseen. Migrations run once:
//! on PostgreSQL into a template database that is named after them and stays, on SQLite into a file
//! that is copied.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot have its store has failed")]

use std::env;
use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection as _, PgConnection, QueryResult, QueryableByName, RunQueryDsl, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::StorageError;
use crate::backend::Connection;
use crate::connection::{DatabaseKind, Store, StoreOptions};

const VARIABLE: &str = "VOUCHER_TEST_POSTGRES";

/// A store of one test's own; see [`Store`] for what can be done with it.
#[derive(Debug)]
pub struct TestStore {
    // Declared first: connections close before their database goes.
    store: Store,
    url: String,
    _home: Home,
}

impl TestStore {
    /// The URL of the database, to open it once more.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Changes the store behind the program's back, as somebody who has the database could: without the
/// triggers that keep its entries.
pub fn tamper(store: &Store, statements: &str) {
    let done = store.write(|tx| match tx {
        Connection::Postgresql(postgresql) => {
            postgresql.batch_execute(&format!("SET LOCAL session_replication_role = replica; {statements}"))?;
            Ok::<(), StorageError>(())
        }
        Connection::Sqlite(sqlite) => Ok(without_keepers(sqlite, statements)?),
    });
    done.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// A trigger as SQLite keeps it.
#[derive(QueryableByName)]
struct Keeper {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

fn without_keepers(sqlite: &mut SqliteConnection, statements: &str) -> QueryResult<()> {
    const KEEPERS: &str = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_kept_from_%'";
    let keepers: Vec<Keeper> = diesel::sql_query(KEEPERS).load(sqlite)?;
    for keeper in &keepers {
        sqlite.batch_execute(&format!("DROP TRIGGER {}", keeper.name))?;
    }
    sqlite.batch_execute(statements)?;
    keepers.iter().try_for_each(|keeper| sqlite.batch_execute(&keeper.sql))
}

/// The same change in the open: what the store says to it.
///
/// # Errors
/// The store's refusal.
pub fn change(store: &Store, statements: &str) -> Result<(), StorageError> {
    store.write(|tx| -> Result<(), StorageError> { Ok(tx.batch_execute(statements)?) })
}

/// Everything that is stored, a line for each row: what somebody reads who has the database.
///
/// # Panics
/// When it cannot be read.
pub fn everything(store: &Store) -> Vec<String> {
    let read = store.read(|tx| -> Result<Vec<String>, StorageError> {
        let tables = match store.kind() {
            DatabaseKind::Sqlite => "SELECT name AS line FROM sqlite_master WHERE type = 'table'",
            DatabaseKind::Postgresql => {
                "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public'"
            }
        };
        let mut all = Vec::new();
        for table in lines(tx, tables)? {
            let rows = match store.kind() {
                DatabaseKind::Sqlite => {
                    let columns =
                        format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}')");
                    let columns = lines(tx, &columns)?.join(" || ' ' || ");
                    format!("SELECT {columns} AS line FROM \"{table}\"")
                }
                DatabaseKind::Postgresql => format!("SELECT t::text AS line FROM \"{table}\" t"),
            };
            all.extend(lines(tx, &rows)?.into_iter().map(|row| format!("{table}: {row}")));
        }
        Ok(all)
    });
    read.unwrap_or_else(|error| panic!("the store cannot be read: {error}"))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(tx: &mut Connection, query: &str) -> Result<Vec<String>, StorageError> {
    let lines: Vec<Line> = diesel::sql_query(query).load(tx)?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}

/// What is removed when the test ends.
#[derive(Debug)]
enum Home {
    Directory { _directory: TempDir },
    Database { server: String, name: String },
}

impl Drop for Home {
    fn drop(&mut self) {
        match self {
            // The directory removes itself.
            Self::Directory { .. } => {}
            Self::Database { server, name } => {
                let dropped = PgConnection::establish(server)
                    .map_err(|error| error.to_string())
                    .and_then(|mut server| execute(&mut server, &format!("DROP DATABASE {name} WITH (FORCE)")));
                if let Err(error) = dropped {
                    // Not a panic: the test may be unwinding from one.
                    tracing::warn!(name, error, "a test's database stays behind");
                }
            }
        }
    }
}

/// One store of each kind.
///
/// # Panics
/// When a store cannot be made.
pub fn both() -> [TestStore; 2] {
    [sqlite(), postgres()]
}

/// An empty, migrated SQLite store.
///
/// # Panics
/// When it cannot be made.
pub fn sqlite() -> TestStore {
    empty_sqlite_at(|path| {
        fs::write(path, sqlite_template()).expect("the file can be written");
    })
}

/// A SQLite store without any tables.
///
/// # Panics
/// When it cannot be made.
pub fn empty_sqlite() -> TestStore {
    empty_sqlite_at(|_| {})
}

/// An empty, migrated PostgreSQL store.
///
/// # Panics
/// When it cannot be made, or `VOUCHER_TEST_POSTGRES` is not set.
pub fn postgres() -> TestStore {
    postgres_from(postgres_template())
}

/// A store of its own with all that is in another one, whose connections may be cut off by this.
///
/// # Panics
/// When it cannot be made.
pub fn copy_of(other: &TestStore) -> TestStore {
    match &other._home {
        Home::Directory { .. } => {
            let bytes = sqlite_bytes(other);
            empty_sqlite_at(|path| fs::write(path, bytes).expect("the file can be written"))
        }
        Home::Database { server, name } => {
            let cut_off = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            execute(&mut connect(server), &cut_off).expect("its connections can be cut off");
            postgres_from(name)
        }
    }
}

fn sqlite_bytes(store: &TestStore) -> Vec<u8> {
    let mut writer = store.writer().expect("nobody else writes");
    writer.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("nobody else reads");
    fs::read(store.url().trim_start_matches("sqlite://")).expect("the file is there")
}

/// A PostgreSQL store without any tables.
///
/// # Panics
/// When it cannot be made, or `VOUCHER_TEST_POSTGRES` is not set.
pub fn empty_postgres() -> TestStore {
    postgres_from("template0")
}

fn options(url: &str) -> StoreOptions {
    StoreOptions { url: url.to_owned(), connections: 4, wait: Duration::from_secs(10) }
}

/// In memory where the system has such a directory: every commit is synced.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    directory.expect("a temporary directory can be made")
}

fn empty_sqlite_at(prepare: impl FnOnce(&Path)) -> TestStore {
    let directory = directory();
    let path = directory.path().join("voucher.db");
    prepare(&path);
    let url = format!("sqlite://{}", path.display());
    let store = Store::open_with(&options(&url)).expect("a SQLite file can be opened");
    TestStore { store, url, _home: Home::Directory { _directory: directory } }
}

/// The bytes of a migrated file, from which the others are made.
fn sqlite_template() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let store = empty_sqlite();
        store.migrate().expect("the migrations run");
        sqlite_bytes(&store)
    })
}

fn postgres_from(template: &str) -> TestStore {
    let server = server();
    let name = format!("voucher_test_{}", Uuid::now_v7().simple());
    create_database(&mut connect(&server), &name, template);
    let url = with_database(&server, &name);
    let home = Home::Database { server, name };
    let store = Store::open_with(&options(&url)).expect("the new database can be opened");
    TestStore { store, url, _home: home }
}

/// The database that migrated stores are copied from, made when this set of migrations first runs.
fn postgres_template() -> &'static str {
    static NAME: OnceLock<&str> = OnceLock::new();
    NAME.get_or_init(|| {
        let url = server();
        let mut server = connect(&url);
        let name = concat!("voucher_template_", env!("VOUCHER_MIGRATIONS_FINGERPRINT"));
        // One process makes it, the others wait.
        execute(&mut server, "SELECT pg_advisory_lock(7311202317)").expect("the lock is free at last");
        if !database_exists(&mut server, name) {
            let unfinished = format!("voucher_unfinished_{}", Uuid::now_v7().simple());
            create_database(&mut server, &unfinished, "template0");
            {
                let store = Store::open_with(&options(&with_database(&url, &unfinished))).expect("it opens");
                store.migrate().expect("the migrations run");
            }
            execute(&mut server, &format!("ALTER DATABASE {unfinished} RENAME TO {name}")).expect("nobody is in it");
        }
        execute(&mut server, "SELECT pg_advisory_unlock(7311202317)").expect("the lock is ours");
        name
    })
}

fn server() -> String {
    match env::var(VARIABLE) {
        Ok(url) => url,
        Err(_) => panic!(
            "{VARIABLE} is not set: run ./tests/run.sh, which starts a throw-away PostgreSQL, or set it to \
             the URL of a server on which databases may be created"
        ),
    }
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("{VARIABLE}={url}: {error}"))
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (rest, parameters) = match server.split_once('?') {
        Some((rest, parameters)) => (rest, format!("?{parameters}")),
        None => (server, String::new()),
    };
    let authority = rest.find("://").map_or(0, |at| at.saturating_add(3));
    let end =
        rest.get(authority..).and_then(|tail| tail.find('/')).map_or(rest.len(), |at| authority.saturating_add(at));
    format!("{}/{name}{parameters}", rest.get(..end).unwrap_or(rest))
}

fn create_database(server: &mut PgConnection, name: &str, template: &str) {
    let collation = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
    execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template} {collation}")).expect("it can be created");
}

fn database_exists(server: &mut PgConnection, name: &str) -> bool {
    let exists = sql::<Bool>("EXISTS (SELECT FROM pg_database WHERE datname = ").bind::<Text, _>(name).sql(")");
    diesel::select(exists).get_result(server).expect("the server answers")
}

fn execute(server: &mut PgConnection, statement: &str) -> Result<(), String> {
    server.batch_execute(statement).map_err(|error| error.to_string())
}

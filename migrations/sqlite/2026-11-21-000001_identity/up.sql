-- Who uses the system, and what every change leaves behind.
-- Tables keyed by uuid have no rowid: one tree to write instead of two. The outbox keeps one, for its
-- long texts.

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('enterprise', 'team', 'facility')),
    name TEXT NOT NULL,
    uscc TEXT NULL UNIQUE,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NULL REFERENCES organizations (id),
    role TEXT NOT NULL CHECK (role IN ('applicant', 'facility', 'expert', 'officer', 'auditor', 'admin')),
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
    phone TEXT NULL,
    password_hash TEXT NULL,
    email_verified_at TEXT NULL,
    failed_logins INTEGER NOT NULL CHECK (failed_logins >= 0),
    locked_until TEXT NULL,
    is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_organization ON users (organization_id, id);

CREATE TABLE account_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    expires_at TEXT NOT NULL,
    used_at TEXT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_tokens_by_user ON account_tokens (user_id);
CREATE INDEX account_tokens_by_expiry ON account_tokens (expires_at);

CREATE TABLE refresh_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    spent_at TEXT NULL,
    revoked_at TEXT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Refers to users, organizations and cycles without foreign keys: the trace outlives what it tells of.
CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    occurred_at TEXT NOT NULL,
    actor_user_id TEXT NULL,
    actor_role TEXT NULL CHECK (actor_role IN ('applicant', 'facility', 'expert', 'officer', 'auditor', 'admin')),
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    organization_id TEXT NULL,
    cycle_id TEXT NULL,
    before TEXT NULL,
    after TEXT NULL,
    request_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_subject ON events (subject_kind, subject_id, id);
CREATE INDEX events_by_instant ON events (occurred_at);

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    sent_at TEXT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    last_error TEXT NULL
) STRICT;
CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt_at, id) WHERE sent_at IS NULL;

-- Who uses the system, and what every change leaves behind.
-- Create the database with TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C', so that
-- texts sort as they do on SQLite. Unique constraints are named after the table and its columns.

CREATE TABLE organizations (
    id uuid NOT NULL CONSTRAINT organizations_id PRIMARY KEY,
    kind text NOT NULL CONSTRAINT organizations_kind_known CHECK (kind IN ('enterprise', 'team', 'facility')),
    name text NOT NULL,
    uscc text NULL CONSTRAINT organizations_uscc UNIQUE,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE users (
    id uuid NOT NULL CONSTRAINT users_id PRIMARY KEY,
    organization_id uuid NULL CONSTRAINT users_organization REFERENCES organizations (id),
    role text NOT NULL CONSTRAINT users_role_known
        CHECK (role IN ('applicant', 'facility', 'expert', 'officer', 'auditor', 'admin')),
    name text NOT NULL,
    email text NOT NULL CONSTRAINT users_email UNIQUE CONSTRAINT users_email_lower_case CHECK (email = lower(email)),
    phone text NULL,
    password_hash text NULL,
    email_verified_at timestamptz NULL,
    failed_logins integer NOT NULL CONSTRAINT users_failed_logins_counted CHECK (failed_logins >= 0),
    locked_until timestamptz NULL,
    is_active boolean NOT NULL,
    language text NOT NULL CONSTRAINT users_language_known CHECK (language IN ('zh', 'en')),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX users_by_organization ON users (organization_id, id);

CREATE TABLE account_tokens (
    token_hash text NOT NULL CONSTRAINT account_tokens_token_hash PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT account_tokens_user REFERENCES users (id),
    purpose text NOT NULL CONSTRAINT account_tokens_purpose_known CHECK (purpose IN ('verify_email', 'reset_password')),
    expires_at timestamptz NOT NULL,
    used_at timestamptz NULL
);
CREATE INDEX account_tokens_by_user ON account_tokens (user_id);
CREATE INDEX account_tokens_by_expiry ON account_tokens (expires_at);

CREATE TABLE refresh_tokens (
    token_hash text NOT NULL CONSTRAINT refresh_tokens_token_hash PRIMARY KEY,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL CONSTRAINT refresh_tokens_user REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    spent_at timestamptz NULL,
    revoked_at timestamptz NULL
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE idempotency_keys (
    scope text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status integer NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_scope_key PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Refers to users, organizations and cycles without foreign keys: the trace outlives what it tells of.
CREATE TABLE events (
    id uuid NOT NULL CONSTRAINT events_id PRIMARY KEY,
    occurred_at timestamptz NOT NULL,
    actor_user_id uuid NULL,
    actor_role text NULL CONSTRAINT events_actor_role_known
        CHECK (actor_role IN ('applicant', 'facility', 'expert', 'officer', 'auditor', 'admin')),
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    organization_id uuid NULL,
    cycle_id uuid NULL,
    before jsonb NULL,
    after jsonb NULL,
    request_id uuid NOT NULL
);
CREATE INDEX events_by_subject ON events (subject_kind, subject_id, id);
CREATE INDEX events_by_instant ON events (occurred_at);

CREATE TABLE outbox (
    id uuid NOT NULL CONSTRAINT outbox_id PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    last_error text NULL
);
CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt_at, id) WHERE sent_at IS NULL;

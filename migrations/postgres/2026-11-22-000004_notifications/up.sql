-- What people are told: in the application, and by letter. Not foreign keys, as with the events: a rush
-- of claims would pay for the check at each of them.

CREATE TABLE notifications (
    id uuid NOT NULL CONSTRAINT notifications_id PRIMARY KEY,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    facts text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz NULL
);
CREATE INDEX notifications_by_user ON notifications (user_id, id);

-- A letter is kept as what it tells, and written out when it is sent. What was written out before
-- becomes a letter of its own kind.
ALTER TABLE outbox RENAME TO outbox_before;
ALTER TABLE outbox_before RENAME CONSTRAINT outbox_id TO outbox_before_id;
DROP INDEX outbox_by_next_attempt;
CREATE TABLE outbox (
    id uuid NOT NULL CONSTRAINT outbox_id PRIMARY KEY,
    user_id uuid NULL,
    recipient text NOT NULL,
    name text NOT NULL,
    language text NOT NULL CONSTRAINT outbox_language_known CHECK (language IN ('zh', 'en')),
    kind text NOT NULL,
    facts text NOT NULL,
    subject_kind text NULL,
    subject_id uuid NULL,
    state text NOT NULL CONSTRAINT outbox_state_known CHECK (state IN ('waiting', 'sent', 'parked', 'dropped')),
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    settled_at timestamptz NULL,
    last_error text NULL
);
CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_parked ON outbox (id) WHERE state = 'parked';
INSERT INTO outbox (id, user_id, recipient, name, language, kind, facts, subject_kind, subject_id, state, created_at,
    attempts, next_attempt_at, settled_at, last_error)
SELECT id, NULL, recipient, '', 'zh', 'plain_letter',
    jsonb_build_object('title', jsonb_build_object('word', subject), 'remarks', jsonb_build_object('word', body))::text,
    NULL, NULL, CASE WHEN sent_at IS NULL THEN 'waiting' ELSE 'sent' END, created_at,
    attempts, next_attempt_at, sent_at, last_error
FROM outbox_before;
DROP TABLE outbox_before;

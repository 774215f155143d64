-- What people are told: in the application, and by letter. Not foreign keys, as with the events: a rush
-- of claims would pay for the check at each of them.

CREATE TABLE notifications (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    facts TEXT NOT NULL,
    created_at TEXT NOT NULL,
    read_at TEXT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notifications_by_user ON notifications (user_id, id);

-- A letter is kept as what it tells, and written out when it is sent. What was written out before
-- becomes a letter of its own kind.
ALTER TABLE outbox RENAME TO outbox_before;
DROP INDEX outbox_by_next_attempt;
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NULL,
    recipient TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    kind TEXT NOT NULL,
    facts TEXT NOT NULL,
    subject_kind TEXT NULL,
    subject_id TEXT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'parked', 'dropped')),
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    settled_at TEXT NULL,
    last_error TEXT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_next_attempt ON outbox (next_attempt_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_parked ON outbox (id) WHERE state = 'parked';
INSERT INTO outbox (id, user_id, recipient, name, language, kind, facts, subject_kind, subject_id, state, created_at,
    attempts, next_attempt_at, settled_at, last_error)
SELECT id, NULL, recipient, '', 'zh', 'plain_letter',
    json_object('title', json_object('word', subject), 'remarks', json_object('word', body)),
    NULL, NULL, CASE WHEN sent_at IS NULL THEN 'waiting' ELSE 'sent' END, created_at,
    attempts, next_attempt_at, sent_at, last_error
FROM outbox_before;
DROP TABLE outbox_before;

DROP TABLE notifications;

-- Letters that were written out keep their words; of the others the kind and the facts are left.
ALTER TABLE outbox RENAME TO outbox_after;
DROP INDEX outbox_by_next_attempt;
DROP INDEX outbox_parked;
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
INSERT INTO outbox (id, recipient, subject, body, created_at, sent_at, attempts, next_attempt_at, last_error)
SELECT id, recipient,
    CASE kind WHEN 'plain_letter' THEN coalesce(facts ->> '$.title.word', '') ELSE kind END,
    CASE kind WHEN 'plain_letter' THEN coalesce(facts ->> '$.remarks.word', '') ELSE facts END,
    created_at, CASE state WHEN 'waiting' THEN NULL ELSE coalesce(settled_at, created_at) END, attempts,
    next_attempt_at, last_error
FROM outbox_after;
DROP TABLE outbox_after;

DROP TABLE notifications;

-- Letters that were written out keep their words; of the others the kind and the facts are left.
ALTER TABLE outbox RENAME TO outbox_after;
ALTER TABLE outbox_after RENAME CONSTRAINT outbox_id TO outbox_after_id;
DROP INDEX outbox_by_next_attempt;
DROP INDEX outbox_parked;
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
INSERT INTO outbox (id, recipient, subject, body, created_at, sent_at, attempts, next_attempt_at, last_error)
SELECT id, recipient,
    CASE kind WHEN 'plain_letter' THEN coalesce(facts::jsonb -> 'title' ->> 'word', '') ELSE kind END,
    CASE kind WHEN 'plain_letter' THEN coalesce(facts::jsonb -> 'remarks' ->> 'word', '') ELSE facts END,
    created_at, CASE state WHEN 'waiting' THEN NULL ELSE coalesce(settled_at, created_at) END, attempts,
    next_attempt_at, last_error
FROM outbox_after;
DROP TABLE outbox_after;

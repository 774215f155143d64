-- The chain that seals the events, in the order in which the job saw them committed. Apart from the events,
-- and without a foreign key: what is written in a rush pays nothing for it.
CREATE TABLE event_seals (
    position INTEGER NOT NULL CHECK (position > 0),
    event_id TEXT NOT NULL UNIQUE,
    sealed_at TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (position)
) STRICT, WITHOUT ROWID;
-- Where the chain stood when a day was over: what is published.
CREATE TABLE audit_roots (
    id TEXT NOT NULL PRIMARY KEY,
    day TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL CHECK (position > 0),
    hash TEXT NOT NULL,
    closed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Ids carry their instant: a span of time is a span of the primary key.
DROP INDEX events_by_instant;

-- What is entered once is never changed, whatever program asks for it.
CREATE TRIGGER events_are_kept_from_update BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER events_are_kept_from_delete BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events is kept as it was entered: no DELETE');
END;
CREATE TRIGGER event_seals_are_kept_from_update BEFORE UPDATE ON event_seals
BEGIN
    SELECT RAISE(ABORT, 'event_seals is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER event_seals_are_kept_from_delete BEFORE DELETE ON event_seals
BEGIN
    SELECT RAISE(ABORT, 'event_seals is kept as it was entered: no DELETE');
END;
CREATE TRIGGER audit_roots_are_kept_from_update BEFORE UPDATE ON audit_roots
BEGIN
    SELECT RAISE(ABORT, 'audit_roots is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER audit_roots_are_kept_from_delete BEFORE DELETE ON audit_roots
BEGIN
    SELECT RAISE(ABORT, 'audit_roots is kept as it was entered: no DELETE');
END;
CREATE TRIGGER ledger_entries_are_kept_from_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER ledger_entries_are_kept_from_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is kept as it was entered: no DELETE');
END;
CREATE TRIGGER attempts_are_kept_from_update BEFORE UPDATE ON attempts
BEGIN
    SELECT RAISE(ABORT, 'attempts is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER attempts_are_kept_from_delete BEFORE DELETE ON attempts
BEGIN
    SELECT RAISE(ABORT, 'attempts is kept as it was entered: no DELETE');
END;
CREATE TRIGGER judgements_are_kept_from_update BEFORE UPDATE ON judgements
BEGIN
    SELECT RAISE(ABORT, 'judgements is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER judgements_are_kept_from_delete BEFORE DELETE ON judgements
BEGIN
    SELECT RAISE(ABORT, 'judgements is kept as it was entered: no DELETE');
END;
CREATE TRIGGER panels_are_kept_from_update BEFORE UPDATE ON panels
BEGIN
    SELECT RAISE(ABORT, 'panels is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER panels_are_kept_from_delete BEFORE DELETE ON panels
BEGIN
    SELECT RAISE(ABORT, 'panels is kept as it was entered: no DELETE');
END;

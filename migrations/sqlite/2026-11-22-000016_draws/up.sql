-- Seeds that were committed to before anybody knew what they would draw. The seed itself is nowhere in the
-- store before its draw: the program derives it under its key.
CREATE TABLE draw_seeds (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    committed_at TEXT NOT NULL,
    ended_at TEXT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX draw_seeds_pending ON draw_seeds (committed_at) WHERE ended_at IS NULL;
-- What was drawn, with all it takes to draw it again; public.
CREATE TABLE draws (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    scope TEXT NULL,
    share_bps INTEGER NULL,
    subject_id TEXT NULL,
    seed_id TEXT NULL UNIQUE REFERENCES draw_seeds (id),
    seed_hash TEXT NOT NULL,
    committed_at TEXT NOT NULL,
    seed TEXT NOT NULL,
    entries TEXT NOT NULL,
    list_hash TEXT NOT NULL,
    drawn TEXT NOT NULL,
    drawn_ids TEXT NOT NULL,
    drawn_by TEXT NOT NULL REFERENCES users (id),
    drawn_at TEXT NOT NULL,
    CHECK ((kind = 'spot_check') = (scope IS NOT NULL)),
    CHECK ((kind = 'spot_check') = (share_bps IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER draws_are_kept_from_update BEFORE UPDATE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER draws_are_kept_from_delete BEFORE DELETE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no DELETE');
END;
-- For whom an expert worked before, and until when.
ALTER TABLE experts ADD COLUMN earlier_work TEXT NOT NULL DEFAULT '[]';
-- Where a site visit or a defence takes place, and who was there.
ALTER TABLE inquiries ADD COLUMN place TEXT NULL;
ALTER TABLE inquiries ADD COLUMN attendees TEXT NOT NULL DEFAULT '[]';

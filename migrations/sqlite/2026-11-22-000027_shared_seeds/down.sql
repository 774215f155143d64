ALTER TABLE assessment_submissions DROP COLUMN is_third_party_testing;
CREATE TABLE draws_before (
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
INSERT INTO draws_before
SELECT id, kind, scope, share_bps, subject_id, CASE WHEN NOT EXISTS (SELECT 1 FROM draws e WHERE e.seed_id = d.seed_id AND e.id < d.id) THEN d.seed_id END, seed_hash, committed_at, seed, entries, list_hash, drawn, drawn_ids, drawn_by, drawn_at FROM draws d;
DROP TABLE draws;
ALTER TABLE draws_before RENAME TO draws;
CREATE TRIGGER draws_are_kept_from_update BEFORE UPDATE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER draws_are_kept_from_delete BEFORE DELETE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no DELETE');
END;
DROP INDEX draw_seeds_pending;
CREATE INDEX draw_seeds_pending ON draw_seeds (committed_at) WHERE ended_at IS NULL;

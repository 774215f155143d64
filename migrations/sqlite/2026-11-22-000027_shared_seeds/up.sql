-- One seed waits for the next draw, never two: those that were left over are given up.
UPDATE draw_seeds SET ended_at = committed_at, version = version + 1
WHERE ended_at IS NULL AND id <> (SELECT id FROM draw_seeds WHERE ended_at IS NULL ORDER BY id LIMIT 1);
DROP INDEX draw_seeds_pending;
CREATE UNIQUE INDEX draw_seeds_pending ON draw_seeds ((ended_at IS NULL)) WHERE ended_at IS NULL;
-- One published seed may draw several lists, each by a seed derived from it: then that one is told as well.
CREATE TABLE draws_anew (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    scope TEXT NULL,
    share_bps INTEGER NULL,
    subject_id TEXT NULL,
    seed_id TEXT NULL REFERENCES draw_seeds (id),
    seed_hash TEXT NOT NULL,
    committed_at TEXT NOT NULL,
    seed TEXT NOT NULL,
    entries TEXT NOT NULL,
    list_hash TEXT NOT NULL,
    drawn TEXT NOT NULL,
    drawn_ids TEXT NOT NULL,
    drawn_by TEXT NOT NULL REFERENCES users (id),
    drawn_at TEXT NOT NULL,
    revealed_seed TEXT NULL,
    CHECK ((kind = 'spot_check') = (scope IS NOT NULL)),
    CHECK ((kind = 'spot_check') = (share_bps IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO draws_anew SELECT id, kind, scope, share_bps, subject_id, seed_id, seed_hash, committed_at, seed, entries, list_hash, drawn, drawn_ids, drawn_by, drawn_at, NULL FROM draws;
DROP TABLE draws;
ALTER TABLE draws_anew RENAME TO draws;
CREATE UNIQUE INDEX draws_seed_id ON draws (seed_id) WHERE revealed_seed IS NULL;
CREATE UNIQUE INDEX draws_seed_id_subject_id ON draws (seed_id, subject_id);
CREATE TRIGGER draws_are_kept_from_update BEFORE UPDATE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER draws_are_kept_from_delete BEFORE DELETE ON draws
BEGIN
    SELECT RAISE(ABORT, 'draws is kept as it was entered: no DELETE');
END;
-- What the main business was when the submission was handed in, as the figures are.
ALTER TABLE assessment_submissions ADD COLUMN is_third_party_testing INTEGER NULL;
UPDATE assessment_submissions
SET is_third_party_testing = (SELECT f.is_third_party_testing FROM facilities f WHERE f.id = assessment_submissions.facility_id)
WHERE submitted_at IS NOT NULL;

-- One seed waits for the next draw, never two: those that were left over are given up.
UPDATE draw_seeds SET ended_at = committed_at, version = version + 1
WHERE ended_at IS NULL AND id <> (SELECT id FROM draw_seeds WHERE ended_at IS NULL ORDER BY id LIMIT 1);
DROP INDEX draw_seeds_pending;
CREATE UNIQUE INDEX draw_seeds_pending ON draw_seeds ((ended_at IS NULL)) WHERE ended_at IS NULL;
-- One published seed may draw several lists, each by a seed derived from it: then that one is told as well.
ALTER TABLE draws ADD COLUMN revealed_seed text NULL;
ALTER TABLE draws DROP CONSTRAINT draws_seed_id;
CREATE UNIQUE INDEX draws_seed_id ON draws (seed_id) WHERE revealed_seed IS NULL;
CREATE UNIQUE INDEX draws_seed_id_subject_id ON draws (seed_id, subject_id);
-- What the main business was when the submission was handed in, as the figures are.
ALTER TABLE assessment_submissions ADD COLUMN is_third_party_testing boolean NULL;
UPDATE assessment_submissions
SET is_third_party_testing = (SELECT f.is_third_party_testing FROM facilities f WHERE f.id = assessment_submissions.facility_id)
WHERE submitted_at IS NOT NULL;

ALTER TABLE assessments DROP COLUMN visits_draw_id;
ALTER TABLE assessments DROP COLUMN decided_at;
ALTER TABLE assessments DROP COLUMN decided_by;
ALTER TABLE assessments DROP COLUMN graded_by;
ALTER TABLE assessment_submissions DROP COLUMN subsidy_fen;
ALTER TABLE assessment_submissions DROP COLUMN award;
ALTER TABLE assessment_submissions DROP COLUMN visit;
DROP TABLE assessment_reviews;

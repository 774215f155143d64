ALTER TABLE assessment_reviews DROP COLUMN released_by;
ALTER TABLE reviews DROP COLUMN released_by;

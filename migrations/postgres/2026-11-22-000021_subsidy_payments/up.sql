-- A line pays a redemption (Art. 15.5) or the subsidy of an assessment (Art. 14.5).
ALTER TABLE disbursement_lines ALTER COLUMN redemption_id DROP NOT NULL;
ALTER TABLE disbursement_lines ADD COLUMN submission_id uuid REFERENCES assessment_submissions (id);
ALTER TABLE disbursement_lines ADD CHECK ((redemption_id IS NULL) <> (submission_id IS NULL));
CREATE INDEX disbursement_lines_by_submission ON disbursement_lines (submission_id);
-- A redemption is in one open payment at a time, and paid once; so is a subsidy.
CREATE UNIQUE INDEX disbursement_lines_submission_id ON disbursement_lines (submission_id) WHERE status <> 'failed';

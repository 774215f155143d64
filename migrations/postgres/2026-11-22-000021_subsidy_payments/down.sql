DELETE FROM disbursement_lines WHERE redemption_id IS NULL;
ALTER TABLE disbursement_lines DROP COLUMN submission_id;
ALTER TABLE disbursement_lines ALTER COLUMN redemption_id SET NOT NULL;

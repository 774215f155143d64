PRAGMA defer_foreign_keys = ON;
-- A line pays a redemption (Art. 15.5) or the subsidy of an assessment (Art. 14.5).
CREATE TABLE payment_lines (
    id TEXT PRIMARY KEY,
    disbursement_id TEXT NOT NULL REFERENCES disbursements (id),
    redemption_id TEXT REFERENCES redemptions (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    -- As they were when the batch was prepared: what the second officer approves is what is paid.
    payee_name text NOT NULL,
    payee_bank text,
    payee_account text,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    status TEXT NOT NULL,
    reference TEXT,
    reason TEXT,
    settled_at TEXT,
    version INTEGER NOT NULL,
    submission_id TEXT REFERENCES assessment_submissions (id),
    CHECK ((redemption_id IS NULL) <> (submission_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO payment_lines SELECT id, disbursement_id, redemption_id, facility_id, payee_name, payee_bank, payee_account,
    amount_fen, status, reference, reason, settled_at, version, NULL FROM disbursement_lines;
DROP TABLE disbursement_lines;
ALTER TABLE payment_lines RENAME TO disbursement_lines;
CREATE INDEX disbursement_lines_batch ON disbursement_lines (disbursement_id);
CREATE INDEX disbursement_lines_by_redemption ON disbursement_lines (redemption_id);
CREATE INDEX disbursement_lines_by_submission ON disbursement_lines (submission_id);
-- A redemption is in one open payment at a time, and paid once; so is a subsidy.
CREATE UNIQUE INDEX disbursement_lines_redemption_id ON disbursement_lines (redemption_id) WHERE status <> 'failed';
CREATE UNIQUE INDEX disbursement_lines_submission_id ON disbursement_lines (submission_id) WHERE status <> 'failed';

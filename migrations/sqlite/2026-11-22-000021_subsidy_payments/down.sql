PRAGMA defer_foreign_keys = ON;
CREATE TABLE payment_lines (
    id TEXT PRIMARY KEY,
    disbursement_id TEXT NOT NULL REFERENCES disbursements (id),
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    payee_name text NOT NULL,
    payee_bank text,
    payee_account text,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    status TEXT NOT NULL,
    reference TEXT,
    reason TEXT,
    settled_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO payment_lines SELECT id, disbursement_id, redemption_id, facility_id, payee_name, payee_bank, payee_account,
    amount_fen, status, reference, reason, settled_at, version FROM disbursement_lines WHERE redemption_id IS NOT NULL;
DROP TABLE disbursement_lines;
ALTER TABLE payment_lines RENAME TO disbursement_lines;
CREATE INDEX disbursement_lines_batch ON disbursement_lines (disbursement_id);
CREATE INDEX disbursement_lines_by_redemption ON disbursement_lines (redemption_id);
CREATE UNIQUE INDEX disbursement_lines_redemption_id ON disbursement_lines (redemption_id) WHERE status <> 'failed';

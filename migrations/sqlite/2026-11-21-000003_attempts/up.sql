-- Every attempt to claim, granted or refused, in the order it was decided: a chain of receipts.
CREATE TABLE attempts (
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    decided_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    remaining_fen INTEGER NOT NULL CHECK (remaining_fen >= 0),
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    voucher_id TEXT REFERENCES vouchers (id),
    PRIMARY KEY (cycle_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_applicant ON attempts (applicant_id, cycle_id, sequence);

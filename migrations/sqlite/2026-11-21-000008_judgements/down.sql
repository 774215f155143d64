CREATE TABLE attempts_of_others (
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
INSERT INTO attempts_of_others SELECT * FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_of_others RENAME TO attempts;
CREATE INDEX attempts_applicant ON attempts (applicant_id, cycle_id, sequence);

ALTER TABLE vouchers ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';
ALTER TABLE vouchers ADD COLUMN findings TEXT NOT NULL DEFAULT '[]';
UPDATE vouchers SET (profile, findings) =
    (SELECT j.profile, j.findings FROM judgements j WHERE j.id = vouchers.judgement_id);
ALTER TABLE vouchers DROP COLUMN judgement_id;
DROP TABLE judgements;
UPDATE idempotency_keys SET body = 'null' WHERE body = '';

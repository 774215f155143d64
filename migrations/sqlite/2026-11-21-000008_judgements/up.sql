-- Documents are text here anyway; an answer without a body is kept as an empty one.
UPDATE idempotency_keys SET body = '' WHERE body = 'null';

-- What an applicant stated and what was found in it, once for all vouchers that it claims by it (Art. 7).
-- Vouchers claimed before keep what was found for each: no version and no limit is known of it.
CREATE TABLE judgements (
    id TEXT NOT NULL PRIMARY KEY,
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    profile_version INTEGER,
    policy_id TEXT NOT NULL,
    judged_on TEXT NOT NULL,
    annual_limit_fen INTEGER,
    profile TEXT NOT NULL,
    findings TEXT NOT NULL,
    UNIQUE (applicant_id, profile_version, policy_id, judged_on),
    CHECK ((profile_version IS NULL) = (annual_limit_fen IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO judgements
SELECT v.id, v.applicant_id, NULL, c.policy_id, date(v.claimed_at, '+8 hours'), NULL, v.profile, v.findings
FROM vouchers v JOIN cycles c ON c.id = v.cycle_id;
-- Not a foreign key: a rush would pay for the check at each claim. `voucher verify` looks.
ALTER TABLE vouchers ADD COLUMN judgement_id TEXT NOT NULL DEFAULT '';
UPDATE vouchers SET judgement_id = id;
ALTER TABLE vouchers DROP COLUMN profile;
ALTER TABLE vouchers DROP COLUMN findings;

-- As the events, the published chain outlives what it tells of; its rows are written under the locks of the
-- cycle and the applicants, and `voucher verify` follows it.
CREATE TABLE attempts_of_its_own (
    cycle_id TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    decided_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    remaining_fen INTEGER NOT NULL CHECK (remaining_fen >= 0),
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    applicant_id TEXT NOT NULL,
    voucher_id TEXT,
    PRIMARY KEY (cycle_id, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO attempts_of_its_own SELECT * FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_of_its_own RENAME TO attempts;
CREATE INDEX attempts_applicant ON attempts (applicant_id, cycle_id, sequence);

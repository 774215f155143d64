-- Art. 16, 17: what was found against a party, and how it was decided.
CREATE TABLE violations (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    facts TEXT NOT NULL,
    statement_by TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES users (id),
    recorded_at TEXT NOT NULL,
    finding TEXT,
    measures TEXT,
    decided_by TEXT REFERENCES users (id),
    decided_at TEXT,
    closed_by TEXT REFERENCES users (id),
    closed_at TEXT,
    closing_reasons TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX violations_organization ON violations (organization_id, id);
CREATE INDEX violations_status ON violations (status, id);

-- What the party states about it, as often as it does; never changed.
CREATE TABLE violation_statements (
    id TEXT PRIMARY KEY,
    violation_id TEXT NOT NULL REFERENCES violations (id),
    statement TEXT NOT NULL,
    made_by TEXT NOT NULL REFERENCES users (id),
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX violation_statements_violation ON violation_statements (violation_id, id);

CREATE TABLE sanctions (
    id TEXT PRIMARY KEY,
    violation_id TEXT NOT NULL REFERENCES violations (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    kind TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    imposed_at TEXT NOT NULL,
    fulfilled_at TEXT,
    lifted_by TEXT REFERENCES users (id),
    lifted_at TEXT,
    lift_reasons TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sanctions_organization ON sanctions (organization_id, id);
CREATE INDEX sanctions_violation ON sanctions (violation_id, id);

-- What is claimed back of what was paid for a redemption.
CREATE TABLE clawbacks (
    id TEXT PRIMARY KEY,
    sanction_id TEXT NOT NULL REFERENCES sanctions (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    status TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    received_fen INTEGER NOT NULL CHECK (received_fen >= 0),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CHECK (received_fen <= amount_fen),
    CONSTRAINT clawbacks_sanction_id UNIQUE (sanction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX clawbacks_redemption ON clawbacks (redemption_id);
CREATE INDEX clawbacks_organization ON clawbacks (organization_id, id);

-- What has come of it; never changed.
CREATE TABLE clawback_receipts (
    id TEXT PRIMARY KEY,
    clawback_id TEXT NOT NULL REFERENCES clawbacks (id),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    received_on TEXT NOT NULL,
    reference TEXT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES users (id),
    recorded_at TEXT NOT NULL,
    CONSTRAINT clawback_receipts_clawback_id_reference UNIQUE (clawback_id, reference)
) STRICT, WITHOUT ROWID;

-- The last day of the party's running ban: a cache of `sanctions`, which the claims read with the lock.
ALTER TABLE organizations ADD COLUMN banned_until TEXT NULL;

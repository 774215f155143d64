-- Art. 16, 17: what was found against a party, and how it was decided.
CREATE TABLE violations (
    id uuid CONSTRAINT violations_id PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    kind text NOT NULL,
    status text NOT NULL,
    facts text NOT NULL,
    statement_by text NOT NULL,
    recorded_by uuid NOT NULL REFERENCES users (id),
    recorded_at timestamptz NOT NULL,
    finding text,
    measures text,
    decided_by uuid REFERENCES users (id),
    decided_at timestamptz,
    closed_by uuid REFERENCES users (id),
    closed_at timestamptz,
    closing_reasons text,
    version bigint NOT NULL
);
CREATE INDEX violations_organization ON violations (organization_id, id);
CREATE INDEX violations_status ON violations (status, id);

-- What the party states about it, as often as it does; never changed.
CREATE TABLE violation_statements (
    id uuid CONSTRAINT violation_statements_id PRIMARY KEY,
    violation_id uuid NOT NULL REFERENCES violations (id),
    statement text NOT NULL,
    made_by uuid NOT NULL REFERENCES users (id),
    made_at timestamptz NOT NULL
);
CREATE INDEX violation_statements_violation ON violation_statements (violation_id, id);

CREATE TABLE sanctions (
    id uuid CONSTRAINT sanctions_id PRIMARY KEY,
    violation_id uuid NOT NULL REFERENCES violations (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    kind text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    imposed_at timestamptz NOT NULL,
    fulfilled_at timestamptz,
    lifted_by uuid REFERENCES users (id),
    lifted_at timestamptz,
    lift_reasons text,
    version bigint NOT NULL
);
CREATE INDEX sanctions_organization ON sanctions (organization_id, id);
CREATE INDEX sanctions_violation ON sanctions (violation_id, id);

-- What is claimed back of what was paid for a redemption.
CREATE TABLE clawbacks (
    id uuid CONSTRAINT clawbacks_id PRIMARY KEY,
    sanction_id uuid NOT NULL REFERENCES sanctions (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    status text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    received_fen bigint NOT NULL CHECK (received_fen >= 0),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (received_fen <= amount_fen),
    CONSTRAINT clawbacks_sanction_id UNIQUE (sanction_id)
);
CREATE INDEX clawbacks_redemption ON clawbacks (redemption_id);
CREATE INDEX clawbacks_organization ON clawbacks (organization_id, id);

-- What has come of it; never changed.
CREATE TABLE clawback_receipts (
    id uuid CONSTRAINT clawback_receipts_id PRIMARY KEY,
    clawback_id uuid NOT NULL REFERENCES clawbacks (id),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    received_on date NOT NULL,
    reference text NOT NULL,
    recorded_by uuid NOT NULL REFERENCES users (id),
    recorded_at timestamptz NOT NULL,
    CONSTRAINT clawback_receipts_clawback_id_reference UNIQUE (clawback_id, reference)
);

-- The last day of the party's running ban: a cache of `sanctions`, which the claims read with the lock.
ALTER TABLE organizations ADD COLUMN banned_until date NULL;

-- Every attempt to claim, granted or refused, in the order it was decided: a chain of receipts.
CREATE TABLE attempts (
    cycle_id uuid NOT NULL REFERENCES cycles (id),
    sequence bigint NOT NULL CHECK (sequence > 0),
    decided_at timestamptz NOT NULL,
    outcome text NOT NULL,
    amount_fen bigint NOT NULL,
    remaining_fen bigint NOT NULL CHECK (remaining_fen >= 0),
    previous_hash text NOT NULL,
    hash text NOT NULL,
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    voucher_id uuid REFERENCES vouchers (id),
    CONSTRAINT attempts_cycle_id_sequence PRIMARY KEY (cycle_id, sequence)
);
CREATE INDEX attempts_applicant ON attempts (applicant_id, cycle_id, sequence);

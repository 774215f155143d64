-- How far the claims of a cycle have been told to those who made them. Everything before was told as it was decided.
CREATE TABLE told_claims (
    cycle_id uuid CONSTRAINT told_claims_cycle_id PRIMARY KEY REFERENCES cycles (id),
    sequence bigint NOT NULL CHECK (sequence >= 0)
);
INSERT INTO told_claims (cycle_id, sequence)
SELECT c.id, coalesce((SELECT max(a.sequence) FROM attempts a WHERE a.cycle_id = c.id), 0)
FROM cycles c WHERE c.kind = 'voucher';

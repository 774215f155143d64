-- How far the claims of a cycle have been told to those who made them. Everything before was told as it was decided.
CREATE TABLE told_claims (
    cycle_id TEXT NOT NULL PRIMARY KEY REFERENCES cycles (id),
    sequence INTEGER NOT NULL CHECK (sequence >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO told_claims (cycle_id, sequence)
SELECT c.id, coalesce((SELECT max(a.sequence) FROM attempts a WHERE a.cycle_id = c.id), 0)
FROM cycles c WHERE c.kind = 'voucher';

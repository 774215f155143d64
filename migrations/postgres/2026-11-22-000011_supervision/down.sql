ALTER TABLE organizations DROP COLUMN banned_until;
DROP TABLE clawback_receipts;
DROP TABLE clawbacks;
DROP TABLE sanctions;
DROP TABLE violation_statements;
DROP TABLE violations;

-- What the automatic checks found at the last submission; none before the first.
ALTER TABLE redemptions ADD COLUMN flags TEXT NULL;
-- What the checks need to know.
ALTER TABLE invoices ADD COLUMN issued_on TEXT NULL;
ALTER TABLE organizations ADD COLUMN legal_representative TEXT NULL;

ALTER TABLE organizations DROP COLUMN legal_representative;
ALTER TABLE invoices DROP COLUMN issued_on;
ALTER TABLE redemptions DROP COLUMN flags;

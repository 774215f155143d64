-- A check for each row of a rush, of what its transaction holds locked or reads anyway: a seventh of the
-- database's work. Cycles and organizations are never deleted; `voucher verify` looks all the same.
ALTER TABLE vouchers DROP CONSTRAINT vouchers_cycle_id_fkey;
ALTER TABLE vouchers DROP CONSTRAINT vouchers_applicant_id_fkey;
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_cycle_id_fkey;
ALTER TABLE judgements DROP CONSTRAINT judgements_applicant_id_fkey;

-- The ledgers of assessments go; the entries of issuing windows stay.
DROP TRIGGER ledger_entries_are_kept_from_delete;
DELETE FROM ledger_entries WHERE cycle_id IN (SELECT id FROM cycles WHERE kind = 'subsidy');
CREATE TRIGGER ledger_entries_are_kept_from_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'ledger_entries is kept as it was entered: no DELETE');
END;
DELETE FROM cycles WHERE kind = 'subsidy';
ALTER TABLE assessment_submissions DROP COLUMN notice_id;
ALTER TABLE cycles DROP COLUMN kind;

-- Art. 17: what a party stated and what came for a clawback is kept as it was entered, whatever program asks.
CREATE TRIGGER violation_statements_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON violation_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER clawback_receipts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON clawback_receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();

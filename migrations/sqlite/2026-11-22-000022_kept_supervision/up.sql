-- Art. 17: what a party stated and what came for a clawback is kept as it was entered, whatever program asks.
CREATE TRIGGER violation_statements_are_kept_from_update BEFORE UPDATE ON violation_statements
BEGIN
    SELECT RAISE(ABORT, 'violation_statements is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER violation_statements_are_kept_from_delete BEFORE DELETE ON violation_statements
BEGIN
    SELECT RAISE(ABORT, 'violation_statements is kept as it was entered: no DELETE');
END;
CREATE TRIGGER clawback_receipts_are_kept_from_update BEFORE UPDATE ON clawback_receipts
BEGIN
    SELECT RAISE(ABORT, 'clawback_receipts is kept as it was entered: no UPDATE');
END;
CREATE TRIGGER clawback_receipts_are_kept_from_delete BEFORE DELETE ON clawback_receipts
BEGIN
    SELECT RAISE(ABORT, 'clawback_receipts is kept as it was entered: no DELETE');
END;

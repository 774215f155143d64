-- Art. 11, 14: the budget of a yearly assessment has a ledger of its own, under the campaign's id, with the same
-- accounts as an issuing window.
ALTER TABLE cycles ADD COLUMN kind text NOT NULL DEFAULT 'voucher' CHECK (kind IN ('voucher', 'subsidy'));
-- The notice that a submission's result is or was published in.
ALTER TABLE assessment_submissions ADD COLUMN notice_id uuid;

-- The ledgers of what was announced before, and of what was decided.
INSERT INTO cycles (id, name, policy_id, status, budget_fen, opens_at, closes_at, available_fen, held_fen, committed_fen,
                    payable_fen, paid_fen, lapsed_fen, recovered_fen, created_by, created_at, version, kind)
SELECT a.id, a.title, a.policy_id, 'closed', a.budget_fen, COALESCE(a.announced_at, a.created_at), a.closes_at,
       a.budget_fen - COALESCE(g.granted_fen, 0), 0, 0, COALESCE(g.granted_fen, 0), 0, 0, 0, a.created_by,
       COALESCE(a.announced_at, a.created_at), CASE WHEN g.granted_fen > 0 THEN 2 ELSE 1 END, 'subsidy'
FROM assessments a LEFT JOIN (
    SELECT assessment_id, CAST(SUM(subsidy_fen) AS bigint) AS granted_fen FROM assessment_submissions WHERE status = 'approved' GROUP BY assessment_id
) g ON g.assessment_id = a.id
WHERE a.status <> 'draft';
INSERT INTO ledger_entries (id, cycle_id, cycle_version, from_account, to_account, amount_fen, cause, subject_id, voucher_id,
                            occurred_at, request_id)
SELECT a.id, a.id, 1, 'funding', 'available', a.budget_fen, 'budget', a.id, NULL, COALESCE(a.announced_at, a.created_at), a.id
FROM assessments a WHERE a.status <> 'draft';
INSERT INTO ledger_entries (id, cycle_id, cycle_version, from_account, to_account, amount_fen, cause, subject_id, voucher_id,
                            occurred_at, request_id)
SELECT s.id, s.assessment_id, 2, 'available', 'payable', s.subsidy_fen, 'subsidy', s.id, NULL,
       COALESCE(a.decided_at, a.created_at), a.id
FROM assessment_submissions s JOIN assessments a ON a.id = s.assessment_id
WHERE s.status = 'approved' AND s.subsidy_fen > 0;

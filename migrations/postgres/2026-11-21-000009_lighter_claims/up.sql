-- Answers are kept for ever: nobody asks for the old ones.
DROP INDEX idempotency_keys_by_age;
-- Most vouchers pay no contract yet.
DROP INDEX vouchers_contract;
CREATE INDEX vouchers_contract ON vouchers (contract_id) WHERE contract_id IS NOT NULL;

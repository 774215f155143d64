CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
DROP INDEX vouchers_contract;
CREATE INDEX vouchers_contract ON vouchers (contract_id);

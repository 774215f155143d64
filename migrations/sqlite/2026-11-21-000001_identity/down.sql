DROP TABLE outbox;
DROP TABLE events;
DROP TABLE idempotency_keys;
DROP TABLE refresh_tokens;
DROP TABLE account_tokens;
DROP TABLE users;
DROP TABLE organizations;

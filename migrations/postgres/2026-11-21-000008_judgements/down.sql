ALTER TABLE attempts
    ADD FOREIGN KEY (cycle_id) REFERENCES cycles (id),
    ADD FOREIGN KEY (applicant_id) REFERENCES organizations (id),
    ADD FOREIGN KEY (voucher_id) REFERENCES vouchers (id);
ALTER TABLE vouchers ADD COLUMN profile jsonb, ADD COLUMN findings jsonb;
UPDATE vouchers SET profile = j.profile::jsonb, findings = j.findings::jsonb
FROM judgements j WHERE j.id = judgement_id;
ALTER TABLE vouchers
    ALTER COLUMN profile SET NOT NULL, ALTER COLUMN findings SET NOT NULL, DROP COLUMN judgement_id;
DROP TABLE judgements;
ALTER TABLE idempotency_keys
    ALTER COLUMN body TYPE jsonb USING CASE body WHEN '' THEN 'null' ELSE body::jsonb END;
ALTER TABLE events
    ALTER COLUMN before TYPE jsonb USING before::jsonb,
    ALTER COLUMN after TYPE jsonb USING after::jsonb;
ALTER TABLE profiles
    ALTER COLUMN document TYPE jsonb USING document::jsonb;
ALTER TABLE experts
    ALTER COLUMN fields TYPE jsonb USING fields::jsonb,
    ALTER COLUMN ties TYPE jsonb USING ties::jsonb;
ALTER TABLE services
    ALTER COLUMN instrument_ids TYPE jsonb USING instrument_ids::jsonb;
ALTER TABLE vouchers
    ALTER COLUMN register_by TYPE jsonb USING register_by::jsonb,
    ALTER COLUMN valid_until TYPE jsonb USING valid_until::jsonb;
ALTER TABLE projects
    ALTER COLUMN service_ids TYPE jsonb USING service_ids::jsonb,
    ALTER COLUMN voucher_ids TYPE jsonb USING voucher_ids::jsonb;
ALTER TABLE contracts
    ALTER COLUMN valid_until TYPE jsonb USING valid_until::jsonb,
    ALTER COLUMN redeem_by TYPE jsonb USING redeem_by::jsonb;
ALTER TABLE redemptions
    ALTER COLUMN correct_by TYPE jsonb USING correct_by::jsonb;
ALTER TABLE panels
    ALTER COLUMN candidate_ids TYPE jsonb USING candidate_ids::jsonb,
    ALTER COLUMN drawn_ids TYPE jsonb USING drawn_ids::jsonb,
    ALTER COLUMN excluded TYPE jsonb USING excluded::jsonb;
ALTER TABLE reviews
    ALTER COLUMN scores TYPE jsonb USING scores::jsonb;
ALTER TABLE notices
    ALTER COLUMN deadline TYPE jsonb USING deadline::jsonb;
ALTER TABLE notice_items
    ALTER COLUMN public_facts TYPE jsonb USING public_facts::jsonb;

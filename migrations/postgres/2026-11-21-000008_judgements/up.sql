-- Documents are kept as the text they were written as: to the byte, for what is evidence. Nobody searches
-- in them, and taking them apart was the dearest part of a claim.
ALTER TABLE idempotency_keys
    ALTER COLUMN body TYPE text USING CASE body WHEN 'null' THEN '' ELSE body::text END;
ALTER TABLE events
    ALTER COLUMN before TYPE text USING before::text,
    ALTER COLUMN after TYPE text USING after::text;
ALTER TABLE profiles
    ALTER COLUMN document TYPE text USING document::text;
ALTER TABLE experts
    ALTER COLUMN fields TYPE text USING fields::text,
    ALTER COLUMN ties TYPE text USING ties::text;
ALTER TABLE services
    ALTER COLUMN instrument_ids TYPE text USING instrument_ids::text;
ALTER TABLE vouchers
    ALTER COLUMN register_by TYPE text USING register_by::text,
    ALTER COLUMN valid_until TYPE text USING valid_until::text;
ALTER TABLE projects
    ALTER COLUMN service_ids TYPE text USING service_ids::text,
    ALTER COLUMN voucher_ids TYPE text USING voucher_ids::text;
ALTER TABLE contracts
    ALTER COLUMN valid_until TYPE text USING valid_until::text,
    ALTER COLUMN redeem_by TYPE text USING redeem_by::text;
ALTER TABLE redemptions
    ALTER COLUMN correct_by TYPE text USING correct_by::text;
ALTER TABLE panels
    ALTER COLUMN candidate_ids TYPE text USING candidate_ids::text,
    ALTER COLUMN drawn_ids TYPE text USING drawn_ids::text,
    ALTER COLUMN excluded TYPE text USING excluded::text;
ALTER TABLE reviews
    ALTER COLUMN scores TYPE text USING scores::text;
ALTER TABLE notices
    ALTER COLUMN deadline TYPE text USING deadline::text;
ALTER TABLE notice_items
    ALTER COLUMN public_facts TYPE text USING public_facts::text;

-- What an applicant stated and what was found in it, once for all vouchers that it claims by it (Art. 7).
-- Vouchers claimed before keep what was found for each: no version and no limit is known of it.
CREATE TABLE judgements (
    id uuid CONSTRAINT judgements_id PRIMARY KEY,
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    profile_version bigint,
    policy_id text NOT NULL,
    judged_on date NOT NULL,
    annual_limit_fen bigint,
    profile text NOT NULL,
    findings text NOT NULL,
    CONSTRAINT judgements_applicant_id_profile_version_policy_id_judged_on
        UNIQUE (applicant_id, profile_version, policy_id, judged_on),
    CHECK ((profile_version IS NULL) = (annual_limit_fen IS NULL))
);
INSERT INTO judgements
SELECT v.id, v.applicant_id, NULL, c.policy_id, (v.claimed_at AT TIME ZONE 'Asia/Shanghai')::date, NULL,
       v.profile::text, v.findings::text
FROM vouchers v JOIN cycles c ON c.id = v.cycle_id;
-- Not a foreign key: a rush would pay for the check at each claim. `voucher verify` looks.
ALTER TABLE vouchers ADD COLUMN judgement_id uuid;
UPDATE vouchers SET judgement_id = id;
ALTER TABLE vouchers ALTER COLUMN judgement_id SET NOT NULL, DROP COLUMN profile, DROP COLUMN findings;

-- As the events, the published chain outlives what it tells of; its rows are written under the locks of the
-- cycle and the applicants, and `voucher verify` follows it.
ALTER TABLE attempts
    DROP CONSTRAINT attempts_cycle_id_fkey,
    DROP CONSTRAINT attempts_applicant_id_fkey,
    DROP CONSTRAINT attempts_voucher_id_fkey;

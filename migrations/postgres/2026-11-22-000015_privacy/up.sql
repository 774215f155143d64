-- Personal details are sealed under a key that the store does not have: the columns stay, the program seals
-- what is in them when it next starts (or with `voucher migrate`). What the log of events and the kept
-- answers say from before stays as it was written.

-- The same for equal telephone numbers, under the key.
ALTER TABLE users ADD COLUMN phone_index text NULL;

-- The keys that details are under, so that another key of the same name is not taken for one of them.
CREATE TABLE privacy_keys (
    id text NOT NULL CONSTRAINT privacy_keys_id PRIMARY KEY,
    fingerprint text NOT NULL,
    first_used_at timestamptz NOT NULL
);

-- Where details may be that were never sealed; nowhere once the program has been through.
CREATE TABLE unsealed_places (
    place text NOT NULL CONSTRAINT unsealed_places_place PRIMARY KEY
);
INSERT INTO unsealed_places (place)
SELECT 'users.phone' WHERE EXISTS (SELECT 1 FROM users WHERE phone IS NOT NULL)
UNION ALL SELECT 'facilities.payee_account' WHERE EXISTS (SELECT 1 FROM facilities WHERE payee_account IS NOT NULL)
UNION ALL SELECT 'facility_changes.proposed' WHERE EXISTS (SELECT 1 FROM facility_changes)
UNION ALL SELECT 'disbursement_lines.payee_account' WHERE EXISTS (SELECT 1 FROM disbursement_lines WHERE payee_account IS NOT NULL)
UNION ALL SELECT 'objections.name' WHERE EXISTS (SELECT 1 FROM objections)
UNION ALL SELECT 'objections.contact' WHERE EXISTS (SELECT 1 FROM objections);

-- What people want corrected of what is held about them, where they cannot change it themselves.
CREATE TABLE corrections (
    id uuid NOT NULL CONSTRAINT corrections_id PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    field text NOT NULL,
    proposed text NOT NULL,
    grounds text NOT NULL,
    status text NOT NULL,
    remarks text NULL,
    decided_by uuid NULL REFERENCES users (id),
    decided_at timestamptz NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX corrections_by_user ON corrections (user_id, id);
CREATE INDEX corrections_by_status ON corrections (status, id);

-- What somebody sent in is part of what is held about them.
CREATE INDEX files_by_uploader ON files (uploaded_by, id);

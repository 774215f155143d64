-- Which server does a job at present; one whose lease has run out is taken over.
CREATE TABLE leases (
    name text CONSTRAINT leases_name PRIMARY KEY,
    holder uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    succeeded_at timestamptz
);

-- The notices of rest days that were loaded while the server ran; they go before the files.
CREATE TABLE calendar_years (
    year integer CONSTRAINT calendar_years_year PRIMARY KEY,
    days text NOT NULL,
    loaded_by uuid NOT NULL REFERENCES users (id),
    loaded_at timestamptz NOT NULL,
    settled_at timestamptz,
    version bigint NOT NULL
);

-- The secret addresses of calendar feeds, known by their digest alone.
CREATE TABLE deadline_feeds (
    user_id uuid CONSTRAINT deadline_feeds_user_id PRIMARY KEY REFERENCES users (id),
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT deadline_feeds_token_hash UNIQUE (token_hash)
);

-- Who was reminded of what, so that nobody is twice; a reminder that no letter tells yet waits for one.
CREATE TABLE reminders (
    id uuid CONSTRAINT reminders_id PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    kind text NOT NULL,
    part text NOT NULL,
    name text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    last_day date NOT NULL,
    expires_at timestamptz NOT NULL,
    days_ahead integer NOT NULL CHECK (days_ahead > 0),
    created_at timestamptz NOT NULL,
    letter_id uuid,
    CONSTRAINT reminders_user_id_kind_subject_id_expires_at_days_ahead
        UNIQUE (user_id, kind, subject_id, expires_at, days_ahead)
);
CREATE INDEX reminders_subject ON reminders (subject_id);
CREATE INDEX reminders_unlettered ON reminders (user_id, id) WHERE letter_id IS NULL;
CREATE INDEX reminders_letter ON reminders (letter_id) WHERE letter_id IS NOT NULL;

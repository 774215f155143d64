-- Which server does a job at present; one whose lease has run out is taken over.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    succeeded_at TEXT
) STRICT, WITHOUT ROWID;

-- The notices of rest days that were loaded while the server ran; they go before the files.
CREATE TABLE calendar_years (
    year INTEGER NOT NULL PRIMARY KEY,
    days TEXT NOT NULL,
    loaded_by TEXT NOT NULL REFERENCES users (id),
    loaded_at TEXT NOT NULL,
    settled_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The secret addresses of calendar feeds, known by their digest alone.
CREATE TABLE deadline_feeds (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who was reminded of what, so that nobody is twice; a reminder that no letter tells yet waits for one.
CREATE TABLE reminders (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    part TEXT NOT NULL,
    name TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    last_day TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    days_ahead INTEGER NOT NULL CHECK (days_ahead > 0),
    created_at TEXT NOT NULL,
    letter_id TEXT,
    UNIQUE (user_id, kind, subject_id, expires_at, days_ahead)
) STRICT, WITHOUT ROWID;
CREATE INDEX reminders_subject ON reminders (subject_id);
CREATE INDEX reminders_unlettered ON reminders (user_id, id) WHERE letter_id IS NULL;
CREATE INDEX reminders_letter ON reminders (letter_id) WHERE letter_id IS NOT NULL;

-- Art. 6: how a facility joins and leaves.
ALTER TABLE facilities ADD COLUMN notice_id TEXT REFERENCES notices (id);
ALTER TABLE facilities ADD COLUMN exit_reason TEXT;

-- One row for each time it applied: what it stated about the six conditions, and what became of it.
CREATE TABLE facility_applications (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    status TEXT NOT NULL,
    conditions TEXT NOT NULL,
    submitted_by TEXT NOT NULL REFERENCES users (id),
    submitted_at TEXT NOT NULL,
    remarks TEXT,
    decided_by TEXT REFERENCES users (id),
    decided_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX facility_applications_facility ON facility_applications (facility_id, id);
CREATE INDEX facility_applications_status ON facility_applications (status, id);

-- What a serving facility states anew about itself and an officer has to look at first; one waits at a time.
CREATE TABLE facility_changes (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    status TEXT NOT NULL,
    proposed TEXT NOT NULL,
    submitted_by TEXT NOT NULL REFERENCES users (id),
    submitted_at TEXT NOT NULL,
    remarks TEXT,
    decided_by TEXT REFERENCES users (id),
    decided_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX facility_changes_facility_id ON facility_changes (facility_id) WHERE status = 'pending';
CREATE INDEX facility_changes_facility ON facility_changes (facility_id, id);
CREATE INDEX facility_changes_status ON facility_changes (status, id);

-- Art. 19: while one runs, the facilities of its region take vouchers.
CREATE TABLE recognition_agreements (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL CHECK (ends_on >= starts_on),
    entered_by TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Art. 5: what a service that rents computing power offers for its price.
ALTER TABLE services ADD COLUMN compute TEXT;

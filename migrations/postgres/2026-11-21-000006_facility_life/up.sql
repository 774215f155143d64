-- Art. 6: how a facility joins and leaves.
ALTER TABLE facilities ADD COLUMN notice_id uuid REFERENCES notices (id);
ALTER TABLE facilities ADD COLUMN exit_reason text;

-- One row for each time it applied: what it stated about the six conditions, and what became of it.
CREATE TABLE facility_applications (
    id uuid CONSTRAINT facility_applications_id PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facilities (id),
    status text NOT NULL,
    conditions text NOT NULL,
    submitted_by uuid NOT NULL REFERENCES users (id),
    submitted_at timestamptz NOT NULL,
    remarks text,
    decided_by uuid REFERENCES users (id),
    decided_at timestamptz,
    version bigint NOT NULL
);
CREATE INDEX facility_applications_facility ON facility_applications (facility_id, id);
CREATE INDEX facility_applications_status ON facility_applications (status, id);

-- What a serving facility states anew about itself and an officer has to look at first; one waits at a time.
CREATE TABLE facility_changes (
    id uuid CONSTRAINT facility_changes_id PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facilities (id),
    status text NOT NULL,
    proposed text NOT NULL,
    submitted_by uuid NOT NULL REFERENCES users (id),
    submitted_at timestamptz NOT NULL,
    remarks text,
    decided_by uuid REFERENCES users (id),
    decided_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX facility_changes_facility_id ON facility_changes (facility_id) WHERE status = 'pending';
CREATE INDEX facility_changes_facility ON facility_changes (facility_id, id);
CREATE INDEX facility_changes_status ON facility_changes (status, id);

-- Art. 19: while one runs, the facilities of its region take vouchers.
CREATE TABLE recognition_agreements (
    id uuid CONSTRAINT recognition_agreements_id PRIMARY KEY,
    region text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on >= starts_on),
    entered_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL
);

-- Art. 5: what a service that rents computing power offers for its price.
ALTER TABLE services ADD COLUMN compute text;

-- Art. 11, 14: the yearly assessment of facilities: one campaign a year, and what facilities submit to it.
CREATE TABLE assessments (
    id uuid CONSTRAINT assessments_id PRIMARY KEY,
    year integer NOT NULL,
    title text NOT NULL,
    policy_id text NOT NULL,
    status text NOT NULL,
    submit_by date NOT NULL,
    closes_at timestamptz NOT NULL,
    budget_fen bigint NOT NULL CHECK (budget_fen > 0),
    criteria text NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    announced_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX assessments_year ON assessments (year);

-- What a facility submits, with the figures as they were when it was handed in.
CREATE TABLE assessment_submissions (
    id uuid CONSTRAINT assessment_submissions_id PRIMARY KEY,
    assessment_id uuid NOT NULL REFERENCES assessments (id),
    facility_id uuid NOT NULL REFERENCES facilities (id),
    status text NOT NULL,
    statement text NOT NULL,
    figures text,
    submitted_by uuid REFERENCES users (id),
    submitted_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX assessment_submissions_assessment_id_facility_id ON assessment_submissions (assessment_id, facility_id);
CREATE INDEX assessment_submissions_facility ON assessment_submissions (facility_id, id);

-- Art. 13: how a facility used a year's money.
CREATE TABLE fund_statements (
    id uuid CONSTRAINT fund_statements_id PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facilities (id),
    year integer NOT NULL,
    policy_id text NOT NULL,
    stated text NOT NULL,
    stated_by uuid NOT NULL REFERENCES users (id),
    stated_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX fund_statements_facility_id_year ON fund_statements (facility_id, year);
CREATE INDEX fund_statements_year ON fund_statements (year, id);

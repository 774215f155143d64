-- Art. 11, 14: the yearly assessment of facilities: one campaign a year, and what facilities submit to it.
CREATE TABLE assessments (
    id TEXT PRIMARY KEY,
    year INTEGER NOT NULL,
    title TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    status TEXT NOT NULL,
    submit_by TEXT NOT NULL,
    closes_at TEXT NOT NULL,
    budget_fen INTEGER NOT NULL CHECK (budget_fen > 0),
    criteria TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    announced_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX assessments_year ON assessments (year);

-- What a facility submits, with the figures as they were when it was handed in.
CREATE TABLE assessment_submissions (
    id TEXT PRIMARY KEY,
    assessment_id TEXT NOT NULL REFERENCES assessments (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    status TEXT NOT NULL,
    statement TEXT NOT NULL,
    figures TEXT,
    submitted_by TEXT REFERENCES users (id),
    submitted_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX assessment_submissions_assessment_id_facility_id ON assessment_submissions (assessment_id, facility_id);
CREATE INDEX assessment_submissions_facility ON assessment_submissions (facility_id, id);

-- Art. 13: how a facility used a year's money.
CREATE TABLE fund_statements (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    year INTEGER NOT NULL,
    policy_id TEXT NOT NULL,
    stated TEXT NOT NULL,
    stated_by TEXT NOT NULL REFERENCES users (id),
    stated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX fund_statements_facility_id_year ON fund_statements (facility_id, year);
CREATE INDEX fund_statements_year ON fund_statements (year, id);

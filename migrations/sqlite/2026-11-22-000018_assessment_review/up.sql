-- Art. 14.3, 14.4: experts score what facilities submitted, some are visited, all are graded.
CREATE TABLE assessment_reviews (
    id TEXT PRIMARY KEY,
    submission_id TEXT NOT NULL REFERENCES assessment_submissions (id),
    expert_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL,
    given TEXT,
    recusal_reason TEXT,
    assigned_at TEXT NOT NULL,
    submitted_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX assessment_reviews_submission_id_expert_id ON assessment_reviews (submission_id, expert_id);
CREATE INDEX assessment_reviews_expert ON assessment_reviews (expert_id, id);
-- What a visit found, and what the submission came to.
ALTER TABLE assessment_submissions ADD COLUMN visit TEXT;
ALTER TABLE assessment_submissions ADD COLUMN award TEXT;
ALTER TABLE assessment_submissions ADD COLUMN subsidy_fen INTEGER;
-- Who proposed the grades, who decided, and which draw says who is visited (no foreign key: draws are kept by
-- themselves and never referred to by the store).
ALTER TABLE assessments ADD COLUMN graded_by TEXT REFERENCES users (id);
ALTER TABLE assessments ADD COLUMN decided_by TEXT REFERENCES users (id);
ALTER TABLE assessments ADD COLUMN decided_at TEXT;
ALTER TABLE assessments ADD COLUMN visits_draw_id TEXT;

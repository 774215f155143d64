-- Art. 14.3, 14.4: experts score what facilities submitted, some are visited, all are graded.
CREATE TABLE assessment_reviews (
    id uuid CONSTRAINT assessment_reviews_id PRIMARY KEY,
    submission_id uuid NOT NULL REFERENCES assessment_submissions (id),
    expert_id uuid NOT NULL REFERENCES users (id),
    status text NOT NULL,
    given text,
    recusal_reason text,
    assigned_at timestamptz NOT NULL,
    submitted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX assessment_reviews_submission_id_expert_id ON assessment_reviews (submission_id, expert_id);
CREATE INDEX assessment_reviews_expert ON assessment_reviews (expert_id, id);
-- What a visit found, and what the submission came to.
ALTER TABLE assessment_submissions ADD COLUMN visit text;
ALTER TABLE assessment_submissions ADD COLUMN award text;
ALTER TABLE assessment_submissions ADD COLUMN subsidy_fen bigint;
-- Who proposed the grades, who decided, and which draw says who is visited (no foreign key: draws are kept by
-- themselves and never referred to by the store).
ALTER TABLE assessments ADD COLUMN graded_by uuid REFERENCES users (id);
ALTER TABLE assessments ADD COLUMN decided_by uuid REFERENCES users (id);
ALTER TABLE assessments ADD COLUMN decided_at timestamptz;
ALTER TABLE assessments ADD COLUMN visits_draw_id uuid;

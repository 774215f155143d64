-- Seeds that were committed to before anybody knew what they would draw. The seed itself is nowhere in the
-- store before its draw: the program derives it under its key.
CREATE TABLE draw_seeds (
    id uuid CONSTRAINT draw_seeds_id PRIMARY KEY,
    hash text NOT NULL,
    committed_at timestamptz NOT NULL,
    ended_at timestamptz NULL,
    version bigint NOT NULL
);
CREATE INDEX draw_seeds_pending ON draw_seeds (committed_at) WHERE ended_at IS NULL;
-- What was drawn, with all it takes to draw it again; public.
CREATE TABLE draws (
    id uuid CONSTRAINT draws_id PRIMARY KEY,
    kind text NOT NULL,
    scope text NULL,
    share_bps integer NULL,
    subject_id uuid NULL,
    seed_id uuid NULL CONSTRAINT draws_seed_id UNIQUE REFERENCES draw_seeds (id),
    seed_hash text NOT NULL,
    committed_at timestamptz NOT NULL,
    seed text NOT NULL,
    entries text NOT NULL,
    list_hash text NOT NULL,
    drawn text NOT NULL,
    drawn_ids text NOT NULL,
    drawn_by uuid NOT NULL REFERENCES users (id),
    drawn_at timestamptz NOT NULL,
    CHECK ((kind = 'spot_check') = (scope IS NOT NULL)),
    CHECK ((kind = 'spot_check') = (share_bps IS NOT NULL))
);
CREATE TRIGGER draws_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON draws
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
-- For whom an expert worked before, and until when.
ALTER TABLE experts ADD COLUMN earlier_work text NOT NULL DEFAULT '[]';
-- Where a site visit or a defence takes place, and who was there.
ALTER TABLE inquiries ADD COLUMN place text NULL;
ALTER TABLE inquiries ADD COLUMN attendees text NOT NULL DEFAULT '[]';

-- The chain that seals the events, in the order in which the job saw them committed. Apart from the events,
-- and without a foreign key: what is written in a rush pays nothing for it.
CREATE TABLE event_seals (
    position bigint CONSTRAINT event_seals_position PRIMARY KEY CHECK (position > 0),
    event_id uuid NOT NULL CONSTRAINT event_seals_event_id UNIQUE,
    sealed_at timestamptz NOT NULL,
    hash text NOT NULL
);
-- Where the chain stood when a day was over: what is published.
CREATE TABLE audit_roots (
    id uuid CONSTRAINT audit_roots_id PRIMARY KEY,
    day date NOT NULL CONSTRAINT audit_roots_day UNIQUE,
    position bigint NOT NULL CHECK (position > 0),
    hash text NOT NULL,
    closed_at timestamptz NOT NULL
);
-- Ids carry their instant: a span of time is a span of the primary key.
DROP INDEX events_by_instant;

-- What is entered once is never changed, whatever program asks for it.
CREATE FUNCTION refuse_to_change_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it was entered: no %', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER event_seals_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON event_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER audit_roots_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_roots
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER ledger_entries_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER attempts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON attempts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER judgements_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON judgements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();
CREATE TRIGGER panels_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON panels
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_entries();

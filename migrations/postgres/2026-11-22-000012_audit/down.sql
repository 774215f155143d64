DROP TRIGGER panels_are_kept ON panels;
DROP TRIGGER judgements_are_kept ON judgements;
DROP TRIGGER attempts_are_kept ON attempts;
DROP TRIGGER ledger_entries_are_kept ON ledger_entries;
DROP TRIGGER events_are_kept ON events;
DROP TABLE audit_roots;
DROP TABLE event_seals;
DROP FUNCTION refuse_to_change_entries;
CREATE INDEX events_by_instant ON events (occurred_at);

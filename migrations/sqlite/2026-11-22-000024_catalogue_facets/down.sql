DROP TRIGGER services_entered;
DROP TRIGGER services_changed;
DROP TRIGGER services_worded;
DROP TRIGGER instruments_entered;
DROP TRIGGER instruments_changed;
DROP TRIGGER instruments_worded;
DROP TRIGGER facilities_entered;
DROP TRIGGER facilities_changed;
DROP TRIGGER facilities_worded;
DROP TRIGGER catalogue_entries_counted;
DROP TRIGGER catalogue_entries_recounted;

CREATE TABLE catalogue_entries_old (
    number INTEGER NOT NULL PRIMARY KEY,
    sort TEXT NOT NULL,
    entry_id TEXT NOT NULL UNIQUE,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    is_offered INTEGER NOT NULL,
    is_shown INTEGER NOT NULL,
    field TEXT,
    kind TEXT,
    category TEXT,
    district TEXT NOT NULL,
    price_fen INTEGER,
    facets TEXT NOT NULL
) STRICT;
INSERT INTO catalogue_entries_old (number, sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
SELECT e.number, e.sort, e.entry_id, e.facility_id, e.is_offered, e.is_shown, e.field, e.kind, e.category, e.district, e.price_fen, f.facets
FROM catalogue_entries e JOIN catalogue_facets f ON f.id = e.facets_id;
DROP TABLE catalogue_entries;
DROP TABLE catalogue_facets;
ALTER TABLE catalogue_entries_old RENAME TO catalogue_entries;
CREATE INDEX catalogue_entries_facility ON catalogue_entries (facility_id);
CREATE INDEX catalogue_entries_facets ON catalogue_entries (sort, is_shown, facets);
CREATE INDEX catalogue_entries_price ON catalogue_entries (sort, is_shown, price_fen, number);
CREATE INDEX catalogue_entries_number ON catalogue_entries (sort, is_shown, number);

CREATE TRIGGER services_entered AFTER INSERT ON services BEGIN
    INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
    SELECT 'service', NEW.id, NEW.facility_id, NEW.is_offered, NEW.is_offered AND f.status IN ('active', 'exiting'),
        NEW.field, NEW.kind, NULL, f.district, NEW.price_fen,
        NEW.field || char(31) || NEW.kind || char(31) || CASE WHEN NEW.price_fen IS NULL THEN '' WHEN NEW.price_fen <= 100000 THEN '0' WHEN NEW.price_fen <= 1000000 THEN '1' WHEN NEW.price_fen <= 5000000 THEN '2' ELSE '3' END || char(31) || f.district || char(31) || ''
    FROM facilities f WHERE f.id = NEW.facility_id;
    INSERT INTO __catalogue_terms (rowid, terms) SELECT number, coalesce(NEW.terms, '') FROM catalogue_entries WHERE entry_id = NEW.id;
END;

CREATE TRIGGER services_changed AFTER UPDATE ON services BEGIN
    UPDATE catalogue_entries SET is_offered = NEW.is_offered, is_shown = NEW.is_offered AND f.status IN ('active', 'exiting'),
        field = NEW.field, kind = NEW.kind, category = NULL, price_fen = NEW.price_fen,
        facets = NEW.field || char(31) || NEW.kind || char(31) || CASE WHEN NEW.price_fen IS NULL THEN '' WHEN NEW.price_fen <= 100000 THEN '0' WHEN NEW.price_fen <= 1000000 THEN '1' WHEN NEW.price_fen <= 5000000 THEN '2' ELSE '3' END || char(31) || f.district || char(31) || ''
    FROM facilities f WHERE f.id = NEW.facility_id AND entry_id = NEW.id;
END;

CREATE TRIGGER services_worded AFTER UPDATE ON services WHEN OLD.terms IS NOT NEW.terms BEGIN
    UPDATE __catalogue_terms SET terms = coalesce(NEW.terms, '')
    WHERE rowid = (SELECT number FROM catalogue_entries WHERE entry_id = NEW.id);
END;

CREATE TRIGGER instruments_entered AFTER INSERT ON instruments BEGIN
    INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
    SELECT 'instrument', NEW.id, NEW.facility_id, NEW.is_offered, NEW.is_offered AND f.status IN ('active', 'exiting'),
        NULL, NULL, NEW.category, f.district, NULL,
        '' || char(31) || '' || char(31) || '' || char(31) || f.district || char(31) || NEW.category
    FROM facilities f WHERE f.id = NEW.facility_id;
    INSERT INTO __catalogue_terms (rowid, terms) SELECT number, coalesce(NEW.terms, '') FROM catalogue_entries WHERE entry_id = NEW.id;
END;

CREATE TRIGGER instruments_changed AFTER UPDATE ON instruments BEGIN
    UPDATE catalogue_entries SET is_offered = NEW.is_offered, is_shown = NEW.is_offered AND f.status IN ('active', 'exiting'),
        field = NULL, kind = NULL, category = NEW.category, price_fen = NULL,
        facets = '' || char(31) || '' || char(31) || '' || char(31) || f.district || char(31) || NEW.category
    FROM facilities f WHERE f.id = NEW.facility_id AND entry_id = NEW.id;
END;

CREATE TRIGGER instruments_worded AFTER UPDATE ON instruments WHEN OLD.terms IS NOT NEW.terms BEGIN
    UPDATE __catalogue_terms SET terms = coalesce(NEW.terms, '')
    WHERE rowid = (SELECT number FROM catalogue_entries WHERE entry_id = NEW.id);
END;

CREATE TRIGGER facilities_entered AFTER INSERT ON facilities BEGIN
    INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
    VALUES ('facility', NEW.id, NEW.id, TRUE, NEW.status IN ('active', 'exiting'), NEW.nature, NEW.region, NULL, NEW.district, NULL,
        NEW.nature || char(31) || NEW.region || char(31) || '' || char(31) || NEW.district || char(31) || '');
    INSERT INTO __catalogue_terms (rowid, terms) SELECT number, coalesce(NEW.terms, '') FROM catalogue_entries WHERE entry_id = NEW.id;
END;

-- What a facility offers goes with it: shown while it serves, found in its district.
CREATE TRIGGER facilities_changed AFTER UPDATE ON facilities
WHEN OLD.status <> NEW.status OR OLD.district <> NEW.district OR OLD.region <> NEW.region OR OLD.nature <> NEW.nature BEGIN
    UPDATE catalogue_entries SET field = NEW.nature, kind = NEW.region WHERE entry_id = NEW.id;
    UPDATE catalogue_entries SET is_shown = is_offered AND NEW.status IN ('active', 'exiting'), district = NEW.district,
        facets = coalesce(field, '') || char(31) || coalesce(kind, '') || char(31) || CASE WHEN price_fen IS NULL THEN '' WHEN price_fen <= 100000 THEN '0' WHEN price_fen <= 1000000 THEN '1' WHEN price_fen <= 5000000 THEN '2' ELSE '3' END || char(31) || NEW.district || char(31) || coalesce(category, '')
    WHERE facility_id = NEW.id;
END;

CREATE TRIGGER facilities_worded AFTER UPDATE ON facilities WHEN OLD.terms IS NOT NEW.terms BEGIN
    UPDATE __catalogue_terms SET terms = coalesce(NEW.terms, '')
    WHERE rowid = (SELECT number FROM catalogue_entries WHERE entry_id = NEW.id);
END;

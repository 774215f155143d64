-- What the public searches: one narrow row for each service, instrument and facility, kept by triggers,
-- so that no way of writing the sources can forget it. `facets` joins what is counted together (field,
-- kind, band of price, district, category), so that one pass over the hits counts them all.
-- The bands end at 1 000, 10 000 and 50 000 yuan: `domain::catalogue::PRICE_BANDS_FEN`.
-- The words are made by `domain::catalogue::terms` for both databases; what begins with two underscores
-- is one database's own.
ALTER TABLE facilities ADD COLUMN terms TEXT;
ALTER TABLE instruments ADD COLUMN terms TEXT;
ALTER TABLE services ADD COLUMN terms TEXT;

CREATE TABLE catalogue_entries (
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
CREATE INDEX catalogue_entries_facility ON catalogue_entries (facility_id);
CREATE INDEX catalogue_entries_facets ON catalogue_entries (sort, is_shown, facets);
CREATE INDEX catalogue_entries_price ON catalogue_entries (sort, is_shown, price_fen, number);
CREATE INDEX catalogue_entries_number ON catalogue_entries (sort, is_shown, number);

-- The text is not kept a second time; letters, digits and the mark of a name's words are what words are made of.
CREATE VIRTUAL TABLE __catalogue_terms USING fts5(
    terms, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 0'
);

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

-- What was entered before; its words are written by the program when it starts.
INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
SELECT 'facility', id, id, TRUE, status IN ('active', 'exiting'), nature, region, NULL, district, NULL, nature || char(31) || region || char(31) || '' || char(31) || district || char(31) || '' FROM facilities ORDER BY id;
INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
SELECT 'service', s.id, s.facility_id, s.is_offered, s.is_offered AND f.status IN ('active', 'exiting'), s.field, s.kind, NULL, f.district, s.price_fen,
    s.field || char(31) || s.kind || char(31) || CASE WHEN s.price_fen IS NULL THEN '' WHEN s.price_fen <= 100000 THEN '0' WHEN s.price_fen <= 1000000 THEN '1' WHEN s.price_fen <= 5000000 THEN '2' ELSE '3' END || char(31) || f.district || char(31) || ''
FROM services s JOIN facilities f ON f.id = s.facility_id ORDER BY s.id;
INSERT INTO catalogue_entries (sort, entry_id, facility_id, is_offered, is_shown, field, kind, category, district, price_fen, facets)
SELECT 'instrument', s.id, s.facility_id, s.is_offered, s.is_offered AND f.status IN ('active', 'exiting'), NULL, NULL, s.category, f.district, NULL,
    '' || char(31) || '' || char(31) || '' || char(31) || f.district || char(31) || s.category
FROM instruments s JOIN facilities f ON f.id = s.facility_id ORDER BY s.id;
INSERT INTO __catalogue_terms (rowid, terms) SELECT number, '' FROM catalogue_entries;

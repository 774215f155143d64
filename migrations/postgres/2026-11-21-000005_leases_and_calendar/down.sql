DROP TABLE reminders;
DROP TABLE deadline_feeds;
DROP TABLE calendar_years;
DROP TABLE leases;

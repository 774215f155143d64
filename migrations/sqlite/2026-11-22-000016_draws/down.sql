ALTER TABLE inquiries DROP COLUMN attendees;
ALTER TABLE inquiries DROP COLUMN place;
ALTER TABLE experts DROP COLUMN earlier_work;
DROP TABLE draws;
DROP TABLE draw_seeds;

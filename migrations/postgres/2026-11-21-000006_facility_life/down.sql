ALTER TABLE services DROP COLUMN compute;
DROP TABLE recognition_agreements;
DROP TABLE facility_changes;
DROP TABLE facility_applications;
ALTER TABLE facilities DROP COLUMN exit_reason;
ALTER TABLE facilities DROP COLUMN notice_id;

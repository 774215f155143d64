-- What is sealed stays sealed: a program from before cannot read it.
DROP INDEX files_by_uploader;
DROP TABLE corrections;
DROP TABLE unsealed_places;
DROP TABLE privacy_keys;
ALTER TABLE users DROP COLUMN phone_index;

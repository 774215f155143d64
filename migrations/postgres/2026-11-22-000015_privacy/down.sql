-- What is sealed stays sealed: a program from before cannot read it.
DROP TABLE corrections;
DROP TABLE unsealed_places;
DROP TABLE privacy_keys;
ALTER TABLE users DROP COLUMN phone_index;

DROP INDEX outbox_by_user;

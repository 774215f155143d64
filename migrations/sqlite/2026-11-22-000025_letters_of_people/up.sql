-- 个人信息保护法 第四十五条: people take along the letters that were written to them.
CREATE INDEX outbox_by_user ON outbox (user_id, id);

-- The officer who took a review back from an expert who was silent; none where the expert stepped back.
ALTER TABLE reviews ADD COLUMN released_by uuid REFERENCES users (id);
ALTER TABLE assessment_reviews ADD COLUMN released_by uuid REFERENCES users (id);

DROP TABLE told_claims;

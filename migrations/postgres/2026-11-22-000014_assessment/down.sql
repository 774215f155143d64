DROP TABLE fund_statements;
DROP TABLE assessment_submissions;
DROP TABLE assessments;

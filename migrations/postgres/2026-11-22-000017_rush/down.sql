ALTER TABLE judgements ADD CONSTRAINT judgements_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES organizations (id);
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_cycle_id_fkey FOREIGN KEY (cycle_id) REFERENCES cycles (id);
ALTER TABLE vouchers ADD CONSTRAINT vouchers_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES organizations (id);
ALTER TABLE vouchers ADD CONSTRAINT vouchers_cycle_id_fkey FOREIGN KEY (cycle_id) REFERENCES cycles (id);

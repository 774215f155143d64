-- Art. 7: what an applicant states about itself. Exists from registration on, empty at first.
CREATE TABLE profiles (
    id TEXT PRIMARY KEY REFERENCES organizations (id),
    document TEXT,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Art. 15.4: who reviews, in which fields, tied to whom.
CREATE TABLE experts (
    id TEXT PRIMARY KEY REFERENCES users (id),
    employer_name TEXT,
    employer_uscc TEXT,
    fields TEXT NOT NULL,
    ties TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Art. 6: facilities; the id is the organization's.
CREATE TABLE facilities (
    id TEXT PRIMARY KEY REFERENCES organizations (id),
    status TEXT NOT NULL,
    region TEXT NOT NULL,
    district TEXT NOT NULL,
    nature TEXT NOT NULL,
    is_third_party_testing INTEGER NOT NULL,
    exit_last_day TEXT,
    payee_name TEXT,
    payee_bank TEXT,
    payee_account TEXT,
    entered_by TEXT REFERENCES users (id),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE instruments (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    name TEXT NOT NULL,
    maker TEXT NOT NULL,
    model TEXT NOT NULL,
    category TEXT NOT NULL,
    original_value_fen INTEGER NOT NULL CHECK (original_value_fen >= 0),
    opening_rules TEXT NOT NULL,
    is_offered INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX instruments_facility ON instruments (facility_id);

CREATE TABLE services (
    id TEXT PRIMARY KEY,
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    field TEXT NOT NULL,
    kind TEXT NOT NULL,
    price_fen INTEGER NOT NULL CHECK (price_fen >= 0),
    unit TEXT NOT NULL,
    turnaround_days INTEGER NOT NULL CHECK (turnaround_days >= 0),
    is_statutory_testing INTEGER NOT NULL,
    instrument_ids TEXT NOT NULL,
    is_offered INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX services_facility ON services (facility_id);

-- Art. 12: an issuing window. The seven accounts are caches of the ledger, which `voucher verify` recomputes.
CREATE TABLE cycles (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'closed')),
    budget_fen INTEGER NOT NULL CHECK (budget_fen > 0),
    opens_at TEXT NOT NULL,
    closes_at TEXT NOT NULL,
    available_fen INTEGER NOT NULL CHECK (available_fen >= 0),
    held_fen INTEGER NOT NULL CHECK (held_fen >= 0),
    committed_fen INTEGER NOT NULL CHECK (committed_fen >= 0),
    payable_fen INTEGER NOT NULL CHECK (payable_fen >= 0),
    paid_fen INTEGER NOT NULL CHECK (paid_fen >= 0),
    lapsed_fen INTEGER NOT NULL CHECK (lapsed_fen >= 0),
    recovered_fen INTEGER NOT NULL CHECK (recovered_fen >= 0),
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT cycles_sum CHECK (available_fen + held_fen + committed_fen + payable_fen + paid_fen + lapsed_fen + recovered_fen = budget_fen)
) STRICT, WITHOUT ROWID;

-- The truth about money: every movement, never changed.
-- The version that an entry gave its cycle orders the entries: ids order only those of one server's clock.
CREATE TABLE ledger_entries (
    id TEXT PRIMARY KEY,
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    cycle_version INTEGER NOT NULL,
    from_account TEXT NOT NULL,
    to_account TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    cause TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    voucher_id TEXT,
    occurred_at TEXT NOT NULL,
    request_id TEXT NOT NULL,
    CHECK (from_account <> to_account)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_entries_cycle ON ledger_entries (cycle_id, cycle_version, id);
CREATE INDEX ledger_entries_voucher ON ledger_entries (voucher_id);

CREATE TABLE vouchers (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    status TEXT NOT NULL CHECK (status IN ('claimed', 'registered', 'redeeming', 'redeemed', 'void')),
    void_cause TEXT,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    counted_fen INTEGER NOT NULL CHECK (counted_fen >= 0),
    claim_year INTEGER NOT NULL,
    claimed_at TEXT NOT NULL,
    register_by TEXT NOT NULL,
    registered_on TEXT,
    valid_until TEXT,
    contract_id TEXT,
    lapses_at TEXT,
    profile TEXT NOT NULL,
    findings TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT vouchers_number UNIQUE (number),
    CHECK ((status = 'void') = (void_cause IS NOT NULL)),
    CHECK (counted_fen <= amount_fen)
) STRICT, WITHOUT ROWID;
CREATE INDEX vouchers_applicant ON vouchers (applicant_id, claim_year);
CREATE INDEX vouchers_cycle ON vouchers (cycle_id, id);
CREATE INDEX vouchers_contract ON vouchers (contract_id);
CREATE INDEX vouchers_lapse ON vouchers (lapses_at) WHERE lapses_at IS NOT NULL;

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'returned', 'accepted', 'declined')),
    title TEXT NOT NULL,
    research TEXT NOT NULL,
    kind TEXT NOT NULL,
    service_ids TEXT NOT NULL,
    voucher_ids TEXT NOT NULL,
    planned_amount_fen INTEGER NOT NULL CHECK (planned_amount_fen > 0),
    is_statutory_testing INTEGER NOT NULL,
    has_municipal_funding INTEGER NOT NULL,
    remarks TEXT NOT NULL,
    submitted_at TEXT,
    decided_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX projects_applicant ON projects (applicant_id, id);
CREATE INDEX projects_facility ON projects (facility_id, id);

CREATE TABLE contracts (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    policy_id TEXT NOT NULL,
    status TEXT NOT NULL,
    number TEXT NOT NULL,
    signed_on TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    completed_on TEXT,
    actual_amount_fen INTEGER CHECK (actual_amount_fen > 0),
    termination_reason TEXT,
    valid_until TEXT NOT NULL,
    redeem_by TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT contracts_facility_id_number UNIQUE (facility_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX contracts_applicant ON contracts (applicant_id, id);
CREATE INDEX contracts_project ON contracts (project_id);

CREATE TABLE files (
    id TEXT PRIMARY KEY,
    uploaded_by TEXT NOT NULL REFERENCES users (id),
    organization_id TEXT REFERENCES organizations (id),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a file is attached to; whoever may see that may see the file.
CREATE TABLE attachments (
    file_id TEXT NOT NULL REFERENCES files (id),
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    PRIMARY KEY (file_id, subject_kind, subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_subject ON attachments (subject_id);

CREATE TABLE redemptions (
    id TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    applicant_id TEXT NOT NULL REFERENCES organizations (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    policy_id TEXT NOT NULL,
    status TEXT NOT NULL,
    actual_amount_fen INTEGER NOT NULL CHECK (actual_amount_fen > 0),
    claimable_fen INTEGER NOT NULL CHECK (claimable_fen >= 0),
    remarks TEXT NOT NULL,
    submitted_at TEXT,
    correct_by TEXT,
    officer_remarks TEXT NOT NULL,
    applicant_agrees INTEGER,
    applicant_rating INTEGER,
    applicant_remarks TEXT,
    confirmed_by TEXT REFERENCES users (id),
    concluded_decision TEXT,
    concluded_fen INTEGER CHECK (concluded_fen >= 0),
    concluded_opinion TEXT,
    concluded_by TEXT REFERENCES users (id),
    approved_fen INTEGER CHECK (approved_fen >= 0),
    approved_by TEXT REFERENCES users (id),
    approved_opinion TEXT,
    approved_at TEXT,
    notice_id TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX redemptions_facility ON redemptions (facility_id, id);
CREATE INDEX redemptions_applicant ON redemptions (applicant_id, id);
CREATE INDEX redemptions_status ON redemptions (status);
-- One redemption at a time for a contract.
CREATE UNIQUE INDEX redemptions_contract_id ON redemptions (contract_id) WHERE status NOT IN ('withdrawn', 'rejected', 'void');

-- Which part of a redemption each voucher pays.
CREATE TABLE allotments (
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    voucher_id TEXT NOT NULL REFERENCES vouchers (id),
    cycle_id TEXT NOT NULL REFERENCES cycles (id),
    payable_fen INTEGER NOT NULL CHECK (payable_fen >= 0),
    PRIMARY KEY (redemption_id, voucher_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invoices (
    id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    code TEXT NOT NULL,
    number TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    is_claimed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invoices_redemption ON invoices (redemption_id);
-- Art. 16: the same invoice never supports two redemptions.
CREATE UNIQUE INDEX invoices_code_number ON invoices (code, number) WHERE is_claimed = 1;

CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    kind TEXT NOT NULL,
    file_id TEXT NOT NULL REFERENCES files (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_redemption ON evidence (redemption_id);

CREATE TABLE panels (
    id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    seed TEXT NOT NULL,
    size INTEGER NOT NULL,
    candidate_ids TEXT NOT NULL,
    drawn_ids TEXT NOT NULL,
    excluded TEXT NOT NULL,
    drawn_by TEXT NOT NULL REFERENCES users (id),
    drawn_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX panels_redemption ON panels (redemption_id);

CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    expert_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL,
    scores TEXT,
    recommendation TEXT,
    amount_fen INTEGER CHECK (amount_fen >= 0),
    is_doubtful INTEGER,
    opinion TEXT,
    recusal_reason TEXT,
    assigned_at TEXT NOT NULL,
    submitted_at TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT reviews_redemption_id_expert_id UNIQUE (redemption_id, expert_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reviews_by_expert ON reviews (expert_id, id);

CREATE TABLE inquiries (
    id TEXT PRIMARY KEY,
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    kind TEXT NOT NULL,
    scheduled_at TEXT NOT NULL,
    outcome TEXT,
    record TEXT,
    recorded_by TEXT REFERENCES users (id),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX inquiries_redemption ON inquiries (redemption_id);

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    published_at TEXT NOT NULL,
    deadline TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    published_by TEXT NOT NULL REFERENCES users (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice_items (
    id TEXT PRIMARY KEY,
    notice_id TEXT NOT NULL REFERENCES notices (id),
    subject_id TEXT NOT NULL,
    status TEXT NOT NULL,
    public_facts TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_items_notice ON notice_items (notice_id);
CREATE INDEX notice_items_subject ON notice_items (subject_id);
-- What the job looks through every few seconds.
CREATE INDEX notice_items_published ON notice_items (notice_id) WHERE status = 'published';

CREATE TABLE objections (
    id TEXT PRIMARY KEY,
    notice_id TEXT NOT NULL REFERENCES notices (id),
    item_id TEXT NOT NULL REFERENCES notice_items (id),
    status TEXT NOT NULL,
    name TEXT NOT NULL,
    contact TEXT NOT NULL,
    grounds TEXT NOT NULL,
    amount_fen INTEGER CHECK (amount_fen >= 0),
    reasons TEXT,
    resolved_by TEXT REFERENCES users (id),
    resolved_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX objections_item ON objections (item_id);
CREATE INDEX objections_open ON objections (item_id) WHERE status = 'open';
CREATE INDEX objections_notice ON objections (notice_id, id);

CREATE TABLE disbursements (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    quarter TEXT NOT NULL,
    total_fen INTEGER NOT NULL CHECK (total_fen > 0),
    prepared_by TEXT NOT NULL REFERENCES users (id),
    approved_by TEXT REFERENCES users (id),
    approved_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE disbursement_lines (
    id TEXT PRIMARY KEY,
    disbursement_id TEXT NOT NULL REFERENCES disbursements (id),
    redemption_id TEXT NOT NULL REFERENCES redemptions (id),
    facility_id TEXT NOT NULL REFERENCES facilities (id),
    -- As they were when the batch was prepared: what the second officer approves is what is paid.
    payee_name text NOT NULL,
    payee_bank text,
    payee_account text,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    status TEXT NOT NULL,
    reference TEXT,
    reason TEXT,
    settled_at TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX disbursement_lines_batch ON disbursement_lines (disbursement_id);
CREATE INDEX disbursement_lines_by_redemption ON disbursement_lines (redemption_id);
-- A redemption is in one open payment at a time, and paid once.
CREATE UNIQUE INDEX disbursement_lines_redemption_id ON disbursement_lines (redemption_id) WHERE status <> 'failed';

-- Art. 7: what an applicant states about itself. Exists from registration on, empty at first.
CREATE TABLE profiles (
    id uuid CONSTRAINT profiles_id PRIMARY KEY REFERENCES organizations (id),
    document jsonb,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
);

-- Art. 15.4: who reviews, in which fields, tied to whom.
CREATE TABLE experts (
    id uuid CONSTRAINT experts_id PRIMARY KEY REFERENCES users (id),
    employer_name text,
    employer_uscc text,
    fields jsonb NOT NULL,
    ties jsonb NOT NULL,
    version bigint NOT NULL
);

-- Art. 6: facilities; the id is the organization's.
CREATE TABLE facilities (
    id uuid CONSTRAINT facilities_id PRIMARY KEY REFERENCES organizations (id),
    status text NOT NULL,
    region text NOT NULL,
    district text NOT NULL,
    nature text NOT NULL,
    is_third_party_testing boolean NOT NULL,
    exit_last_day date,
    payee_name text,
    payee_bank text,
    payee_account text,
    entered_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE instruments (
    id uuid CONSTRAINT instruments_id PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facilities (id),
    name text NOT NULL,
    maker text NOT NULL,
    model text NOT NULL,
    category text NOT NULL,
    original_value_fen bigint NOT NULL CHECK (original_value_fen >= 0),
    opening_rules text NOT NULL,
    is_offered boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX instruments_facility ON instruments (facility_id);

CREATE TABLE services (
    id uuid CONSTRAINT services_id PRIMARY KEY,
    facility_id uuid NOT NULL REFERENCES facilities (id),
    name text NOT NULL,
    purpose text NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    price_fen bigint NOT NULL CHECK (price_fen >= 0),
    unit text NOT NULL,
    turnaround_days integer NOT NULL CHECK (turnaround_days >= 0),
    is_statutory_testing boolean NOT NULL,
    instrument_ids jsonb NOT NULL,
    is_offered boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX services_facility ON services (facility_id);

-- Art. 12: an issuing window. The seven accounts are caches of the ledger, which `voucher verify` recomputes.
CREATE TABLE cycles (
    id uuid CONSTRAINT cycles_id PRIMARY KEY,
    name text NOT NULL,
    policy_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'closed')),
    budget_fen bigint NOT NULL CHECK (budget_fen > 0),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    available_fen bigint NOT NULL CHECK (available_fen >= 0),
    held_fen bigint NOT NULL CHECK (held_fen >= 0),
    committed_fen bigint NOT NULL CHECK (committed_fen >= 0),
    payable_fen bigint NOT NULL CHECK (payable_fen >= 0),
    paid_fen bigint NOT NULL CHECK (paid_fen >= 0),
    lapsed_fen bigint NOT NULL CHECK (lapsed_fen >= 0),
    recovered_fen bigint NOT NULL CHECK (recovered_fen >= 0),
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT cycles_sum CHECK (available_fen + held_fen + committed_fen + payable_fen + paid_fen + lapsed_fen + recovered_fen = budget_fen)
);

-- The truth about money: every movement, never changed.
-- The version that an entry gave its cycle orders the entries: ids order only those of one server's clock.
CREATE TABLE ledger_entries (
    id uuid CONSTRAINT ledger_entries_id PRIMARY KEY,
    cycle_id uuid NOT NULL REFERENCES cycles (id),
    cycle_version bigint NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    cause text NOT NULL,
    subject_id uuid NOT NULL,
    voucher_id uuid,
    occurred_at timestamptz NOT NULL,
    request_id uuid NOT NULL,
    CHECK (from_account <> to_account)
);
CREATE INDEX ledger_entries_cycle ON ledger_entries (cycle_id, cycle_version, id);
CREATE INDEX ledger_entries_voucher ON ledger_entries (voucher_id);

CREATE TABLE vouchers (
    id uuid CONSTRAINT vouchers_id PRIMARY KEY,
    number text NOT NULL,
    cycle_id uuid NOT NULL REFERENCES cycles (id),
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    status text NOT NULL CHECK (status IN ('claimed', 'registered', 'redeeming', 'redeemed', 'void')),
    void_cause text,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    counted_fen bigint NOT NULL CHECK (counted_fen >= 0),
    claim_year integer NOT NULL,
    claimed_at timestamptz NOT NULL,
    register_by jsonb NOT NULL,
    registered_on date,
    valid_until jsonb,
    contract_id uuid,
    lapses_at timestamptz,
    profile jsonb NOT NULL,
    findings jsonb NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT vouchers_number UNIQUE (number),
    CHECK ((status = 'void') = (void_cause IS NOT NULL)),
    CHECK (counted_fen <= amount_fen)
);
CREATE INDEX vouchers_applicant ON vouchers (applicant_id, claim_year);
CREATE INDEX vouchers_cycle ON vouchers (cycle_id, id);
CREATE INDEX vouchers_contract ON vouchers (contract_id);
CREATE INDEX vouchers_lapse ON vouchers (lapses_at) WHERE lapses_at IS NOT NULL;

CREATE TABLE projects (
    id uuid CONSTRAINT projects_id PRIMARY KEY,
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    facility_id uuid NOT NULL REFERENCES facilities (id),
    status text NOT NULL CHECK (status IN ('draft', 'submitted', 'returned', 'accepted', 'declined')),
    title text NOT NULL,
    research text NOT NULL,
    kind text NOT NULL,
    service_ids jsonb NOT NULL,
    voucher_ids jsonb NOT NULL,
    planned_amount_fen bigint NOT NULL CHECK (planned_amount_fen > 0),
    is_statutory_testing boolean NOT NULL,
    has_municipal_funding boolean NOT NULL,
    remarks text NOT NULL,
    submitted_at timestamptz,
    decided_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX projects_applicant ON projects (applicant_id, id);
CREATE INDEX projects_facility ON projects (facility_id, id);

CREATE TABLE contracts (
    id uuid CONSTRAINT contracts_id PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES projects (id),
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    facility_id uuid NOT NULL REFERENCES facilities (id),
    policy_id text NOT NULL,
    status text NOT NULL,
    number text NOT NULL,
    signed_on date NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    completed_on date,
    actual_amount_fen bigint CHECK (actual_amount_fen > 0),
    termination_reason text,
    valid_until jsonb NOT NULL,
    redeem_by jsonb NOT NULL,
    registered_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT contracts_facility_id_number UNIQUE (facility_id, number)
);
CREATE INDEX contracts_applicant ON contracts (applicant_id, id);
CREATE INDEX contracts_project ON contracts (project_id);

CREATE TABLE files (
    id uuid CONSTRAINT files_id PRIMARY KEY,
    uploaded_by uuid NOT NULL REFERENCES users (id),
    organization_id uuid REFERENCES organizations (id),
    name text NOT NULL,
    content_type text NOT NULL,
    bytes bigint NOT NULL CHECK (bytes > 0),
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL
);

-- What a file is attached to; whoever may see that may see the file.
CREATE TABLE attachments (
    file_id uuid NOT NULL REFERENCES files (id),
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    CONSTRAINT attachments_file_id_subject_kind_subject_id PRIMARY KEY (file_id, subject_kind, subject_id)
);
CREATE INDEX attachments_subject ON attachments (subject_id);

CREATE TABLE redemptions (
    id uuid CONSTRAINT redemptions_id PRIMARY KEY,
    contract_id uuid NOT NULL REFERENCES contracts (id),
    applicant_id uuid NOT NULL REFERENCES organizations (id),
    facility_id uuid NOT NULL REFERENCES facilities (id),
    policy_id text NOT NULL,
    status text NOT NULL,
    actual_amount_fen bigint NOT NULL CHECK (actual_amount_fen > 0),
    claimable_fen bigint NOT NULL CHECK (claimable_fen >= 0),
    remarks text NOT NULL,
    submitted_at timestamptz,
    correct_by jsonb,
    officer_remarks text NOT NULL,
    applicant_agrees boolean,
    applicant_rating integer,
    applicant_remarks text,
    confirmed_by uuid REFERENCES users (id),
    concluded_decision text,
    concluded_fen bigint CHECK (concluded_fen >= 0),
    concluded_opinion text,
    concluded_by uuid REFERENCES users (id),
    approved_fen bigint CHECK (approved_fen >= 0),
    approved_by uuid REFERENCES users (id),
    approved_opinion text,
    approved_at timestamptz,
    notice_id uuid,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX redemptions_facility ON redemptions (facility_id, id);
CREATE INDEX redemptions_applicant ON redemptions (applicant_id, id);
CREATE INDEX redemptions_status ON redemptions (status);
-- One redemption at a time for a contract.
CREATE UNIQUE INDEX redemptions_contract_id ON redemptions (contract_id) WHERE status NOT IN ('withdrawn', 'rejected', 'void');

-- Which part of a redemption each voucher pays.
CREATE TABLE allotments (
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    voucher_id uuid NOT NULL REFERENCES vouchers (id),
    cycle_id uuid NOT NULL REFERENCES cycles (id),
    payable_fen bigint NOT NULL CHECK (payable_fen >= 0),
    CONSTRAINT allotments_redemption_id_voucher_id PRIMARY KEY (redemption_id, voucher_id)
);

CREATE TABLE invoices (
    id uuid CONSTRAINT invoices_id PRIMARY KEY,
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    code text NOT NULL,
    number text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    is_claimed boolean NOT NULL
);
CREATE INDEX invoices_redemption ON invoices (redemption_id);
-- Art. 16: the same invoice never supports two redemptions.
CREATE UNIQUE INDEX invoices_code_number ON invoices (code, number) WHERE is_claimed;

CREATE TABLE evidence (
    id uuid CONSTRAINT evidence_id PRIMARY KEY,
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    kind text NOT NULL,
    file_id uuid NOT NULL REFERENCES files (id)
);
CREATE INDEX evidence_redemption ON evidence (redemption_id);

CREATE TABLE panels (
    id uuid CONSTRAINT panels_id PRIMARY KEY,
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    seed text NOT NULL,
    size integer NOT NULL,
    candidate_ids jsonb NOT NULL,
    drawn_ids jsonb NOT NULL,
    excluded jsonb NOT NULL,
    drawn_by uuid NOT NULL REFERENCES users (id),
    drawn_at timestamptz NOT NULL
);
CREATE INDEX panels_redemption ON panels (redemption_id);

CREATE TABLE reviews (
    id uuid CONSTRAINT reviews_id PRIMARY KEY,
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    expert_id uuid NOT NULL REFERENCES users (id),
    status text NOT NULL,
    scores jsonb,
    recommendation text,
    amount_fen bigint CHECK (amount_fen >= 0),
    is_doubtful boolean,
    opinion text,
    recusal_reason text,
    assigned_at timestamptz NOT NULL,
    submitted_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT reviews_redemption_id_expert_id UNIQUE (redemption_id, expert_id)
);
CREATE INDEX reviews_by_expert ON reviews (expert_id, id);

CREATE TABLE inquiries (
    id uuid CONSTRAINT inquiries_id PRIMARY KEY,
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    kind text NOT NULL,
    scheduled_at timestamptz NOT NULL,
    outcome text,
    record text,
    recorded_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX inquiries_redemption ON inquiries (redemption_id);

CREATE TABLE notices (
    id uuid CONSTRAINT notices_id PRIMARY KEY,
    kind text NOT NULL,
    published_at timestamptz NOT NULL,
    deadline jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    published_by uuid NOT NULL REFERENCES users (id)
);

CREATE TABLE notice_items (
    id uuid CONSTRAINT notice_items_id PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notices (id),
    subject_id uuid NOT NULL,
    status text NOT NULL,
    public_facts jsonb NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX notice_items_notice ON notice_items (notice_id);
CREATE INDEX notice_items_subject ON notice_items (subject_id);
-- What the job looks through every few seconds.
CREATE INDEX notice_items_published ON notice_items (notice_id) WHERE status = 'published';

CREATE TABLE objections (
    id uuid CONSTRAINT objections_id PRIMARY KEY,
    notice_id uuid NOT NULL REFERENCES notices (id),
    item_id uuid NOT NULL REFERENCES notice_items (id),
    status text NOT NULL,
    name text NOT NULL,
    contact text NOT NULL,
    grounds text NOT NULL,
    amount_fen bigint CHECK (amount_fen >= 0),
    reasons text,
    resolved_by uuid REFERENCES users (id),
    resolved_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX objections_item ON objections (item_id);
CREATE INDEX objections_open ON objections (item_id) WHERE status = 'open';
CREATE INDEX objections_notice ON objections (notice_id, id);

CREATE TABLE disbursements (
    id uuid CONSTRAINT disbursements_id PRIMARY KEY,
    title text NOT NULL,
    status text NOT NULL,
    quarter text NOT NULL,
    total_fen bigint NOT NULL CHECK (total_fen > 0),
    prepared_by uuid NOT NULL REFERENCES users (id),
    approved_by uuid REFERENCES users (id),
    approved_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE disbursement_lines (
    id uuid CONSTRAINT disbursement_lines_id PRIMARY KEY,
    disbursement_id uuid NOT NULL REFERENCES disbursements (id),
    redemption_id uuid NOT NULL REFERENCES redemptions (id),
    facility_id uuid NOT NULL REFERENCES facilities (id),
    -- As they were when the batch was prepared: what the second officer approves is what is paid.
    payee_name text NOT NULL,
    payee_bank text,
    payee_account text,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    status text NOT NULL,
    reference text,
    reason text,
    settled_at timestamptz,
    version bigint NOT NULL
);
CREATE INDEX disbursement_lines_batch ON disbursement_lines (disbursement_id);
CREATE INDEX disbursement_lines_by_redemption ON disbursement_lines (redemption_id);
-- A redemption is in one open payment at a time, and paid once.
CREATE UNIQUE INDEX disbursement_lines_redemption_id ON disbursement_lines (redemption_id) WHERE status <> 'failed';

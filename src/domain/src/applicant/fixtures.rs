//! Policies and applicants for the tests.

use serde_json::{Value, json};

use super::*;
use crate::actor::OrganizationKind;
use crate::period::Day;
use crate::policy::Policy;

pub(super) fn seed() -> Policy {
    Policy::from_toml(include_str!("../../../../config/policies/kejifa-2023-16.toml")).unwrap()
}

pub(super) fn amended() -> Policy {
    Policy::from_toml(include_str!("../../../../config/policies/kejifa-2023-16-amended-2025.toml")).unwrap()
}

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A young enterprise that satisfies the seed policy in 2026, and has no certificate.
pub(super) fn enterprise_json() -> Value {
    json!({
        "region": "beijing", "established_on": "2023-05-10", "is_legal_person": true, "employees": 42,
        "annual_revenue_fen": 1_000_000_000_i64, "total_assets_fen": 500_000_000, "has_finance_system": true,
        "has_bad_credit": false, "industry": "new_materials", "certificates": []
    })
}

pub(super) fn enterprise() -> EnterpriseProfile {
    serde_json::from_value(enterprise_json()).unwrap()
}

pub(super) fn certificate(kind: CertificateKind, issued_on: &str, valid_until: &str) -> Certificate {
    Certificate {
        kind,
        number: "GR202611000001".to_owned(),
        issued_on: day(issued_on),
        valid_until: day(valid_until),
        file_id: None,
    }
}

/// A team whose members are students (or not) in this order; the first one leads.
pub(super) fn team(students: &[bool]) -> TeamProfile {
    let member = |(place, is_student): (usize, &bool)| Member {
        name: format!("成员{place}"),
        is_student: *is_student,
        is_leader: place == 0,
        school: if *is_student { "清华大学".to_owned() } else { String::new() },
    };
    TeamProfile {
        members: students.iter().enumerate().map(member).collect(),
        company_registered: false,
        project_stage: ProjectStage::Development,
    }
}

pub(super) fn decoded(kind: OrganizationKind, json: Value) -> Profile {
    Profile::from_json(kind, json).unwrap()
}

//! Who acts: the roles of API.md and the person behind a request.

use uuid::Uuid;

use crate::coded_enum;

coded_enum! {
    /// What an account is for. One account has one role.
    pub enum Role ("role") {
        /// 申领单位: an enterprise or a team that claims vouchers.
        Applicant = "applicant",
        /// 开放单位: serves, registers contracts, asks for redemption.
        Facility = "facility",
        /// 专家: reviews what is assigned.
        Expert = "expert",
        /// 市科委、中关村管委会的工作人员.
        Officer = "officer",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// Manages accounts.
        Admin = "admin",
    }
}

coded_enum! {
    /// What kind of organization an account belongs to.
    pub enum OrganizationKind ("organization kind") {
        /// 中小微企业.
        Enterprise = "enterprise",
        /// 创业团队, without legal personality.
        Team = "team",
        /// 开放单位.
        Facility = "facility",
    }
}

impl OrganizationKind {
    /// The role of the people of such an organization.
    pub fn role(self) -> Role {
        match self {
            Self::Enterprise | Self::Team => Role::Applicant,
            Self::Facility => Role::Facility,
        }
    }
}

/// The person behind a request, as the store knows them at that instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub user_id: Uuid,
    /// Its role.
    pub role: Role,
    /// The organization it acts for; none for the commission's people and experts.
    pub organization_id: Option<Uuid>,
}

impl Actor {
    /// Whether the person acts for this organization.
    pub fn is_of(&self, organization_id: Uuid) -> bool {
        self.organization_id == Some(organization_id)
    }

    /// Whether the role sees what concerns any organization (officers and auditors).
    pub fn sees_everything(&self) -> bool {
        match self.role {
            Role::Officer | Role::Auditor => true,
            Role::Applicant | Role::Facility | Role::Expert | Role::Admin => false,
        }
    }
}

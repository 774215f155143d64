//! 申领单位 (Art. 7, 12): who they are, whether what they say is well-formed, and whether they may claim.

mod eligibility;
mod enterprise;
mod form;
mod profile;
mod team;
mod uscc;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use eligibility::{annual_limit, eligibility, unstated};
pub use form::{MOST_CERTIFICATES, MOST_EMPLOYEES, MOST_MEMBERS, validate};
pub use profile::{
    Certificate, CertificateKind, EnterpriseProfile, Industry, Member, Profile, ProjectStage, Region, TeamProfile,
};
pub use uscc::{Uscc, UsccError};

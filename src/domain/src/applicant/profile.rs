//! What an applicant says of itself.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::actor::OrganizationKind;
use crate::coded_enum;
use crate::input;
use crate::money::Money;
use crate::period::Day;
use crate::refusal::Refusal;
use crate::text::Text;
use crate::transition::Named;

coded_enum! {
    /// Where an organization is registered.
    pub enum Region ("region") {
        /// 北京市.
        Beijing = "beijing",
        /// 天津市.
        Tianjin = "tianjin",
        /// 河北省.
        Hebei = "hebei",
        /// Anywhere else.
        Other = "other",
    }
}

coded_enum! {
    /// Art. 7: the direction of the main business.
    pub enum Industry ("industry") {
        /// 新一代信息技术.
        NextGenerationIt = "next_generation_it",
        /// 医药健康.
        MedicineHealth = "medicine_health",
        /// 智能制造.
        IntelligentManufacturing = "intelligent_manufacturing",
        /// 新材料.
        NewMaterials = "new_materials",
        /// 绿色能源与节能环保.
        GreenEnergy = "green_energy",
        /// Any other, which is not supported.
        Other = "other",
    }
}

coded_enum! {
    /// Art. 12: what an enterprise may be certified as.
    pub enum CertificateKind ("certificate kind") {
        /// 国家高新技术企业.
        NationalHighTech = "national_high_tech",
        /// 中关村高新技术企业.
        ZhongguancunHighTech = "zhongguancun_high_tech",
        /// 科技型中小企业 (评价入库).
        TechnologySme = "technology_sme",
    }
}

coded_enum! {
    /// Art. 7: how far a team's project is.
    pub enum ProjectStage ("project stage") {
        /// 创业策划, which is not supported.
        Idea = "idea",
        /// 研发.
        Development = "development",
        /// 测试.
        Testing = "testing",
    }
}

/// A certificate of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// What it certifies.
    pub kind: CertificateKind,
    /// Its number.
    pub number: String,
    /// The day it was issued (for a technology SME: listed), its first valid day.
    #[schema(value_type = String, format = Date)]
    pub issued_on: Day,
    /// Its last valid day.
    #[schema(value_type = String, format = Date)]
    pub valid_until: Day,
    /// The uploaded copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<Uuid>,
}

/// What an enterprise says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterpriseProfile {
    /// Where it is registered.
    pub region: Region,
    /// The day of its establishment.
    #[schema(value_type = String, format = Date)]
    pub established_on: Day,
    /// Whether it is a legal person (独立法人).
    pub is_legal_person: bool,
    /// 职工总数.
    pub employees: u32,
    /// 年销售收入, in fen.
    pub annual_revenue_fen: Money,
    /// 资产总额, in fen.
    pub total_assets_fen: Money,
    /// Whether it has a sound finance function and management (健全的财务机构和管理制度).
    pub has_finance_system: bool,
    /// Whether it has a bad credit record (不良诚信记录).
    pub has_bad_credit: bool,
    /// The last day of the sanction period of a serious-dishonesty record (严重失信), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub serious_dishonesty_until: Option<Day>,
    /// The direction of its main business.
    pub industry: Industry,
    /// Its certificates; none when absent.
    #[serde(default)]
    pub certificates: Vec<Certificate>,
    /// The team it grew out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor_team_id: Option<Uuid>,
}

/// A member of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The member's name.
    pub name: String,
    /// Whether the member is enrolled as a student (在校学生).
    pub is_student: bool,
    /// Whether the member leads the team.
    pub is_leader: bool,
    /// The school; may be empty for who is not a student.
    pub school: String,
}

/// What a team says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamProfile {
    /// Its members, the leader among them.
    pub members: Vec<Member>,
    /// Whether it has registered a company already.
    pub company_registered: bool,
    /// How far its project is.
    pub project_stage: ProjectStage,
}

/// What an applicant says of itself: a plain object, whose kind is that of the organization.
///
/// It is read back without a tag too: the two kinds have no field in common and each refuses
/// unknown ones, so that no object is both. For what people send, [`Profile::from_json`] says
/// what is wrong with it; reading without the kind cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Profile {
    /// Of a small or medium enterprise.
    Enterprise(EnterpriseProfile),
    /// Of a team.
    Team(TeamProfile),
}

impl Profile {
    /// The profile that an organization of this kind sent.
    ///
    /// # Errors
    /// `unknown_field` or `validation_failed` with the path of the field, as [`input::decode_value`];
    /// `validation_failed` on `kind` for a facility, which has none.
    pub fn from_json(kind: OrganizationKind, json: Value) -> Result<Self, Refusal> {
        match kind {
            OrganizationKind::Enterprise => input::decode_value(&json).map(Self::Enterprise),
            OrganizationKind::Team => input::decode_value(&json).map(Self::Team),
            OrganizationKind::Facility => Err(Refusal::field(
                "kind",
                "one_of",
                "只有企业和创业团队填写申领单位信息,开放单位无需填写。",
                "Only an enterprise or a team has an applicant's profile; a facility has none.",
            )),
        }
    }

    /// The kind of organization it is the profile of.
    pub fn kind(&self) -> OrganizationKind {
        match self {
            Self::Enterprise(_) => OrganizationKind::Enterprise,
            Self::Team(_) => OrganizationKind::Team,
        }
    }
}

impl Certificate {
    /// Whether it is valid on this day; the day of issue and the last day are included.
    pub fn is_valid_on(&self, day: Day) -> bool {
        self.issued_on <= day && day <= self.valid_until
    }
}

impl EnterpriseProfile {
    /// The certificate of one of these kinds that is valid on the day, the longest-lasting of several.
    pub fn valid_certificate(&self, kinds: &[CertificateKind], day: Day) -> Option<&Certificate> {
        self.certificates
            .iter()
            .filter(|certificate| kinds.contains(&certificate.kind) && certificate.is_valid_on(day))
            .max_by_key(|certificate| certificate.valid_until)
    }
}

impl Named for CertificateKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::NationalHighTech => "国家高新技术企业证书",
            Self::ZhongguancunHighTech => "中关村高新技术企业证书",
            Self::TechnologySme => "科技型中小企业入库登记",
        }
    }
}

impl Region {
    /// Its name.
    pub fn label(self) -> Text {
        match self {
            Self::Beijing => Text::new("北京市", "Beijing"),
            Self::Tianjin => Text::new("天津市", "Tianjin"),
            Self::Hebei => Text::new("河北省", "Hebei"),
            Self::Other => Text::new("其他地区", "another region"),
        }
    }
}

impl Industry {
    /// Its name.
    pub fn label(self) -> Text {
        match self {
            Self::NextGenerationIt => Text::new("新一代信息技术", "next-generation IT"),
            Self::MedicineHealth => Text::new("医药健康", "medicine and health"),
            Self::IntelligentManufacturing => Text::new("智能制造", "intelligent manufacturing"),
            Self::NewMaterials => Text::new("新材料", "new materials"),
            Self::GreenEnergy => {
                Text::new("绿色能源与节能环保", "green energy, energy saving and environmental protection")
            }
            Self::Other => Text::new("其他领域", "another field"),
        }
    }
}

impl CertificateKind {
    /// Its name.
    pub fn label(self) -> Text {
        match self {
            Self::NationalHighTech => Text::new("国家高新技术企业", "national high-tech enterprise"),
            Self::ZhongguancunHighTech => Text::new("中关村高新技术企业", "Zhongguancun high-tech enterprise"),
            Self::TechnologySme => Text::new("科技型中小企业", "technology SME"),
        }
    }
}

impl ProjectStage {
    /// Its name.
    pub fn label(self) -> Text {
        match self {
            Self::Idea => Text::new("创业策划", "idea"),
            Self::Development => Text::new("研发", "development"),
            Self::Testing => Text::new("测试", "testing"),
        }
    }
}

//! A catalogue as large as the city's: made of the words that such services are described with.

use voucher_domain::actor::OrganizationKind;
use voucher_domain::applicant::Industry;
use voucher_domain::catalogue::terms;
use voucher_domain::code::Code;
use voucher_domain::facility::{FacilityNature, FacilityRegion, FacilityStatus, ServiceKind};
use voucher_domain::money::Money;
use voucher_domain::period::Instant;
use voucher_storage::facility::{Facility, Service};
use voucher_storage::organization::Organization;
use voucher_storage::{StorageError, Store};

use uuid::Uuid;

const FACILITIES: usize = 500;
const MANNERS: [&str; 12] = [
    "高分辨",
    "超高效",
    "三重四极杆",
    "飞行时间",
    "便携式",
    "原位",
    "低温",
    "高温",
    "真空",
    "自动化",
    "多功能",
    "微区",
];
const METHODS: [&str; 30] = [
    "质谱",
    "光谱",
    "色谱",
    "透射电镜",
    "扫描电镜",
    "核磁",
    "X 射线衍射(XRD)",
    "热重",
    "拉伸",
    "疲劳",
    "硬度",
    "粒度",
    "比表面",
    "荧光",
    "红外",
    "拉曼",
    "紫外",
    "原子力显微",
    "能谱",
    "超声",
    "LC-MS 联用",
    "流式细胞",
    "测序",
    "蛋白",
    "基因",
    "代谢",
    "毒性",
    "药效",
    "显微 JEM-F200",
    "气相",
];
const SUBJECTS: [&str; 20] = [
    "材料",
    "合金",
    "陶瓷",
    "高分子",
    "电池",
    "药物",
    "血液",
    "土壤",
    "水质",
    "芯片",
    "传感器",
    "薄膜",
    "纳米",
    "涂层",
    "纤维",
    "催化剂",
    "半导体薄膜",
    "晶体",
    "食品",
    "气体",
];
const PURPOSES: [&str; 10] = [
    "成分分析",
    "性能测试",
    "结构表征",
    "失效分析",
    "定量检测",
    "形貌观察",
    "可靠性试验",
    "方法开发",
    "数据处理",
    "模型训练",
];
const DISTRICTS: [&str; 16] = [
    "海淀区",
    "朝阳区",
    "昌平区",
    "西城区",
    "东城区",
    "丰台区",
    "大兴区",
    "通州区",
    "顺义区",
    "房山区",
    "怀柔区",
    "石景山区",
    "平谷区",
    "密云区",
    "延庆区",
    "门头沟区",
];

/// Numbers that look drawn and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}

/// Fills a store.
pub fn fill(store: &Store, services: usize) {
    let now: Instant = "2026-03-02T10:00:00+08:00".parse().unwrap();
    let mut draw = Draw(7);
    let facilities: Vec<Uuid> = (0..FACILITIES).map(|number| Uuid::from_u128(number as u128 + 1)).collect();
    store
        .write(|tx| -> Result<(), StorageError> {
            for (number, id) in facilities.iter().enumerate() {
                let name = format!("北京市第{number}测试中心");
                let kind = OrganizationKind::Facility;
                Organization::insert(
                    tx,
                    &Organization {
                        id: *id,
                        kind,
                        name,
                        uscc: None,
                        created_at: now,
                        version: 1,
                        legal_representative: None,
                        banned_until: None,
                    },
                )?;
                Facility::insert(tx, &facility(*id, DISTRICTS[number % DISTRICTS.len()], now))?;
            }
            Ok(())
        })
        .unwrap();
    let rows: Vec<Service> =
        (0..services).map(|number| service(&mut draw, number, facilities[number % FACILITIES], now)).collect();
    for part in rows.chunks(5_000) {
        store.write(|tx| Service::insert_all(tx, part)).unwrap();
    }
}

fn facility(id: Uuid, district: &str, now: Instant) -> Facility {
    Facility {
        id,
        status: FacilityStatus::Active,
        region: FacilityRegion::Beijing,
        district: district.to_owned(),
        nature: FacilityNature::Institute,
        is_third_party_testing: false,
        exit_last_day: None,
        payee_name: None,
        payee_bank: None,
        payee_account: None,
        entered_by: None,
        created_at: now,
        version: 1,
        notice_id: None,
        exit_reason: None,
        terms: Some(terms("测试中心", [district])),
    }
}

fn service(draw: &mut Draw, number: usize, facility_id: Uuid, now: Instant) -> Service {
    let name = format!("{}{}{}{}", draw.of(&MANNERS), draw.of(&METHODS), draw.of(&SUBJECTS), draw.of(&PURPOSES));
    let purpose = format!(
        "用于{}{}、{}{}和{}{},提供{}与{}联用方案,含样品制备、{}和报告解读。",
        draw.of(&SUBJECTS),
        draw.of(&PURPOSES),
        draw.of(&SUBJECTS),
        draw.of(&PURPOSES),
        draw.of(&SUBJECTS),
        draw.of(&PURPOSES),
        draw.of(&METHODS),
        draw.of(&METHODS),
        draw.of(&PURPOSES),
    );
    Service {
        id: Uuid::from_u128(number as u128 + 1_000_000),
        facility_id,
        terms: Some(terms(&name, [purpose.as_str()])),
        name,
        purpose,
        field: Industry::ALL[draw.below(Industry::ALL.len())],
        kind: ServiceKind::ALL[draw.below(4)],
        price_fen: Money::from_fen(i64::try_from(draw.below(8_000_000)).unwrap() + 1),
        unit: "样".to_owned(),
        turnaround_days: 5,
        is_statutory_testing: false,
        instrument_ids: Vec::new(),
        is_offered: true,
        created_at: now,
        version: 1,
        compute: None,
    }
}

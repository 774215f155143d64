//! 第十四条(二): what the system knows about a facility's year, so that nobody types it: each figure with
//! the records it was counted from.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::coded_enum;
use crate::contract::ContractStatus;
use crate::event::SubjectKind;
use crate::money::{Money, MoneyOverflow};
use crate::period::{Day, year_of};

coded_enum! {
    /// What a figure counts.
    pub enum FigureKind ("figure") {
        /// 开放仪器台(套)数: the instruments offered.
        Instruments = "instruments",
        /// 开放仪器原值: what they cost, in fen.
        InstrumentValueFen = "instrument_value_fen",
        /// 服务项目数: the services offered.
        Services = "services",
        /// 登记合同数: contracts registered in the year and not terminated.
        Contracts = "contracts",
        /// 合同金额: what they came to, in fen: the actual amount where it is known.
        ContractAmountFen = "contract_amount_fen",
        /// 按期兑现数: redemptions submitted in the year.
        Redemptions = "redemptions",
        /// 逾期未兑现数: contracts whose month for the redemption passed in the year.
        OverdueContracts = "overdue_contracts",
        /// 已拨付笔数: payments of the year.
        Payments = "payments",
        /// 已拨付金额: what was paid in the year, in fen.
        PaidFen = "paid_fen",
        /// 后补助到账金额: the subsidies of assessments that were paid in the year, in fen.
        SubsidyFen = "subsidy_fen",
        /// 评价数: redemptions submitted in the year that the applicant rated.
        Ratings = "ratings",
        /// 评价平均分: the mean of the ratings, 1 to 5, in hundredths, rounded down.
        RatingHundredths = "rating_hundredths",
    }
}

/// A record that a figure was counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FigureSource {
    /// What it is.
    pub kind: SubjectKind,
    /// Which one.
    pub id: Uuid,
    /// What it adds to the figure.
    pub value: i64,
}

/// A figure with what it was counted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figure {
    /// What it counts.
    pub figure: FigureKind,
    /// How much: a number, or an amount in fen, as the figure's name says.
    pub value: i64,
    /// The records it was counted from.
    pub sources: Vec<FigureSource>,
}

/// An instrument that is offered.
#[derive(Debug, Clone, Copy)]
pub struct OfferedInstrument {
    /// Which one.
    pub id: Uuid,
    /// What it cost.
    pub original_value_fen: Money,
}

/// A contract, as far as figures count it.
#[derive(Debug, Clone, Copy)]
pub struct KnownContract {
    /// Which one.
    pub id: Uuid,
    /// Its state.
    pub status: ContractStatus,
    /// The day it was registered.
    pub registered_on: Day,
    /// The actual amount where it is known, else the agreed one.
    pub amount_fen: Money,
    /// The last day for its redemption.
    pub redeem_by: Day,
}

/// A redemption, as far as figures count it.
#[derive(Debug, Clone, Copy)]
pub struct KnownRedemption {
    /// Which one.
    pub id: Uuid,
    /// The day it was first submitted, if it was.
    pub submitted_on: Option<Day>,
    /// The applicant's rating, 1 to 5.
    pub rating: Option<i32>,
    /// The day it was paid, if it was.
    pub paid_on: Option<Day>,
    /// What was paid.
    pub paid_fen: Money,
}

/// A subsidy that was paid.
#[derive(Debug, Clone, Copy)]
pub struct KnownSubsidy {
    /// Of which submission.
    pub submission_id: Uuid,
    /// The day it was paid.
    pub paid_on: Option<Day>,
    /// What was paid.
    pub paid_fen: Money,
}

/// What is known about a facility.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its offered instruments.
    pub instruments: Vec<OfferedInstrument>,
    /// Its offered services.
    pub services: Vec<Uuid>,
    /// Its contracts.
    pub contracts: Vec<KnownContract>,
    /// Its redemptions.
    pub redemptions: Vec<KnownRedemption>,
    /// What it was paid as subsidies.
    pub subsidies: Vec<KnownSubsidy>,
}

/// The figures of a year, in the order of [`FigureKind`].
///
/// # Errors
/// [`MoneyOverflow`] when a sum does not fit.
pub fn figures(known: &Known, year: i32) -> Result<Vec<Figure>, MoneyOverflow> {
    use FigureKind as Kind;
    let in_year = |day: Option<Day>| day.is_some_and(|day| year_of(day) == year);
    let source = |kind, id, value| FigureSource { kind, id, value };
    let one = |kind| move |id| source(kind, id, 1);
    let instruments = || known.instruments.iter();
    let contracts = || {
        known
            .contracts
            .iter()
            .filter(|row| in_year(Some(row.registered_on)) && row.status != ContractStatus::Terminated)
    };
    let overdue =
        known.contracts.iter().filter(|row| row.status == ContractStatus::Lapsed && in_year(Some(row.redeem_by)));
    let submitted = || known.redemptions.iter().filter(|row| in_year(row.submitted_on));
    let paid = || known.redemptions.iter().filter(|row| in_year(row.paid_on));
    let subsidies = known.subsidies.iter().filter(|row| in_year(row.paid_on));
    let rated = || submitted().filter_map(|row| Some((row.id, row.rating?)));
    let all = [
        (Kind::Instruments, instruments().map(|row| row.id).map(one(SubjectKind::Instrument)).collect()),
        (
            Kind::InstrumentValueFen,
            instruments().map(|row| source(SubjectKind::Instrument, row.id, row.original_value_fen.fen())).collect(),
        ),
        (Kind::Services, known.services.iter().copied().map(one(SubjectKind::Service)).collect()),
        (Kind::Contracts, contracts().map(|row| row.id).map(one(SubjectKind::Contract)).collect()),
        (
            Kind::ContractAmountFen,
            contracts().map(|row| source(SubjectKind::Contract, row.id, row.amount_fen.fen())).collect(),
        ),
        (Kind::Redemptions, submitted().map(|row| row.id).map(one(SubjectKind::Redemption)).collect()),
        (Kind::OverdueContracts, overdue.map(|row| row.id).map(one(SubjectKind::Contract)).collect()),
        (Kind::Payments, paid().map(|row| row.id).map(one(SubjectKind::Redemption)).collect()),
        (Kind::PaidFen, paid().map(|row| source(SubjectKind::Redemption, row.id, row.paid_fen.fen())).collect()),
        (
            Kind::SubsidyFen,
            subsidies
                .map(|row| source(SubjectKind::AssessmentSubmission, row.submission_id, row.paid_fen.fen()))
                .collect(),
        ),
        (Kind::Ratings, rated().map(|(id, _)| source(SubjectKind::Redemption, id, 1)).collect()),
        (
            Kind::RatingHundredths,
            rated().map(|(id, rating)| source(SubjectKind::Redemption, id, i64::from(rating))).collect(),
        ),
    ];
    all.into_iter().map(|(figure, sources)| counted(figure, sources)).collect()
}

/// A figure from its records: the sum, but for the mean of the ratings.
fn counted(figure: FigureKind, sources: Vec<FigureSource>) -> Result<Figure, MoneyOverflow> {
    let sum = sources.iter().try_fold(0_i64, |sum, source| sum.checked_add(source.value)).ok_or(MoneyOverflow)?;
    let value = match figure {
        FigureKind::RatingHundredths => {
            let count = i64::try_from(sources.len()).unwrap_or(i64::MAX);
            sum.checked_mul(100).ok_or(MoneyOverflow)?.checked_div(count).unwrap_or_default()
        }
        FigureKind::Instruments
        | FigureKind::InstrumentValueFen
        | FigureKind::Services
        | FigureKind::Contracts
        | FigureKind::ContractAmountFen
        | FigureKind::Redemptions
        | FigureKind::OverdueContracts
        | FigureKind::Payments
        | FigureKind::PaidFen
        | FigureKind::SubsidyFen
        | FigureKind::Ratings => sum,
    };
    Ok(Figure { figure, value, sources })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::fixtures::{day, yuan};

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn contract(number: u128, status: ContractStatus, registered_on: &str) -> KnownContract {
        KnownContract {
            id: id(number),
            status,
            registered_on: day(registered_on),
            amount_fen: yuan(100),
            redeem_by: day("2026-12-31"),
        }
    }

    fn redemption(number: u128, submitted_on: &str, rating: Option<i32>, paid_on: Option<&str>) -> KnownRedemption {
        KnownRedemption {
            id: id(number),
            submitted_on: Some(day(submitted_on)),
            rating,
            paid_on: paid_on.map(day),
            paid_fen: yuan(50),
        }
    }

    #[test]
    fn the_figures_of_a_year_name_their_records() {
        let known = Known {
            instruments: vec![
                OfferedInstrument { id: id(1), original_value_fen: yuan(1_000_000) },
                OfferedInstrument { id: id(2), original_value_fen: yuan(2) },
            ],
            services: vec![id(3)],
            contracts: vec![
                contract(10, ContractStatus::Settled, "2026-01-01"),
                contract(11, ContractStatus::Terminated, "2026-05-01"),
                contract(12, ContractStatus::Lapsed, "2026-12-31"),
                contract(13, ContractStatus::Settled, "2025-12-31"),
            ],
            redemptions: vec![
                redemption(20, "2026-02-01", Some(5), Some("2026-03-31")),
                redemption(21, "2026-02-02", Some(4), Some("2027-01-02")),
                redemption(22, "2026-02-03", Some(5), None),
                redemption(23, "2026-02-03", None, None),
                redemption(24, "2025-12-31", Some(1), Some("2026-01-01")),
            ],
            subsidies: [(30, "2026-01-01", 5), (31, "2025-12-31", 7)]
                .map(|(number, paid_on, paid)| KnownSubsidy {
                    submission_id: id(number),
                    paid_on: Some(day(paid_on)),
                    paid_fen: yuan(paid),
                })
                .to_vec(),
        };
        let figures = figures(&known, 2026).unwrap();
        assert_eq!(figures.iter().map(|figure| figure.figure).collect::<Vec<_>>(), FigureKind::ALL);
        let value = |kind| figures.iter().find(|figure| figure.figure == kind).unwrap().clone();
        assert_eq!(value(FigureKind::Instruments).value, 2);
        assert_eq!(value(FigureKind::InstrumentValueFen).value, yuan(1_000_002).fen());
        assert_eq!(value(FigureKind::Services).value, 1);
        let contracts = value(FigureKind::Contracts);
        assert_eq!(contracts.sources.iter().map(|source| source.id).collect::<Vec<_>>(), [id(10), id(12)]);
        assert_eq!(value(FigureKind::ContractAmountFen).value, yuan(200).fen());
        assert_eq!(value(FigureKind::OverdueContracts).sources[0].id, id(12));
        assert_eq!((value(FigureKind::Redemptions).value, value(FigureKind::Ratings).value), (4, 3));
        // 14 ÷ 3 is 4.666…
        assert_eq!(value(FigureKind::RatingHundredths).value, 466);
        let subsidies = value(FigureKind::SubsidyFen);
        assert_eq!((subsidies.value, subsidies.sources.len(), subsidies.sources[0].id), (yuan(5).fen(), 1, id(30)));
        assert_eq!((value(FigureKind::Payments).value, value(FigureKind::PaidFen).value), (2, yuan(100).fen()));
    }

    #[test]
    fn a_facility_without_records_has_figures_of_nothing() {
        let figures = figures(&Known::default(), 2026).unwrap();
        assert!(figures.iter().all(|figure| figure.value == 0 && figure.sources.is_empty()));
        assert_eq!(figures.len(), FigureKind::ALL.len());
    }
}

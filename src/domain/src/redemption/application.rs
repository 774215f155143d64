//! 第十二、十五条(三): what the facility submits: the actual amount, invoices and evidence.

use crate::coded_enum;
use crate::money::Money;
use crate::period::Day;
use crate::refusal::{Faults, Refusal, RefusalCode};
use crate::transition::Named;

coded_enum! {
    /// A kind of document that supports a redemption.
    pub enum EvidenceKind ("kind of evidence") {
        /// 服务合同.
        Contract = "contract",
        /// 发票.
        Invoice = "invoice",
        /// 付款凭证.
        PaymentProof = "payment_proof",
        /// 服务报告.
        ServiceReport = "service_report",
        /// 申领单位的验收意见.
        Acceptance = "acceptance",
        /// 算力计量记录.
        MeteringRecord = "metering_record",
    }
}

/// An invoice (发票). Code and number together are unique among all redemptions that stand; the
/// store sees to that and answers `invoice_reused`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// 发票代码: 10 to 12 digits; empty for a fully digital invoice (数电票).
    pub code: String,
    /// 发票号码: 8 digits beside a code, 20 where there is none. So that one invoice can be written in one
    /// way only: with a code added, a fully digital one would pass for another.
    pub number: String,
    /// Its amount with tax.
    pub amount_fen: Money,
    /// 开票日期, where it is given.
    pub issued_on: Option<Day>,
}

/// A redemption as the facility describes it.
#[derive(Debug, Clone, Copy)]
pub struct RedemptionForm<'a> {
    /// What was actually incurred.
    pub actual_amount_fen: Money,
    /// The invoices that show it.
    pub invoices: &'a [Invoice],
    /// The kinds of the files given as evidence.
    pub evidence: &'a [EvidenceKind],
    /// In the facility's words, may be blank.
    pub remarks: &'a str,
}

/// The most invoices, and the most files, one redemption carries.
const MOST_ITEMS: usize = 100;

/// The form of a redemption whenever it is written: amounts, the invoices' codes and numbers, no
/// invoice twice.
///
/// # Errors
/// `validation_failed` with every fault.
pub fn validate(form: &RedemptionForm<'_>) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    faults.require_positive("actual_amount_fen", form.actual_amount_fen);
    require_at_most(&mut faults, "invoices", form.invoices.len());
    require_at_most(&mut faults, "evidence", form.evidence.len());
    for (index, invoice) in form.invoices.iter().enumerate() {
        require_invoice(&mut faults, index, invoice);
        let earlier = form.invoices.iter().take(index);
        let is_first = earlier.clone().all(|other| (&other.code, &other.number) != (&invoice.code, &invoice.number));
        faults.require(
            is_first,
            &format!("invoices[{index}].number"),
            "unique",
            "同一张发票只能填写一次。",
            "the same invoice is given twice.",
        );
    }
    super::optional_remarks(&mut faults, form.remarks);
    faults.done()
}

fn require_at_most(faults: &mut Faults, field: &str, count: usize) {
    faults.require(
        count <= MOST_ITEMS,
        field,
        "max_items",
        format!("最多 {MOST_ITEMS} 项。"),
        format!("may have at most {MOST_ITEMS} entries."),
    );
}

fn require_invoice(faults: &mut Faults, index: usize, invoice: &Invoice) {
    let has_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    faults.require(
        invoice.code.is_empty() || (has_digits(&invoice.code) && (10..=12).contains(&invoice.code.len())),
        &format!("invoices[{index}].code"),
        "invoice_code",
        "发票代码为 10 至 12 位数字;全面数字化的电子发票没有代码,请留空。",
        "has 10 to 12 digits; a fully digital invoice has none, leave it empty.",
    );
    let length = if invoice.code.is_empty() { 20 } else { 8 };
    faults.require(
        has_digits(&invoice.number) && invoice.number.len() == length,
        &format!("invoices[{index}].number"),
        "invoice_number",
        "有发票代码的,发票号码为 8 位数字;没有发票代码的(数电票)为 20 位数字。",
        "has 8 digits beside an invoice code; 20 where there is none (a fully digital invoice).",
    );
    faults.require_positive(&format!("invoices[{index}].amount_fen"), invoice.amount_fen);
}

/// Art. 12: the actual amount is one that invoices show: together they are not less.
///
/// # Errors
/// `validation_failed` with `invoices`.
pub fn invoices_cover(actual_amount_fen: Money, invoices: &[Invoice]) -> Result<(), Refusal> {
    let invoiced_fen = Money::sum(invoices.iter().map(|invoice| invoice.amount_fen))?;
    if invoiced_fen >= actual_amount_fen {
        return Ok(());
    }
    Err(Refusal::field(
        "invoices",
        "covers_actual_amount",
        format!("发票合计 {invoiced_fen} 元,少于实际发生金额 {actual_amount_fen} 元;请补充发票或更正实际发生金额。"),
        format!(
            "sum to {invoiced_fen} yuan, less than the actual amount of {actual_amount_fen} yuan; please add invoices \
             or correct the amount."
        ),
    )
    .article("12"))
}

/// Art. 15.3: an invoice that supports what was done was issued by now.
///
/// # Errors
/// `validation_failed` with every invoice of a day to come.
pub fn invoices_issued(today: Day, invoices: &[Invoice]) -> Result<(), Refusal> {
    let mut faults = Faults::default();
    for (index, invoice) in invoices.iter().enumerate() {
        faults.require(
            invoice.issued_on.is_none_or(|issued_on| issued_on <= today),
            &format!("invoices[{index}].issued_on"),
            "not_in_future",
            format!("开票日期不能晚于今天 {today}。"),
            format!("must not be later than today, {today}."),
        );
    }
    faults.done()
}

/// Art. 15.3: an invoice supports one redemption. The refusal for one that the store knows
/// from another redemption.
pub fn invoice_reused(invoice: &Invoice) -> Refusal {
    let (code, number) = (&invoice.code, &invoice.number);
    Refusal::new(
        RefusalCode::InvoiceReused,
        format!("发票(代码“{code}”,号码“{number}”)已用于其他兑现申请,同一张发票不能重复使用,请更换或更正。"),
        format!(
            "The invoice (code \"{code}\", number \"{number}\") supports another redemption; an invoice is used once. \
             Please give another or correct it."
        ),
    )
    .article("15.3")
}

/// The kinds that are asked for and not present, in the order they are asked for.
pub fn missing_evidence(required: &[EvidenceKind], present: &[EvidenceKind]) -> Vec<EvidenceKind> {
    required.iter().copied().filter(|kind| !present.contains(kind)).collect()
}

/// Art. 15.3: 提交相关证明材料: every kind that the policy asks for is there.
///
/// # Errors
/// `evidence_missing`, naming the kinds, each as a field at fault.
pub fn require_evidence(required: &[EvidenceKind], present: &[EvidenceKind]) -> Result<(), Refusal> {
    let missing = missing_evidence(required, present);
    if missing.is_empty() {
        return Ok(());
    }
    let chinese = missing.iter().map(|kind| kind.chinese()).collect::<Vec<_>>().join("、");
    let english = missing.iter().map(|kind| kind.english()).collect::<Vec<_>>().join(", ");
    let mut refusal = Refusal::new(
        RefusalCode::EvidenceMissing,
        format!("兑现申请缺少证明材料:{chinese},请上传后再提交。"),
        format!("The redemption lacks evidence: {english}. Please add it and submit again."),
    )
    .article("15.3");
    let mut faults = Faults::default();
    for kind in missing {
        faults.add(
            "evidence",
            &format!("missing_{kind}"),
            format!("缺少{}。", kind.chinese()),
            format!("lacks: {}.", kind.english()),
        );
    }
    if let Err(named) = faults.done() {
        refusal.fields = named.fields;
    }
    Err(refusal)
}

impl Named for EvidenceKind {
    fn chinese(self) -> &'static str {
        match self {
            Self::Contract => "服务合同",
            Self::Invoice => "发票",
            Self::PaymentProof => "付款凭证",
            Self::ServiceReport => "服务报告",
            Self::Acceptance => "申领单位验收意见",
            Self::MeteringRecord => "算力计量记录",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{rules, yuan};

    fn invoice(code: &str, number: &str) -> Invoice {
        Invoice { code: code.to_owned(), number: number.to_owned(), amount_fen: yuan(90_000), issued_on: None }
    }

    fn faults(invoices: &[Invoice]) -> Vec<String> {
        let form = RedemptionForm { actual_amount_fen: yuan(90_000), invoices, evidence: &[], remarks: "" };
        validate(&form).map_or_else(|refusal| refusal.fields.into_iter().map(|fault| fault.rule).collect(), |()| vec![])
    }

    #[test]
    fn paper_and_digital_invoices_are_taken() {
        assert!(faults(&[invoice("011002300111", "12345678"), invoice("", "26117000000123456789")]).is_empty());
    }

    #[test]
    fn malformed_invoices_are_named() {
        assert_eq!(faults(&[invoice("123456789", "12345678")]), ["invoice_code"]);
        assert_eq!(faults(&[invoice("1234567890123", "12345678")]), ["invoice_code"]);
        assert_eq!(faults(&[invoice("1234567890", "1234567")]), ["invoice_number"]);
        assert_eq!(faults(&[invoice("", "1234567890123456789")]), ["invoice_number"]);
        assert_eq!(faults(&[invoice("12345678９0", "12345678")]), ["invoice_code"]);
        let free = Invoice { amount_fen: Money::ZERO, ..invoice("1234567890", "12345678") };
        assert_eq!(faults(&[free]), ["positive"]);
    }

    #[test]
    fn a_fully_digital_invoice_takes_no_code_and_a_paper_one_has_eight_digits() {
        assert_eq!(faults(&[invoice("011002300111", "26117000000123456789")]), ["invoice_number"]);
        assert_eq!(faults(&[invoice("011002300111", "123456789")]), ["invoice_number"]);
        assert_eq!(faults(&[invoice("", "12345678")]), ["invoice_number"]);
    }

    #[test]
    fn an_invoice_is_given_once() {
        let one = invoice("011002300111", "12345678");
        assert_eq!(faults(&[one.clone(), one.clone()]), ["unique"]);
        assert!(faults(&[one, invoice("011002300112", "12345678")]).is_empty());
    }

    #[test]
    fn a_reused_invoice_is_named() {
        let refusal = invoice_reused(&invoice("011002300111", "12345678"));
        assert_eq!(refusal.code, RefusalCode::InvoiceReused);
        assert!(refusal.message.zh.contains("12345678"));
    }

    #[test]
    fn amounts_and_counts_are_bounded() {
        let form = RedemptionForm { actual_amount_fen: Money::ZERO, invoices: &[], evidence: &[], remarks: "" };
        assert_eq!(validate(&form).unwrap_err().fields[0].field, "actual_amount_fen");
        let evidence = [EvidenceKind::Invoice; MOST_ITEMS + 1];
        let form = RedemptionForm { actual_amount_fen: yuan(1), evidence: &evidence, ..form };
        assert_eq!(validate(&form).unwrap_err().fields[0].field, "evidence");
    }

    #[test]
    fn invoices_show_the_actual_amount_to_the_fen() {
        let invoices = [invoice("", "26117000000123456789")];
        assert!(invoices_cover(yuan(90_000), &invoices).is_ok());
        let refusal = invoices_cover(Money::from_fen(9_000_001), &invoices).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::ValidationFailed, Some("12")));
        assert!(invoices_cover(Money::from_fen(1), &[]).is_err());
        let huge = Invoice { amount_fen: Money::from_fen(i64::MAX), ..invoice("", "26117000000123456789") };
        assert!(invoices_cover(yuan(1), &[huge.clone(), huge]).is_err());
    }

    #[test]
    fn an_invoice_is_issued_by_today() {
        let dated =
            |day: &str| [Invoice { issued_on: Some(day.parse().unwrap()), ..invoice("011002300111", "12345678") }];
        let today = "2026-04-30".parse().unwrap();
        assert!(invoices_issued(today, &dated("2026-04-30")).is_ok());
        assert!(invoices_issued(today, &[invoice("011002300111", "12345678")]).is_ok());
        let refusal = invoices_issued(today, &dated("2026-05-01")).unwrap_err();
        assert_eq!(refusal.fields[0].field, "invoices[0].issued_on");
    }

    #[test]
    fn missing_evidence_is_named_by_kind() {
        let required = rules().evidence;
        assert!(require_evidence(&required, &required).is_ok());
        let refusal = require_evidence(&required, &[EvidenceKind::Contract, EvidenceKind::Invoice]).unwrap_err();
        assert_eq!((refusal.code, refusal.article.as_deref()), (RefusalCode::EvidenceMissing, Some("15.3")));
        assert!(refusal.message.zh.contains("付款凭证、服务报告、申领单位验收意见"));
        assert_eq!(refusal.fields.len(), 3);
    }
}

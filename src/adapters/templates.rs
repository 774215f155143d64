//! The wording of notifications and letters: the templates that ship with the program, and those of
//! the configured directory, which go before them.
//!
//! `<kind>.<language>.txt` is one message: its first line is the title, what follows the blank line is
//! the text. `letter.<language>.txt` and `letter.<language>.html` are the letter around it.

use std::collections::BTreeMap;
use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, Value};
use voucher_domain::code::Code;
use voucher_domain::notification::{Facts, NotificationKind, Shown};
use voucher_domain::text::Language;

use crate::config::Mail;
use crate::services::ports::{LetterWording, PortError, Templates, Wording};

/// The two wordings of a kind that ship with the program.
macro_rules! shipped {
    ($code:literal) => {
        [
            include_str!(concat!("../../config/templates/", $code, ".zh.txt")),
            include_str!(concat!("../../config/templates/", $code, ".en.txt")),
        ]
    };
}

/// In Chinese and in English; a new kind does not compile without both.
fn shipped(kind: NotificationKind) -> [&'static str; 2] {
    match kind {
        NotificationKind::VerifyEmail => shipped!("verify_email"),
        NotificationKind::ResetPassword => shipped!("reset_password"),
        NotificationKind::PlainLetter => shipped!("plain_letter"),
        NotificationKind::VoucherClaimed => shipped!("voucher_claimed"),
        NotificationKind::VoucherVoided => shipped!("voucher_voided"),
        NotificationKind::ProjectSubmitted => shipped!("project_submitted"),
        NotificationKind::ProjectAccepted => shipped!("project_accepted"),
        NotificationKind::ProjectReturned => shipped!("project_returned"),
        NotificationKind::ProjectDeclined => shipped!("project_declined"),
        NotificationKind::ContractRegistered => shipped!("contract_registered"),
        NotificationKind::ContractAmended => shipped!("contract_amended"),
        NotificationKind::ContractTerminated => shipped!("contract_terminated"),
        NotificationKind::ContractCompleted => shipped!("contract_completed"),
        NotificationKind::RedemptionSubmitted => shipped!("redemption_submitted"),
        NotificationKind::RedemptionConfirmed => shipped!("redemption_confirmed"),
        NotificationKind::RedemptionDisputed => shipped!("redemption_disputed"),
        NotificationKind::RedemptionWithdrawn => shipped!("redemption_withdrawn"),
        NotificationKind::RedemptionAccepted => shipped!("redemption_accepted"),
        NotificationKind::RedemptionReturned => shipped!("redemption_returned"),
        NotificationKind::ReviewAssigned => shipped!("review_assigned"),
        NotificationKind::InquiryArranged => shipped!("inquiry_arranged"),
        NotificationKind::RedemptionApproved => shipped!("redemption_approved"),
        NotificationKind::RedemptionRejected => shipped!("redemption_rejected"),
        NotificationKind::RedemptionPublished => shipped!("redemption_published"),
        NotificationKind::ObjectionMade => shipped!("objection_made"),
        NotificationKind::ObjectionDismissed => shipped!("objection_dismissed"),
        NotificationKind::ObjectionUpheld => shipped!("objection_upheld"),
        NotificationKind::RedemptionPayable => shipped!("redemption_payable"),
        NotificationKind::PaymentPaid => shipped!("payment_paid"),
        NotificationKind::PaymentFailed => shipped!("payment_failed"),
        NotificationKind::FacilityNews => shipped!("facility_news"),
        NotificationKind::ViolationRecorded => shipped!("violation_recorded"),
        NotificationKind::StatementMade => shipped!("statement_made"),
        NotificationKind::ViolationDropped => shipped!("violation_dropped"),
        NotificationKind::SanctionsImposed => shipped!("sanctions_imposed"),
        NotificationKind::SanctionLifted => shipped!("sanction_lifted"),
        NotificationKind::VoucherReturned => shipped!("voucher_returned"),
        NotificationKind::ClawbackReceived => shipped!("clawback_received"),
        NotificationKind::AssessmentAnnounced => shipped!("assessment_announced"),
        NotificationKind::AssessmentSubmitted => shipped!("assessment_submitted"),
        NotificationKind::AssessmentReviewAssigned => shipped!("assessment_review_assigned"),
        NotificationKind::AssessmentVisitCalled => shipped!("assessment_visit_called"),
        NotificationKind::AssessmentGraded => shipped!("assessment_graded"),
        NotificationKind::SubsidyApproved => shipped!("subsidy_approved"),
        NotificationKind::AssessmentPublished => shipped!("assessment_published"),
        NotificationKind::AssessmentObjected => shipped!("assessment_objected"),
        NotificationKind::AssessmentObjectionResolved => shipped!("assessment_objection_resolved"),
        NotificationKind::SubsidyPayable => shipped!("subsidy_payable"),
        NotificationKind::SubsidyPaid => shipped!("subsidy_paid"),
        NotificationKind::SubsidyPaymentFailed => shipped!("subsidy_payment_failed"),
        NotificationKind::CorrectionRequested => shipped!("correction_requested"),
        NotificationKind::CorrectionDecided => shipped!("correction_decided"),
        NotificationKind::DeadlineNear => shipped!("deadline_near"),
        NotificationKind::DeadlineDigest => shipped!("deadline_digest"),
        NotificationKind::DeadlineMoved => shipped!("deadline_moved"),
    }
}

const LETTERS: [(&str, &str); 4] = [
    ("letter.zh.txt", include_str!("../../config/templates/letter.zh.txt")),
    ("letter.zh.html", include_str!("../../config/templates/letter.zh.html")),
    ("letter.en.txt", include_str!("../../config/templates/letter.en.txt")),
    ("letter.en.html", include_str!("../../config/templates/letter.en.html")),
];

const SAMPLE_NAME: &str = "张三";

/// The templates in use, all of them tried.
pub struct TemplateSet {
    environment: Environment<'static>,
    service_url: String,
}

impl TemplateSet {
    /// Loads the templates, and writes every one of them once with facts such as it will be given.
    ///
    /// # Errors
    /// The file and what is wrong in it.
    pub fn load(mail: &Mail, service_url: &str) -> Result<Self, PortError> {
        let mut files = shipped_files();
        for (name, text) in files_of(&mail.templates_directory)? {
            match files.get_mut(&name) {
                Some(known) => *known = text,
                None => {
                    let directory = mail.templates_directory.display();
                    return Err(PortError(format!("{directory}/{name}: no message has this name")));
                }
            }
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        for (name, text) in files {
            add(&mut environment, name, &text)?;
        }
        let set = Self { environment, service_url: service_url.to_owned() };
        set.try_everything()?;
        Ok(set)
    }

    fn try_everything(&self) -> Result<(), PortError> {
        for kind in NotificationKind::ALL {
            for language in Language::ALL {
                let letter = self.letter(*kind, *language, SAMPLE_NAME, &kind.sample())?;
                if letter.subject.is_empty() || letter.text.trim().is_empty() {
                    return Err(PortError(format!("{kind}.{language}.txt: a title, a blank line, and a text are due")));
                }
            }
        }
        Ok(())
    }

    fn render(&self, name: &str, context: &BTreeMap<&str, Value>) -> Result<String, PortError> {
        let template = self.environment.get_template(name);
        let rendered = template.and_then(|template| template.render(context));
        rendered.map_err(|error| PortError(format!("template {name}: {error:#}")))
    }
}

impl Templates for TemplateSet {
    fn message(&self, kind: NotificationKind, language: Language, facts: &Facts) -> Result<Wording, PortError> {
        let mut context: BTreeMap<&str, Value> =
            facts.iter().map(|(name, fact)| (name.code(), value(fact.shown(language)))).collect();
        context.insert("service_url", self.service_url.as_str().into());
        let title = self.render(&format!("{kind}.{language}.title"), &context)?;
        let text = self.render(&format!("{kind}.{language}.text"), &context)?;
        // A title is one line, whatever it was filled with.
        Ok(Wording { title: title.split_whitespace().collect::<Vec<_>>().join(" "), text: text.trim().to_owned() })
    }

    fn letter(
        &self,
        kind: NotificationKind,
        language: Language,
        name: &str,
        facts: &Facts,
    ) -> Result<LetterWording, PortError> {
        let Wording { title, text } = self.message(kind, language, facts)?;
        let paragraphs: Vec<Vec<&str>> =
            text.split("\n\n").map(|paragraph| paragraph.trim().lines().collect()).collect();
        let context = BTreeMap::from([
            ("name", name.into()),
            ("service_url", self.service_url.as_str().into()),
            ("title", title.as_str().into()),
            ("paragraphs", Value::from_serialize(&paragraphs)),
            ("text", text.as_str().into()),
        ]);
        Ok(LetterWording {
            text: self.render(&format!("letter.{language}.txt"), &context)?,
            html: self.render(&format!("letter.{language}.html"), &context)?,
            subject: title,
        })
    }
}

fn value(shown: Shown) -> Value {
    match shown {
        Shown::One(text) => text.into(),
        Shown::Many(lines) => lines.into(),
    }
}

/// The files that ship with the program, by their names.
fn shipped_files() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        LETTERS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for kind in NotificationKind::ALL {
        for (language, text) in [Language::Chinese, Language::English].into_iter().zip(shipped(*kind)) {
            files.insert(format!("{kind}.{language}.txt"), text.to_owned());
        }
    }
    files
}

/// The templates of a directory by their names; none where there is no directory. Other files, such as
/// a description, are left alone.
fn files_of(directory: &Path) -> Result<Vec<(String, String)>, PortError> {
    let failed = |path: &Path, error: std::io::Error| PortError(format!("{}: {error}", path.display()));
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(directory, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(directory, error))?.path();
        let is_template = path.extension().is_some_and(|ending| ending == "txt" || ending == "html");
        if let (true, Some(name)) = (is_template, path.file_name()) {
            let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
            files.push((name.to_string_lossy().into_owned(), text));
        }
    }
    Ok(files)
}

/// Adds the templates of a file: a letter's is one, a message's are its title and its text.
fn add(environment: &mut Environment<'static>, name: String, text: &str) -> Result<(), PortError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let parts = match name.strip_suffix(".txt").filter(|stem| !stem.starts_with("letter.")) {
        Some(stem) => {
            let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
            vec![(format!("{stem}.title"), title.to_owned()), (format!("{stem}.text"), rest.to_owned())]
        }
        None => vec![(name.clone(), text)],
    };
    for (part, source) in parts {
        environment.add_template_owned(part, source).map_err(|error| PortError(format!("{name}: {error:#}")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use voucher_domain::notification::FactName;

    use super::*;

    fn load(directory: &Path) -> Result<TemplateSet, PortError> {
        let mut mail = crate::config::Settings::load(None).unwrap().mail;
        mail.templates_directory = directory.to_owned();
        TemplateSet::load(&mail, "https://voucher.example")
    }

    fn error_of(file: &str, text: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(file), text).unwrap();
        load(directory.path()).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn every_message_that_ships_can_be_written_in_both_languages() {
        let set = load(Path::new("no such directory")).unwrap();
        let claimed = NotificationKind::VoucherClaimed;
        let chinese = set.message(claimed, Language::Chinese, &claimed.sample()).unwrap();
        assert!(chinese.title.contains("KJ2026-000123") && chinese.text.contains("50,000.00 元"), "{chinese:?}");
        let english = set.letter(claimed, Language::English, "Li Ming", &claimed.sample()).unwrap();
        assert!(english.text.contains("Li Ming") && english.text.contains("50,000.00 yuan"), "{english:?}");
        assert!(english.html.starts_with("<!DOCTYPE html>") && english.html.contains("<p>"), "{english:?}");
    }

    #[test]
    fn a_file_of_the_directory_goes_before_the_one_that_ships() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("voucher_claimed.zh.txt");
        std::fs::write(file, "\u{feff}领到 {{ number }}\r\n\r\n金额 {{ amount }}\r\n第二行\r\n").unwrap();
        std::fs::write(directory.path().join("README.md"), "not a template").unwrap();
        let set = load(directory.path()).unwrap();
        let kind = NotificationKind::VoucherClaimed;
        let wording = set.message(kind, Language::Chinese, &kind.sample()).unwrap();
        let text = "金额 50,000.00 元\n第二行".to_owned();
        assert_eq!(wording, Wording { title: "领到 KJ2026-000123".to_owned(), text });
    }

    #[test]
    fn what_cannot_be_written_is_named_at_the_start() {
        let unknown = error_of("voucher_claimed.en.txt", "A title\n\n{{ nummer }}\n");
        assert!(unknown.contains("voucher_claimed.en"), "{unknown}");
        let broken = error_of("voucher_claimed.en.txt", "A title\n\n{% if %}\n");
        assert!(broken.contains("voucher_claimed.en.txt"), "{broken}");
        let misnamed = error_of("voucher_claimd.en.txt", "A title\n\nA text\n");
        assert!(misnamed.contains("voucher_claimd.en.txt"), "{misnamed}");
        let untitled = error_of("voucher_claimed.en.txt", "\n\nA text\n");
        assert!(untitled.contains("voucher_claimed.en.txt"), "{untitled}");
    }

    #[test]
    fn what_people_wrote_neither_breaks_a_subject_nor_becomes_html() {
        let set = load(Path::new("no such directory")).unwrap();
        let kind = NotificationKind::ProjectSubmitted;
        let facts = kind.sample().with(FactName::Title, "a\r\nBcc: b@c.d <script>x</script>");
        let letter = set.letter(kind, Language::English, "<b>Li</b>", &facts).unwrap();
        assert!(!letter.subject.contains(['\r', '\n']), "{letter:?}");
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>"), "{letter:?}");
        assert!(letter.text.contains("<b>Li</b>"), "{letter:?}");
    }
}

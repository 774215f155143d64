//! How a thing goes from state to state: each state offers its actions, and what is not offered is
//! refused by name.

use crate::code::Code;
use crate::refusal::Refusal;
use crate::text::Text;

/// A code that people are told about in Chinese; in English the code itself is readable.
pub trait Named: Code {
    /// What people call it in Chinese.
    fn chinese(self) -> &'static str;

    /// What people call it in English: the code with spaces.
    fn english(self) -> String {
        self.code().replace('_', " ")
    }
}

/// The actions that a state offers, each with the state it leads to.
pub type Offers<Action, Status> = &'static [(Action, Status)];

/// The state that the action leads to.
///
/// # Errors
/// `invalid_state` naming the state, the action and what could be done instead.
pub fn step<Action: Named, Status: Named>(
    subject: &Text,
    status: Status,
    action: Action,
    offers: Offers<Action, Status>,
) -> Result<Status, Refusal> {
    offers
        .iter()
        .find(|(offered, _)| *offered == action)
        .map(|(_, next)| *next)
        .ok_or_else(|| not_offered(subject, status, action, offers))
}

fn not_offered<Action: Named, Status: Named>(
    subject: &Text,
    status: Status,
    action: Action,
    offers: Offers<Action, Status>,
) -> Refusal {
    let chinese = offers.iter().map(|(offered, _)| offered.chinese()).collect::<Vec<_>>().join("、");
    let english = offers.iter().map(|(offered, _)| offered.english()).collect::<Vec<_>>().join(", ");
    let (chinese, english) = if offers.is_empty() {
        ("该状态下已无可进行的操作。".to_owned(), "Nothing more can be done in this state.".to_owned())
    } else {
        (format!("当前可进行的操作:{chinese}。"), format!("What can be done now: {english}."))
    };
    Refusal::invalid_state(
        format!("{}当前为“{}”,不能{}。{chinese}", subject.zh, status.chinese(), action.chinese()),
        format!("{} is {}; this state does not allow: {}. {english}", subject.en, status.english(), action.english()),
    )
}

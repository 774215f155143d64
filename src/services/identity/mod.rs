//! Accounts: registering, proving an address, logging in, and the people an administrator invites.

mod account;
mod forms;
mod login;
mod organization;
mod password;
mod register;
mod users;

pub(crate) use account::with_phone;
pub use account::{MeChange, MeView, OrganizationView, UserView, change_me, me};
pub(crate) use forms::{check_address, explain_taken};
pub use login::{LoginForm, RefreshForm, Tokens, log_in, log_out, prepare_log_in, refresh};
pub use organization::{OrganizationChange, change_organization};
pub use password::{ForgottenForm, ResetForm, forgot, prepare_reset, reset};
pub use register::{
    RegisterForm, Registered, TokenForm, activate, create_first_admin, has_no_admin, prepare_register, register,
    verify_email,
};
pub(crate) use register::{move_address, new_user, open_account, record_act};
pub use users::{
    ColleagueForm, ColleaguesQuery, InviteForm, UserChange, UsersQuery, change_user, colleagues, invite,
    invite_colleague, list_users, remove_colleague, show_user,
};
pub(crate) use users::{check_person, close_account};

//! The rules of 《首都科技条件平台与科技创新券实施办法(修订版)》 (京科发〔2023〕16号), as pure functions of values.
//!
//! Nothing here reads a clock, a file, a database or the network: every fact a rule needs is an
//! argument, and every answer is a value. Reading the modules in the order below is reading the
//! regulation; each rule names its article.

// What the rules are written in.
pub mod code;
pub mod finding;
mod hexadecimal;
pub mod input;
pub mod money;
pub mod period;
pub mod refusal;
pub mod text;
pub mod transition;

// The numbers (data under `config/policies/`) and who may act.
pub mod actor;
pub mod policy;
// What of people is kept from the eyes of others.
pub mod privacy;

// 第七条: who may claim.
pub mod applicant;
// 第四、十五条: the order of claims, open to everybody.
pub mod attempt;
// 第五、六条: who sells the services.
pub mod facility;
// 第五、九条: how what they offer is found and filled in.
pub mod catalogue;
// 第十二、十五条: the voucher's life.
pub mod contract;
pub mod cycle;
pub mod disbursement;
pub mod draw;
pub mod notice;
pub mod project;
pub mod redemption;
pub mod review;
pub mod voucher;
// 第十一、十三、十四条: the yearly assessment of facilities, and what follows from it.
pub mod assessment;
// 第十六、十七条: what must not be done, and what follows from it.
pub mod supervision;
// What has to be done by when, and when people are reminded.
pub mod due;
// The money behind it, and the trace of every change.
pub mod audit;
pub mod event;
pub mod ledger;
// What waits for whom, and what can be expected.
pub mod worklist;
// What people are told of it.
pub mod notification;

#[cfg(test)]
mod fixtures;

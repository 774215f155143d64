//! The whole table of routes on one page: path, use case, who may call, what it refuses.
//!
//! What follows from a row's form (401, 403, 404, 422 …) is not said here; `refuses` names the
//! refusals of the route's own rules.

use utoipa::openapi::path::HttpMethod::{Delete, Get, Patch, Post, Put};
use voucher_domain::actor::Role::{self, Admin, Applicant, Auditor, Expert, Facility, Officer};
use voucher_domain::refusal::RefusalCode as Code;

use super::route::{
    Route, download, file_with_query, plain, upload, with_body, with_id, with_id_and_body, with_id_and_query, with_prepared_body, with_query,
    with_word, with_word_and_body,
};
use crate::services::{
    Program, applicant, assessment, audit, calendar, catalogue, claim, contract, cycle, deadlines as open_deadlines, development, disbursement, draw, facility, file, identity, import, notice, notification, outbox, policy, privacy as personal, project, redemption, review, supervision as sanctioning, voucher, worklist,
};

/// The two sides of a voucher, and those of the commission who see everything.
const PARTIES: [Role; 4] = [Applicant, Facility, Officer, Auditor];

/// The routes that a program serves.
pub fn table(program: &Program) -> Vec<Route> {
    let mut routes = all();
    if program.simulated_clock.is_some() {
        routes.extend(development());
    }
    routes
}

/// Every route of a program in earnest.
pub fn all() -> Vec<Route> {
    [
        identity(), privacy(), applicants(), cycles_and_vouchers(), facilities(), joining(), projects(), contracts(), files(), redemptions(), reviews(),
        notices(), disbursements(), supervision(), notifications(), deadlines(), assessments(), auditing(),
    ]
    .into_iter().flatten().collect()
}

fn development() -> Vec<Route> {
    vec![
        plain(Get, "/dev/clock", development::clock).public().says("查看模拟时钟", "Read the simulated clock"),
        with_body(Put, "/dev/clock", development::move_clock).public().unversioned().says("拨动模拟时钟", "Move the simulated clock forward"),
    ]
}

fn identity() -> Vec<Route> {
    vec![
        with_prepared_body(Post, "/auth/register", identity::prepare_register, identity::register)
            .public().created().rate_limited().refuses(&[Code::AlreadyExists]).says("注册", "Register an organization"),
        with_body(Post, "/auth/verify-email", identity::verify_email)
            .public().not_replayable().rate_limited().says("验证邮箱", "Prove an address"),
        with_prepared_body(Post, "/auth/login", identity::prepare_log_in, identity::log_in)
            .public().not_replayable().rate_limited().refuses(&[Code::AccountLocked, Code::Forbidden]).says("登录", "Log in"),
        with_body(Post, "/auth/refresh", identity::refresh)
            .public().not_replayable().rate_limited().says("换取新令牌", "Get the next tokens"),
        with_body(Post, "/auth/logout", identity::log_out).not_replayable().says("退出登录", "Log out"),
        with_body(Post, "/auth/password/forgot", identity::forgot)
            .public().accepted().not_replayable().rate_limited().says("忘记密码", "Forget a password"),
        with_prepared_body(Post, "/auth/password/reset", identity::prepare_reset, identity::reset)
            .public().not_replayable().rate_limited().says("设置密码", "Set a password"),
        plain(Get, "/me", identity::me).says("当前账号", "Who is logged in"),
        with_body(Patch, "/me", identity::change_me).says("修改本人账号", "Change the own account"),
        with_body(Post, "/users", identity::invite)
            .only(&[Admin]).created().refuses(&[Code::AlreadyExists]).says("邀请工作人员或专家", "Invite one of the commission's people"),
        with_query("/users", identity::list_users).only(&[Admin]).says("账号列表", "List accounts"),
        with_id(Get, "/users/{id}", identity::show_user).only(&[Admin]).on_record().says("一个账号(含电话)", "An account, with its telephone number"),
        with_id_and_body(Patch, "/users/{id}", identity::change_user).only(&[Admin]).says("修改账号", "Change an account"),
        with_body(Patch, "/me/organization", identity::change_organization)
            .only(&[Applicant, Facility]).unversioned().says("更新本单位信息", "Change what the organization states of itself"),
        with_query("/me/organization/users", identity::colleagues).only(&[Applicant, Facility]).says("本单位同事", "List colleagues"),
        with_body(Post, "/me/organization/users", identity::invite_colleague)
            .only(&[Applicant, Facility]).created().refuses(&[Code::AlreadyExists]).says("邀请同事", "Invite a colleague"),
        with_id(Delete, "/me/organization/users/{id}", identity::remove_colleague)
            .only(&[Applicant, Facility]).refuses(&[Code::ValidationFailed]).says("移除同事", "Remove a colleague"),
    ]
}

fn privacy() -> Vec<Route> {
    vec![
        plain(Get, "/me/data-export", personal::export).on_record().rate_limited().says("导出本人信息", "Take along what is held about oneself"),
        with_body(Post, "/me/corrections", personal::ask).created().says("申请更正本人信息", "Ask for a correction of what is held about oneself"),
        with_query("/me/corrections", personal::own).says("本人的更正申请", "List one's requests for corrections"),
        with_id(Post, "/me/corrections/{id}/withdraw", personal::withdraw).refuses(&[Code::InvalidState]).says("撤回更正申请", "Take a request back"),
        with_query("/corrections", personal::corrections).only(&[Admin]).says("更正申请列表", "List requests for corrections"),
        with_id(Get, "/corrections/{id}", personal::show).only(&[Admin]).on_record().says("更正申请", "A request for a correction"),
        with_id_and_body(Post, "/corrections/{id}/decision", personal::decide)
            .only(&[Admin]).refuses(&[Code::InvalidState, Code::SamePerson, Code::AlreadyExists]).says("办理更正申请", "Decide a request for a correction"),
    ]
}

fn applicants() -> Vec<Route> {
    vec![
        plain(Get, "/me/profile", applicant::profile).only(&[Applicant]).says("申领单位信息", "Read the applicant's facts"),
        with_body(Put, "/me/profile", applicant::state_profile).only(&[Applicant]).says("填写申领单位信息", "State the applicant's facts"),
        with_query("/me/eligibility", applicant::eligibility)
            .only(&[Applicant]).refuses(&[Code::NotFound]).says("申领资格", "What the rules find"),
        with_body(Post, "/eligibility/check", applicant::try_eligibility).public().reads().says("资格试算", "Try the rules"),
        plain(Get, "/policies", policy::list).public().says("政策列表", "List policies"),
        with_word(Get, "/policies/{id}", policy::show).public().says("政策参数", "A policy's numbers"),
    ]
}

fn cycles_and_vouchers() -> Vec<Route> {
    vec![
        with_body(Post, "/cycles", cycle::create).only(&[Officer]).created().says("新建发放周期", "Make a cycle"),
        with_query("/cycles", cycle::list).public().says("发放周期列表", "List cycles"),
        with_id(Get, "/cycles/{id}", cycle::show).public().on_board().says("发放周期", "A cycle"),
        with_id_and_body(Patch, "/cycles/{id}", cycle::amend)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("修改草稿周期", "Change a draft"),
        with_id(Post, "/cycles/{id}/publish", cycle::publish)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::ValidationFailed]).says("发布周期", "Announce a cycle"),
        with_id(Post, "/cycles/{id}/close", cycle::close).only(&[Officer]).refuses(&[Code::InvalidState]).says("提前结束周期", "End a cycle"),
        with_body(Post, "/vouchers", claim::try_claim).only(&[Applicant]).created().moves_money().offers_dry_run().in_lane()
            .refuses(&[Code::NotFound, Code::CycleNotOpen, Code::SingleCapExceeded, Code::NotEligible, Code::Banned, Code::AnnualLimitExceeded, Code::PoolExhausted])
            .says("领取创新券", "Claim a voucher"),
        with_id_and_query("/cycles/{id}/attempts", claim::attempts)
            .public().refuses(&[Code::ValidationFailed]).says("领取记录链(不含姓名)", "The chain of attempts, without names"),
        with_query("/vouchers", voucher::list).only(&PARTIES).says("创新券列表", "List vouchers"),
        with_id(Get, "/vouchers/{id}", voucher::show).only(&PARTIES).on_record().says("创新券", "A voucher"),
        with_id_and_query("/vouchers/{id}/events", voucher::events).only(&PARTIES).on_record().says("创新券经历", "What happened to a voucher"),
        with_id(Post, "/vouchers/{id}/cancel", voucher::cancel)
            .only(&[Applicant]).refuses(&[Code::InvalidState, Code::RegistrationOverdue]).says("退回创新券", "Give a voucher back"),
    ]
}

fn facilities() -> Vec<Route> {
    vec![
        with_body(Post, "/facilities", facility::enter)
            .only(&[Officer]).created().refuses(&[Code::AlreadyExists, Code::InvalidState, Code::Banned]).says("录入市属开放单位", "Enter a municipal institution"),
        with_query("/facilities", facility::list).public().says("开放单位列表", "List facilities"),
        with_id(Get, "/facilities/{id}", facility::show).public().says("开放单位", "A facility"),
        plain(Get, "/me/facility", facility::mine).only(&[Facility]).refuses(&[Code::NotFound]).says("本开放单位", "Read the own facility"),
        with_body(Put, "/me/facility", facility::state)
            .only(&[Facility]).refuses(&[Code::NotFound, Code::InvalidState]).says("填写、更新开放单位信息", "State the facility's particulars"),
        with_body(Post, "/me/facility/application", facility::apply).only(&[Facility]).created()
            .refuses(&[Code::NotFound, Code::InvalidState, Code::EvidenceMissing, Code::NotEligible, Code::Banned]).says("申请成为开放单位", "Apply to become a facility"),
        with_body(Post, "/me/facility/exit", facility::announce_exit)
            .only(&[Facility]).refuses(&[Code::NotFound, Code::InvalidState]).says("申请退出", "Announce the exit"),
        plain(Delete, "/me/facility/exit", facility::withdraw_exit)
            .only(&[Facility]).refuses(&[Code::NotFound, Code::InvalidState]).says("撤回退出申请", "Take the exit back"),
        with_body(Post, "/me/facility/instruments", facility::add_instrument)
            .only(&[Facility]).created().refuses(&[Code::NotFound]).says("发布仪器设备", "List an instrument"),
        with_query("/me/facility/instruments", facility::own_instruments)
            .only(&[Facility]).refuses(&[Code::NotFound]).says("本单位仪器设备", "List the own instruments"),
        upload("/me/facility/instruments/import", import::prepare_instruments, import::import_instruments)
            .only(&[Facility]).offers_dry_run().refuses(&[Code::NotFound]).says("批量导入仪器设备", "Import instruments from a table"),
        file_with_query("/me/facility/instruments/import/template", import::instruments_template)
            .only(&[Facility]).says("仪器设备导入模板", "The table to import instruments with"),
        with_id(Get, "/me/facility/instruments/{id}", facility::own_instrument).only(&[Facility]).says("本单位的一台仪器设备", "An own instrument"),
        with_id_and_body(Patch, "/me/facility/instruments/{id}", facility::change_instrument)
            .only(&[Facility]).refuses(&[Code::InvalidState]).says("修改仪器设备", "Change an instrument"),
        with_id(Delete, "/me/facility/instruments/{id}", facility::remove_instrument).only(&[Facility]).says("下架仪器设备", "Take an instrument off"),
        with_body(Post, "/me/facility/services", facility::add_service)
            .only(&[Facility]).created().refuses(&[Code::NotFound]).says("发布服务项目", "List a service"),
        with_query("/me/facility/services", facility::own_services)
            .only(&[Facility]).refuses(&[Code::NotFound]).says("本单位服务项目", "List the own services"),
        upload("/me/facility/services/import", import::prepare_services, import::import_services)
            .only(&[Facility]).offers_dry_run().refuses(&[Code::NotFound]).says("批量导入服务项目", "Import services from a table"),
        file_with_query("/me/facility/services/import/template", import::services_template)
            .only(&[Facility]).says("服务项目导入模板", "The table to import services with"),
        with_id(Get, "/me/facility/services/{id}", facility::own_service).only(&[Facility]).says("本单位的一项服务", "An own service"),
        with_id_and_body(Patch, "/me/facility/services/{id}", facility::change_service)
            .only(&[Facility]).refuses(&[Code::InvalidState]).says("修改服务项目", "Change a service"),
        with_id(Delete, "/me/facility/services/{id}", facility::remove_service).only(&[Facility]).says("下架服务项目", "Take a service off"),
        with_query("/instruments", catalogue::instruments).public().says("仪器设备目录", "List instruments"),
        with_id(Get, "/instruments/{id}", catalogue::show_instrument).public().says("一台仪器设备", "An instrument"),
        with_query("/services", catalogue::services).public().says("服务项目目录", "List services"),
        with_id(Get, "/services/{id}", catalogue::show_service).public().says("一项服务", "A service"),
    ]
}

fn joining() -> Vec<Route> {
    vec![
        with_query("/facility-applications", facility::applications).only(&[Officer, Auditor]).says("开放单位申请列表", "List applications of facilities"),
        with_id(Get, "/facility-applications/{id}", facility::application).only(&[Officer, Auditor]).says("开放单位申请", "An application of a facility"),
        with_id_and_body(Post, "/facility-applications/{id}/decision", facility::decide)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::NotEligible]).says("审核开放单位申请", "Decide an application of a facility"),
        with_query("/facility-changes", facility::changes).only(&[Officer, Auditor]).says("开放单位信息变更列表", "List changes of facilities"),
        with_id(Get, "/facility-changes/{id}", facility::facility_change).only(&[Officer, Auditor]).says("开放单位信息变更", "A change of a facility"),
        with_id_and_body(Post, "/facility-changes/{id}/decision", facility::decide_change)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("审核开放单位信息变更", "Decide a change of a facility"),
        with_body(Post, "/recognition-agreements", facility::enter_agreement).only(&[Officer]).created().says("录入收券互认协议", "Enter a recognition agreement"),
        with_query("/recognition-agreements", facility::agreements).public().says("收券互认协议", "List recognition agreements"),
    ]
}

fn projects() -> Vec<Route> {
    vec![
        with_body(Post, "/projects", project::create)
            .only(&[Applicant]).created().refuses(&[Code::FacilityNotActive]).says("新建合作项目", "Write a project"),
        with_id_and_body(Put, "/projects/{id}", project::change)
            .only(&[Applicant]).refuses(&[Code::InvalidState, Code::FacilityNotActive]).says("修改合作项目", "Write a project anew"),
        with_id(Post, "/projects/{id}/submit", project::submit)
            .only(&[Applicant]).refuses(&[Code::InvalidState, Code::NotEligible, Code::FacilityNotActive, Code::Banned]).says("提交合作项目", "Propose a project"),
        with_id_and_body(Post, "/projects/{id}/accept", project::accept)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::NotEligible, Code::FacilityNotActive]).says("确认合作项目", "Accept a project"),
        with_id_and_body(Post, "/projects/{id}/return", project::give_back)
            .only(&[Facility]).refuses(&[Code::InvalidState]).says("退回合作项目", "Return a project"),
        with_id_and_body(Post, "/projects/{id}/decline", project::decline)
            .only(&[Facility]).refuses(&[Code::InvalidState]).says("谢绝合作项目", "Decline a project"),
        with_query("/projects", project::list).only(&[Applicant, Facility, Officer, Auditor]).says("合作项目列表", "List projects"),
        with_id(Get, "/projects/{id}", project::show).on_record().says("合作项目", "A project"),
        with_id_and_query("/projects/{id}/events", project::events).on_record().says("合作项目经历", "What happened to a project"),
    ]
}

fn contracts() -> Vec<Route> {
    vec![
        with_body(Post, "/contracts", contract::register).only(&[Facility]).created().offers_dry_run()
            .refuses(&[Code::NotFound, Code::ProjectNotAccepted, Code::FacilityNotActive, Code::Banned, Code::RegistrationOverdue, Code::ValidityExceeded, Code::VoucherNotClaimed, Code::ShareExceeded, Code::RedemptionOverdue, Code::AlreadyExists])
            .says("登记服务合同", "Register a contract"),
        with_id_and_body(Patch, "/contracts/{id}", contract::amend)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::RedemptionOverdue, Code::FacilityNotActive, Code::ShareExceeded, Code::ValidityExceeded])
            .says("变更服务合同", "Amend a contract"),
        with_id_and_body(Post, "/contracts/{id}/terminate", contract::terminate)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::RedemptionOverdue]).says("终止服务合同", "End a contract before the service"),
        with_id_and_body(Post, "/contracts/{id}/complete", contract::complete)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::RedemptionOverdue]).says("登记合同完成", "Record that the service is done"),
        with_query("/contracts", contract::list).only(&[Applicant, Facility, Officer, Auditor]).says("服务合同列表", "List contracts"),
        with_id(Get, "/contracts/{id}", contract::show).says("服务合同", "A contract"),
        with_id_and_query("/contracts/{id}/events", contract::events).says("服务合同经历", "What happened to a contract"),
    ]
}

fn files() -> Vec<Route> {
    vec![
        upload("/files", file::prepare_upload, file::store).created().says("上传文件", "Upload a file"),
        download("/files/{id}", file::fetch).on_record().says("下载文件", "Download a file"),
    ]
}

fn redemptions() -> Vec<Route> {
    vec![
        with_body(Post, "/redemptions", redemption::create).only(&[Facility]).created().offers_dry_run()
            .refuses(&[Code::NotFound, Code::InvalidState, Code::RedemptionOverdue, Code::AlreadyExists])
            .says("填写兑现申请", "Write a redemption"),
        with_query("/redemptions", redemption::list).only(&[Applicant, Facility, Officer, Auditor]).says("兑现申请列表", "List redemptions"),
        with_id(Get, "/redemptions/{id}", redemption::show).on_record().says("兑现申请", "A redemption"),
        with_id_and_body(Put, "/redemptions/{id}", redemption::update)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::RedemptionOverdue, Code::InvoiceReused]).says("修改兑现申请", "Change a redemption"),
        with_id_and_query("/redemptions/{id}/events", redemption::events).on_record().says("兑现申请经历", "What happened to a redemption"),
        with_id(Post, "/redemptions/{id}/submit", redemption::submit).only(&[Facility]).offers_dry_run()
            .refuses(&[Code::InvalidState, Code::RedemptionTooEarly, Code::RedemptionOverdue, Code::EvidenceMissing, Code::InvoiceReused])
            .says("提交兑现申请", "Hand a redemption in"),
        with_id(Post, "/redemptions/{id}/withdraw", redemption::withdraw)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::RedemptionOverdue]).says("撤回兑现申请", "Take a redemption back"),
        with_id_and_body(Post, "/redemptions/{id}/confirm", redemption::confirm)
            .only(&[Applicant]).refuses(&[Code::InvalidState, Code::RedemptionOverdue]).says("申领单位确认", "Confirm a redemption"),
        with_id_and_body(Post, "/redemptions/{id}/accept", redemption::accept)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("受理兑现申请", "Accept a redemption for review"),
        with_id_and_body(Post, "/redemptions/{id}/return", redemption::return_for_correction)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("退回兑现申请补正", "Return a redemption for correction"),
    ]
}

fn reviews() -> Vec<Route> {
    vec![
        with_id_and_body(Post, "/redemptions/{id}/panel", review::draw)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("抽取评审专家", "Draw experts"),
        with_id(Get, "/redemptions/{id}/panel", review::panels).only(&[Officer, Auditor]).says("专家抽取记录", "The draws of experts"),
        with_id(Get, "/redemptions/{id}/reviews", review::of_redemption).only(&[Officer, Auditor]).says("兑现申请的评审意见", "The reviews of a redemption"),
        with_query("/reviews", review::list).only(&[Expert]).says("待评审列表", "List one's reviews"),
        with_id(Get, "/reviews/{id}", review::show).only(&[Expert, Officer, Auditor]).on_record().says("评审", "A review"),
        with_id_and_body(Put, "/reviews/{id}", review::give)
            .only(&[Expert]).refuses(&[Code::InvalidState, Code::ConflictOfInterest]).says("提交评审意见", "Give an opinion"),
        with_id_and_body(Post, "/reviews/{id}/recuse", review::recuse)
            .only(&[Expert]).refuses(&[Code::InvalidState]).says("申请回避", "Step back from a review"),
        with_id_and_body(Post, "/redemptions/{id}/inquiries", review::arrange)
            .only(&[Officer]).created().refuses(&[Code::InvalidState]).says("组织现场调研或答辩", "Arrange a site visit or defence"),
        with_id(Get, "/redemptions/{id}/inquiries", review::inquiries).says("现场调研与答辩", "The site visits and defences"),
        with_id_and_body(Put, "/inquiries/{id}", review::record_outcome)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("记录调研答辩结果", "Record what an inquiry came to"),
        with_id_and_body(Post, "/redemptions/{id}/conclude", review::conclude)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("形成评审结论", "Conclude a review"),
        with_id_and_body(Post, "/redemptions/{id}/approve", review::approve)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::SamePerson]).says("批准评审结论", "Approve a conclusion"),
    ]
}

fn notices() -> Vec<Route> {
    vec![
        with_body(Post, "/notices", notice::publish)
            .only(&[Officer]).created().refuses(&[Code::NotFound, Code::InvalidState, Code::ObjectionOpen]).says("发布公示", "Publish what is approved"),
        with_query("/notices", notice::list).public().says("公示列表", "List notices"),
        with_id(Get, "/notices/{id}", notice::show).public().says("公示", "A notice"),
        with_id_and_body(Post, "/notices/{id}/objections", notice::object)
            .public().created().rate_limited().refuses(&[Code::InvalidState]).says("提出异议", "Object, under a real name"),
        with_id_and_query("/notices/{id}/objections", notice::objections).only(&[Officer, Auditor]).says("异议列表", "List objections"),
        with_id(Get, "/objections/{id}", notice::show_objection).only(&[Officer, Auditor]).on_record().says("异议(含异议人及联系方式)", "An objection, with who makes it"),
        with_id_and_body(Post, "/objections/{id}/resolve", notice::resolve)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::PoolExhausted]).says("处理异议", "Resolve an objection"),
    ]
}

fn disbursements() -> Vec<Route> {
    vec![
        with_body(Post, "/disbursements", disbursement::prepare).only(&[Officer]).created().moves_money()
            .refuses(&[Code::NotFound, Code::QuarterClosed, Code::PaymentSuspended, Code::NoticeRunning, Code::ObjectionOpen, Code::InvalidState])
            .says("编制拨付批次", "Put a payment batch together"),
        with_query("/disbursements", disbursement::list).only(&[Officer, Auditor]).says("拨付批次列表", "List payment batches"),
        with_id(Get, "/disbursements/{id}", disbursement::show).only(&[Officer, Auditor]).says("拨付批次", "A payment batch"),
        with_id(Post, "/disbursements/{id}/approve", disbursement::approve).only(&[Officer]).moves_money()
            .refuses(&[Code::InvalidState, Code::SamePerson, Code::QuarterClosed, Code::PaymentSuspended]).says("批准拨付批次", "Approve a payment batch"),
        download("/disbursements/{id}/export", disbursement::export)
            .only(&[Officer]).on_record().refuses(&[Code::InvalidState, Code::PaymentSuspended]).says("导出拨付文件", "Export the payment file"),
        with_id(Post, "/disbursements/{id}/withhold", disbursement::withhold).only(&[Officer])
            .refuses(&[Code::InvalidState]).says("撤出暂停拨付的明细", "Take suspended lines out of a batch"),
        with_id_and_body(Post, "/disbursements/{id}/results", disbursement::record_results).only(&[Officer]).moves_money()
            .refuses(&[Code::InvalidState]).says("登记拨付结果", "Record the bank's results"),
    ]
}

fn supervision() -> Vec<Route> {
    vec![
        with_body(Post, "/violations", sanctioning::record).only(&[Officer]).created().says("违规立案", "Record a violation"),
        with_query("/violations", sanctioning::list).only(&PARTIES).says("违规事项列表", "List violations"),
        with_id(Get, "/violations/{id}", sanctioning::show).only(&PARTIES).says("违规事项", "A violation"),
        with_id_and_body(Post, "/violations/{id}/statement", sanctioning::make_statement)
            .only(&[Applicant, Facility]).refuses(&[Code::InvalidState]).says("陈述申辩", "State one's side of a violation"),
        with_id_and_body(Post, "/violations/{id}/decision", sanctioning::decide)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("拟定处理决定", "Propose sanctions"),
        with_id(Post, "/violations/{id}/approve", sanctioning::approve)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::SamePerson, Code::ValidationFailed]).says("批准处理决定", "Approve sanctions"),
        with_id_and_body(Post, "/violations/{id}/drop", sanctioning::drop_violation)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("不予处理", "Drop a violation"),
        with_query("/sanctions", sanctioning::sanctions).only(&[Officer, Auditor]).says("处理措施列表", "List sanctions"),
        with_id(Get, "/sanctions/{id}", sanctioning::sanction).only(&[Officer, Auditor]).says("处理措施", "A sanction"),
        with_id_and_body(Post, "/sanctions/{id}/lift", sanctioning::lift)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("解除处理措施", "Lift a sanction"),
        with_query("/clawbacks", sanctioning::clawbacks).only(&[Officer, Auditor]).says("追回事项列表", "List clawbacks"),
        with_id(Get, "/clawbacks/{id}", sanctioning::clawback).only(&[Officer, Auditor]).says("追回事项", "A clawback"),
        with_id_and_body(Post, "/clawbacks/{id}/receipts", sanctioning::receive).only(&[Officer]).created().moves_money()
            .refuses(&[Code::InvalidState, Code::AlreadyExists]).says("登记追回到账", "Record what came of a clawback"),
        file_with_query("/credit-records", sanctioning::credit_records)
            .only(&[Officer, Auditor]).on_record().says("导出科技信用记录", "Export credit records"),
    ]
}

fn deadlines() -> Vec<Route> {
    vec![
        with_query("/me/deadlines", open_deadlines::list).refuses(&[Code::ValidationFailed]).says("我的待办期限", "What the caller has to do by when"),
        plain(Get, "/me/worklist", worklist::list).only(&[Applicant, Facility, Expert, Officer]).says("我的待办事项", "What waits for the caller"),
        file_with_query("/me/deadlines.ics", open_deadlines::fetch)
            .public().rate_limited().refuses(&[Code::NotFound]).says("期限日历(iCalendar)", "The deadlines as a calendar, under a secret address"),
        plain(Post, "/me/deadlines/feed", open_deadlines::secret_address)
            .created().not_replayable().says("生成日历订阅地址", "Make the secret address of the calendar"),
        plain(Delete, "/me/deadlines/feed", open_deadlines::revoke).refuses(&[Code::NotFound]).says("撤销日历订阅地址", "End the secret address of the calendar"),
        with_word(Get, "/calendar/{year}", calendar::show).public().says("节假日安排", "The rest days of a year"),
        with_word_and_body(Put, "/calendar/{year}", calendar::load)
            .only(&[Officer]).refuses(&[Code::ValidationFailed]).says("载入节假日安排", "Load the rest days of a year"),
    ]
}

fn assessments() -> Vec<Route> {
    vec![
        with_body(Post, "/assessments", assessment::create)
            .only(&[Officer]).created().refuses(&[Code::AlreadyExists]).says("编制年度绩效考核", "Prepare a yearly assessment"),
        with_query("/assessments", assessment::list).public().says("绩效考核列表", "List yearly assessments"),
        with_id(Get, "/assessments/{id}", assessment::show).public().says("年度绩效考核", "A yearly assessment"),
        with_id_and_body(Patch, "/assessments/{id}", assessment::change)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("修改未发布的绩效考核", "Change an assessment that is not announced"),
        with_id(Post, "/assessments/{id}/announce", assessment::announce)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::ValidationFailed]).says("发布绩效考核通知", "Announce an assessment"),
        with_id(Get, "/assessments/{id}/submission", assessment::own)
            .only(&[Facility]).says("本单位考核申报(含预填数据)", "The own submission, with what the records say"),
        with_id_and_body(Put, "/assessments/{id}/submission", assessment::write)
            .only(&[Facility]).refuses(&[Code::InvalidState, Code::FacilityNotActive]).says("填写考核申报", "Write the own submission"),
        with_id(Post, "/assessments/{id}/submit", assessment::submit).only(&[Facility])
            .refuses(&[Code::InvalidState, Code::FacilityNotActive, Code::Banned, Code::EvidenceMissing]).says("提交考核申报", "Hand the own submission in"),
        with_id_and_query("/assessments/{id}/submissions", assessment::submissions)
            .only(&[Officer, Auditor]).says("考核申报列表", "List the submissions to an assessment"),
        with_id(Get, "/assessment-submissions/{id}", assessment::show_submission)
            .only(&[Officer, Auditor]).says("考核申报", "A submission to an assessment"),
        with_id(Post, "/assessments/{id}/panel", assessment::draw_panels)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("抽取考核评审专家", "Draw experts for the submissions"),
        with_query("/assessment-reviews", assessment::reviews).only(&[Expert]).says("待评分列表", "List one's reviews of submissions"),
        with_id(Get, "/assessment-reviews/{id}", assessment::show_review)
            .only(&[Expert, Officer, Auditor]).says("考核评分", "A review of a submission"),
        with_id_and_body(Put, "/assessment-reviews/{id}", assessment::give_scores)
            .only(&[Expert]).refuses(&[Code::InvalidState, Code::ConflictOfInterest]).says("提交考核评分", "Score a submission"),
        with_id_and_body(Post, "/assessment-reviews/{id}/recuse", assessment::recuse_from)
            .only(&[Expert]).refuses(&[Code::InvalidState]).says("考核评审回避", "Step back from a submission"),
        with_id(Post, "/assessments/{id}/visits", assessment::draw_visits)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("抽取实地核查单位", "Draw whom to visit"),
        with_id_and_body(Put, "/assessment-submissions/{id}/visit", assessment::record_visit)
            .only(&[Officer]).refuses(&[Code::InvalidState]).says("记录实地核查结果", "Record what a visit found"),
        with_id(Get, "/assessments/{id}/proposal", assessment::proposal)
            .only(&[Officer, Auditor]).refuses(&[Code::InvalidState]).says("支持方案(含按比例核减建议)", "What the submissions come to, beside the budget"),
        with_id_and_body(Post, "/assessments/{id}/grade", assessment::propose_grades)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::PoolExhausted]).says("形成支持方案", "Propose grades and subsidies"),
        with_id(Post, "/assessments/{id}/approve", assessment::decide)
            .only(&[Officer]).refuses(&[Code::InvalidState, Code::SamePerson]).says("批准支持方案", "Decide grades and subsidies"),
        with_id(Get, "/assessments/{id}/results", assessment::results).public().says("考核结果", "The results of an assessment"),
        with_word(Get, "/fund-statements/{year}", assessment::own_funds)
            .only(&[Facility]).says("本单位年度资金使用情况", "The own statement of a year's funds"),
        with_word_and_body(Put, "/fund-statements/{year}", assessment::state_funds)
            .only(&[Facility]).says("填报年度资金使用情况", "State how a year's funds were used"),
        with_query("/fund-statements", assessment::statements).only(&[Officer, Auditor]).says("资金使用情况列表", "List statements of funds"),
    ]
}

fn notifications() -> Vec<Route> {
    vec![
        with_query("/notifications", notification::list).says("通知列表", "List what one was told"),
        with_id(Post, "/notifications/{id}/read", notification::mark_read).says("标记通知为已读", "Mark a notification as read"),
        with_query("/outbox", outbox::list).only(&[Admin]).says("邮件发送情况(不含内容)", "List letters, without what they say"),
        with_id(Post, "/outbox/{id}/retry", outbox::retry)
            .only(&[Admin]).refuses(&[Code::InvalidState]).says("重新发送邮件", "Send a parked letter again"),
    ]
}

fn auditing() -> Vec<Route> {
    vec![
        with_query("/audit-events", audit::list).only(&[Auditor, Admin]).says("审计日志", "List the log of events"),
        file_with_query("/audit-events/export", audit::export).only(&[Auditor, Admin]).on_record().says("导出审计日志", "Export the log of events"),
        plain(Get, "/audit-events/verification", audit::verification)
            .only(&[Auditor, Admin]).says("校验账目与审计日志", "Prove the ledger and the log of events"),
        with_body(Post, "/spot-checks", draw::draw_spot_check)
            .only(&[Officer]).created().refuses(&[Code::InvalidState]).says("抽取抽查对象", "Draw what is inspected"),
        with_query("/spot-checks", draw::spot_checks).only(&[Officer, Auditor]).says("抽查列表", "List spot checks"),
        with_id(Get, "/spot-checks/{id}", draw::spot_check).only(&[Officer, Auditor]).says("抽查", "A spot check"),
        with_query("/draws", draw::list).public().says("随机抽取公示", "The draws, for anybody to repeat"),
        plain(Get, "/draws/commitment", draw::commitment).public().says("下一次抽取的种子摘要", "What the next draw is committed to"),
        with_query("/audit-events/roots", audit::roots).public().says("审计日志每日摘要", "The root of each day's log"),
    ]
}

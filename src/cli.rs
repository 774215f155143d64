//! The command line: `serve`, `migrate`, `admin create`, `rotate-keys`, `verify`, `openapi`.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{App, HttpServer, middleware};
use clap::{Parser, Subcommand};

use crate::config::Settings;
use crate::http::server::{self, Shared};
use crate::http::{openapi, routes};
use crate::services::{Program, draw, identity, privacy, verification};
use crate::{demo, jobs, telemetry, wiring};

/// Innovation vouchers (创新券): claim, register, redeem, review, publish, pay.
#[derive(Debug, Parser)]
#[command(name = "voucher", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API.
    Serve {
        /// Loads a small programme to try, once, with accounts that are printed.
        #[arg(long)]
        demo: bool,
        /// Lets `PUT /api/v1/dev/clock` move the time forward.
        #[arg(long)]
        simulated_clock: bool,
        /// A file of settings that go before the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Brings the store's schema up to date, and seals personal details that never were.
    Migrate {
        /// A file of settings that go before the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Manages the first accounts.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Brings personal details under the first of `privacy.keys`; exit 1 while others still write under another.
    RotateKeys {
        /// A file of settings that go before the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Proves the ledger, the chains of attempts and the log of events; exit 1 and the first fault if it is not whole.
    Verify {
        /// A file of settings that go before the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Prints the OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Creates an administrator; the password is asked for, or read from standard input.
    Create {
        /// The address to log in with.
        #[arg(long)]
        email: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// A file of settings that go before the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

/// Runs a command.
///
/// # Errors
/// What went wrong, for standard error.
pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    match arguments.command {
        Command::Serve { demo, simulated_clock, config } => serve(settings(config)?, demo, simulated_clock).await,
        Command::Migrate { config } => {
            let program = wiring::program(settings(config)?, false)?;
            let done = program.store.migrate().map_err(|error| error.to_string())?;
            if done.is_empty() {
                println!("the schema is up to date");
            }
            done.iter().for_each(|name| println!("migrated {name}"));
            privacy::prepare(&program)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::RotateKeys { config } => rotate_keys(settings(config)?),
        Command::Admin { command: AdminCommand::Create { email, name, config } } => {
            create_admin(settings(config)?, &email, &name)
        }
        Command::Verify { config } => verify(settings(config)?),
        Command::Openapi => {
            let document = openapi::document(&routes::all()).to_pretty_json().map_err(|error| error.to_string())?;
            println!("{document}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn settings(file: Option<PathBuf>) -> Result<Settings, String> {
    Settings::load(file.as_deref()).map_err(|error| error.to_string())
}

async fn serve(mut settings: Settings, load_demo: bool, simulated_clock: bool) -> Result<ExitCode, String> {
    if simulated_clock {
        // A clock that stands still measures no rate, and its days pass in seconds.
        settings.auth.guesses_per_minute = 0;
        settings.jobs.interval_seconds = 1;
    }
    telemetry::start(&settings.log)?;
    let listen = settings.server.listen.clone();
    let workers = settings.server.workers.max(1);
    let program = Arc::new(wiring::program(settings, simulated_clock)?);
    for name in program.store.migrate().map_err(|error| error.to_string())? {
        tracing::info!(name, "migrated");
    }
    privacy::prepare(&program)?;
    // The first draw, too, uses a seed that was committed to before.
    draw::stay_committed(&program).map_err(|failure| failure.to_string())?;
    let welcome = if load_demo { demo::load(&program)? } else { welcome(&program)? };
    let shared = Data::new(Shared::new(Arc::clone(&program)));
    let jobs = jobs::start(&program);
    let bound = HttpServer::new(move || {
        let shared = shared.clone();
        App::new().wrap(middleware::Compress::default()).configure(move |service| server::configure(&shared, service))
    })
    .workers(workers)
    .worker_max_blocking_threads(server::BLOCKING_THREADS)
    .bind(&listen)
    .map_err(|error| format!("{listen}: {error}"))?;
    println!("{welcome}");
    bound.run().await.map_err(|error| error.to_string())?;
    jobs.stop();
    Ok(ExitCode::SUCCESS)
}

fn welcome(program: &Program) -> Result<String, String> {
    let url = &program.settings.server.public_url;
    let mut text = format!("创新券服务已启动 / serving at {url} (文档 / documents: {url}/docs/)");
    if identity::has_no_admin(program)? {
        text.push_str("\n尚无管理员,请先创建 / no administrator yet, make the first one with:\n  voucher admin create --email you@example.org --name 您的姓名");
    }
    Ok(text)
}

fn create_admin(settings: Settings, email: &str, name: &str) -> Result<ExitCode, String> {
    let program = wiring::program(settings, false)?;
    program.store.migrate().map_err(|error| error.to_string())?;
    privacy::prepare(&program)?;
    let password = read_password()?;
    let id = identity::create_first_admin(&program, email, name, &password)?;
    println!("管理员已创建 / administrator created: {email} ({id})");
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<String, String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("密码 / password: ").map_err(|error| error.to_string());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn rotate_keys(settings: Settings) -> Result<ExitCode, String> {
    let program = wiring::program(settings, false)?;
    program.store.migrate().map_err(|error| error.to_string())?;
    let privacy::Rotation { key, resealed, left, retired } = privacy::rotate(&program)?;
    println!("已用密钥 {key} 重新加密 / sealed anew under {key}: {resealed}");
    for id in retired {
        println!("密钥 {id} 已无数据使用,可从配置中移除 / nothing is under {id} any more; it can be taken out");
    }
    if left == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "仍有 {left} 项使用其他密钥:请确认所有服务器均以 {key} 为首个密钥后重试 / {left} are under other keys still: \
         some server writes under another one; put {key} first on all of them and repeat"
    );
    Ok(ExitCode::FAILURE)
}

fn verify(settings: Settings) -> Result<ExitCode, String> {
    let program = wiring::program(settings, false)?;
    let report = verification::verify(&program)?;
    let mut out = std::io::stdout().lock();
    let mut line = |text: String| writeln!(out, "{text}").map_err(|error| error.to_string());
    match report.fault {
        None => {
            line(format!(
                "账目完整 / the ledger is whole (cycles: {}, entries: {}, vouchers: {}, submissions: {}, attempts: {}, events: {})",
                report.cycles, report.entries, report.vouchers, report.submissions, report.attempts, report.events
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Some(fault) => {
            line(format!("账目有误 / the ledger is not whole: {fault}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

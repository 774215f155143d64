//! The `voucher` program.

use std::process::ExitCode;

use clap::Parser;
use innovation_voucher::cli::{self, Arguments};

#[actix_web::main]
async fn main() -> ExitCode {
    match cli::run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("voucher: {error}");
            ExitCode::FAILURE
        }
    }
}

//! `nadi`: one program for a clinic, a hospital network or a health-app maker.
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match nadi::cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nadi: {error:#}");
            ExitCode::FAILURE
        }
    }
}

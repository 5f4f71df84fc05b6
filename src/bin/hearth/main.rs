//! The terminal.

mod bench;
mod generate;
mod given;
mod inspect;
mod options;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Stable Diffusion, from the checkpoints that people have.
#[derive(Parser)]
#[command(name = "hearth", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a picture from a prompt, and from a picture if there is one
    Generate(Box<generate::Generate>),
    /// Tell what a checkpoint is, what it needs, and what is missing or odd
    Inspect(inspect::Inspect),
    /// Measure how fast networks are here, and in how much memory
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    // clap itself ends with 2 on wrong usage.
    let done = match Arguments::parse().command {
        Command::Generate(arguments) => pollster::block_on(generate::generate(&arguments)),
        Command::Inspect(arguments) => pollster::block_on(inspect::inspect(&arguments)),
        Command::Bench(arguments) => pollster::block_on(bench::bench(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hearth: {error}");
            ExitCode::FAILURE
        }
    }
}

//! Command line program `hearth`.

mod bench;
mod evaluate;
mod files;
mod generate;
mod image_args;
mod inspect;
mod model_args;
mod options;
mod params;
mod progress;
mod tiles;

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
    /// Complete pictures whose truth is known, and say how near they came
    Evaluate(Box<evaluate::Evaluate>),
    /// Tell what a checkpoint is, what it needs, and what is missing or odd
    Inspect(inspect::Inspect),
    /// Measure how fast networks and whole pictures are here, and in how much memory
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    // clap itself exits with 2 for invalid usage.
    let done = match Arguments::parse().command {
        Command::Generate(arguments) => pollster::block_on(generate::generate(&arguments)),
        Command::Evaluate(arguments) => pollster::block_on(evaluate::evaluate(&arguments)),
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

//! Command line program `hearth`.

mod adapters;
mod bench;
mod evaluate;
mod files;
mod generate;
mod image_args;
mod inspect;
mod matrix;
mod model_args;
mod model_path;
mod options;
mod output;
mod params;
mod progress;
mod prompts;
mod quiet;
mod sampler_flags;
mod styles;
mod tiles;
mod vae;

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
    /// Inpaint known pictures and score the result against the originals
    Evaluate(Box<evaluate::Evaluate>),
    /// Show what a checkpoint is, what it needs, and what is missing or wrong
    Inspect(inspect::Inspect),
    /// Measure how fast networks and whole pictures are here, and in how much memory
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    // clap itself exits with 2 for invalid usage.
    let arguments = Arguments::parse_from(params::with_joined_texts(std::env::args_os()));
    quiet::silence_display_libraries();
    let done = match arguments.command {
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

//! Entry point of the page's program.
//!
//! The engine is another program, `worker`, so that this one stays small.

fn main() {
    hearth::app::page::start();
}

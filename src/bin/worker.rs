//! Entry point of the engine's program, in a dedicated worker.

fn main() {
    hearth::app::constructors::run();
    hearth::app::worker::start();
}

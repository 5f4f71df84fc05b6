//! The engine's program: runs in a dedicated worker of the page.

fn main() {
    hearth::app::constructors::run();
    hearth::app::worker::start();
}
